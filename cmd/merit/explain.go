package main

import (
	"strings"
	"time"

	"github.com/jedib0t/go-pretty/v6/table"

	"merit/pipelines"
	"merit/pipelines/results"
)

type explainCommand struct {
	Rep    string `arg:"" help:"rep_id or name, as the roster has it."`
	Period string `arg:"" help:"Fiscal quarter: 2026-Q1."`
	Metric string `arg:"" optional:"" help:"Only this metric, with all of its records; any metric of the catalogue, also one that the role is not measured by."`
	Why    string `help:"Why a goal, rank, badge, streak, mission, action, warning or topic is there: one of actions, badges, boards, challenges, coaching, feed, goals, missions, progress, streaks, warnings." placeholder:"KIND"`
	Most   int    `help:"How many records to show for each metric; 0 is all. Without a metric 5, with one all." default:"-1" hidden:""`
}

// Help is what merit explain --help adds.
func (explainCommand) Help() string {
	return "Shows the score, what each metric gave to it, and the CRM records behind each metric with their ids and links. The records are the very rows that the number is computed from."
}

// Run is called by the command line.
func (c explainCommand) Run(a *app) error {
	job, closeAll, err := a.open(func(pipelines.Event) {}, false)
	if err != nil {
		return err
	}
	defer closeAll()
	built, err := job.Results()
	if err != nil {
		return err
	}
	if c.Rep, err = built.RepID(a.ctx, c.Rep); err != nil {
		return err
	}
	if c.Why != "" {
		reasons, err := built.Why(a.ctx, c.Rep, c.Period, c.Why)
		if err != nil {
			return err
		}
		a.printReasons(reasons)
		return nil
	}
	cards, err := built.Explain(a.ctx, c.Rep, c.Period, c.Metric)
	if err != nil {
		return err
	}
	most := c.Most
	if most < 0 {
		most = 5
		if c.Metric != "" {
			most = 0
		}
	}
	for _, card := range cards {
		a.printCard(card)
		for _, share := range card.Metrics {
			a.printEvidence(share, most)
		}
	}
	return nil
}

// printReasons shows why each thing is there; ids first, since they stay the same.
func (a *app) printReasons(reasons []results.Reason) {
	if len(reasons) == 0 {
		a.printf("nothing of the kind in that quarter\n")
		return
	}
	t := a.table(table.Row{"when", "what", "why", "records", "id"})
	for _, r := range reasons {
		t.AppendRow(table.Row{orDash(r.When), r.What, r.Why, r.Records, r.ID})
	}
	t.Render()
}

func (a *app) printCard(c results.Scorecard) {
	held := ""
	if c.IsHeld {
		held = ", held"
	}
	a.printf("%s (%s), %s, %s: score %s, %s%s\n", c.Name, c.RepID, c.Role, c.Period, orDash(c.Score), orElse(c.Tier, "no tier"), held)
	if a.quiet {
		a.printf("\n")
		return
	}
	a.printf("%s\n\n", coverageOf(c))
	t := a.table(table.Row{"metric", "value", "unit", "floor → target", "attainment", "weight", "records", ""})
	for _, m := range c.Metrics {
		t.AppendRow(table.Row{m.Metric, valueOf(m), m.Unit, rangeOf(m), orDash(trimZeros(m.Attainment)), trimZeros(m.WeightUsed), m.Samples, m.Reason})
	}
	t.Render()
}

// coverageOf says how much of the plan was measured, and what the score would be if
// the values of too few records counted.
func coverageOf(c results.Scorecard) string {
	text := trimZeros(c.Coverage) + " % of the plan was measured"
	if c.CoverageReason != "" {
		text += ": " + c.CoverageReason
	}
	if c.Projected != "" && c.Projected != c.Score {
		text += "; with the values of too few records as they are, the score would be " + c.Projected
	}
	return text
}

// rangeOf is floor and target, where the plan has them.
func rangeOf(m results.MetricShare) string {
	if m.Target == "" {
		return "—"
	}
	return trimZeros(m.Floor) + " → " + trimZeros(m.Target)
}

// valueOf shows the raw value, and beside it what is scored instead.
func valueOf(m results.MetricShare) string {
	if m.Normalised == "" {
		return orDash(trimZeros(m.Value))
	}
	return trimZeros(m.Value) + ", normalised " + trimZeros(m.Normalised)
}

func (a *app) printEvidence(m results.MetricShare, most int) {
	if a.quiet {
		return
	}
	if len(m.Evidence) == 0 {
		if most == 0 {
			a.printf("\n%s: %s\nno record counts for it, for or against\n", m.Metric, m.Title)
		}
		return
	}
	a.printf("\n%s: %s\n", m.Metric, m.Title)
	t := a.table(table.Row{"when (UTC)", "record", "counts", "of", "what happened", "link"})
	for i, e := range m.Evidence {
		if most > 0 && i == most {
			t.AppendRow(table.Row{"", "… " + plural(len(m.Evidence)-most, "more record"), "", "", "", ""})
			break
		}
		detail := e.Detail
		if e.Excluded != "" {
			detail = "excluded: " + e.Excluded + " (" + detail + ")"
		}
		t.AppendRow(table.Row{e.OccurredAt.UTC().Format(time.DateTime), e.Source + " " + e.RecordType + " " + e.RecordID, trimZeros(e.Numerator), trimZeros(e.Denominator), detail, e.Link})
	}
	t.Render()
}

// trimZeros takes the zeros from the end of a decimal's text, and rounds nothing
// but doubles of more than six decimals.
func trimZeros(text string) string {
	whole, fraction, found := strings.Cut(text, ".")
	if !found {
		return text
	}
	if len(fraction) > 6 && !strings.ContainsAny(fraction, "eE") {
		fraction = fraction[:6]
	}
	fraction = strings.TrimRight(fraction, "0")
	if fraction == "" {
		return whole
	}
	return whole + "." + fraction
}

func orDash(text string) string { return orElse(text, "—") }

func orElse(text, other string) string {
	if text == "" {
		return other
	}
	return text
}
