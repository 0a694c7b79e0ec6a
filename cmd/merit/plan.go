package main

import (
	"fmt"

	"github.com/jedib0t/go-pretty/v6/table"

	"merit/pipelines"
	"merit/pipelines/plandiff"
)

type planCommand struct {
	Diff planDiffCommand `cmd:"" help:"What another version of the plan changes, in words and in money."`
}

type planDiffCommand struct {
	Old string `arg:"" help:"A version of plan.yml by its name, another file (its last version), or FILE:VERSION."`
	New string `arg:"" help:"What to hold it against, named in the same way."`
	All bool   `help:"Show also the lines that stay as they are."`

	Rebuild bool `help:"Where a version's parameters of metrics differ, build every table under it in a scratch database, so that they count too."`
}

// Help is what merit plan diff --help adds.
func (planDiffCommand) Help() string {
	return "Says every rule that differs, then computes scores and payout lines of the last quarter that is over under both versions, from the metric values of the last build: for each rep and in total. Nothing is kept."
}

// Run is called by the command line.
func (c planDiffCommand) Run(a *app) error {
	job, closeAll, err := a.open(func(pipelines.Event) {}, false)
	if err != nil {
		return err
	}
	defer closeAll()
	choice := plandiff.AsBuilt
	if c.Rebuild {
		choice = plandiff.Rebuilt
	}
	differ, err := job.PlanDiffer()
	if err != nil {
		return err
	}
	d, err := differ.Compare(a.ctx, c.Old, c.New, choice)
	if err != nil {
		return err
	}
	a.printf("version %s (from %s) → version %s (from %s)\n", d.Before.Name, d.Before.EffectiveFrom, d.After.Name, d.After.EffectiveFrom)
	for _, change := range d.Changes {
		a.printf("  %s\n", change)
	}
	if len(d.Changes) == 0 {
		a.printf("  no rule differs\n")
	}
	for _, notice := range d.Notices {
		fmt.Fprintf(a.err, "note: %s\n", notice)
	}
	return a.printPlanMoney(d, c.All)
}

func (a *app) printPlanMoney(d plandiff.Diff, all bool) error {
	totals, err := d.Totals()
	if err != nil || a.quiet {
		return err
	}
	a.printf("\nwhat %s would have come to\n", d.Period)
	t := a.table(table.Row{"rep", "role", "for", "score", "tier", d.Before.Name, d.After.Name, "difference", ""})
	same := 0
	for _, l := range d.Lines {
		if l.Delta.IsZero() && l.Before.Score == l.After.Score && l.Before.Tier == l.After.Tier && !all {
			same++
			continue
		}
		what := string(l.After.Kind)
		if l.After.Pool != "" {
			what += " " + l.After.Pool
		}
		t.AppendRow(table.Row{
			l.After.RepID, l.After.Role, what, fromTo(l.Before.Score, l.After.Score), fromTo(l.Before.Tier, l.After.Tier),
			l.Before.Amount.Text(), l.After.Amount.Text(), signed(l.Delta.Text()), l.Delta.Currency,
		})
	}
	t.AppendSeparator()
	for _, sum := range totals {
		t.AppendRow(table.Row{"all", "", sum.Kind, "", "", sum.Before.Text(), sum.After.Text(), signed(sum.Delta.Text()), sum.Delta.Currency})
	}
	t.Render()
	if same > 0 {
		a.printf("%s that would not change; --all shows them\n", plural(same, "line"))
	}
	return nil
}

func fromTo(before, after string) string {
	if before == after {
		return orDash(after)
	}
	return orDash(before) + " → " + orDash(after)
}

func signed(amount string) string {
	if amount == "" || amount[0] == '-' {
		return amount
	}
	return "+" + amount
}
