package ledger

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"slices"
	"time"

	"merit/connectors/fault"
	"merit/pipelines/calendar"
	"merit/pipelines/evidence"
	"merit/pipelines/payouts"
	"merit/pipelines/plan"
	"merit/pipelines/project"
	"merit/pipelines/results"
)

// A Build is what lines are computed from: the inputs of today, and the tables of the
// last build.
type Build struct {
	Inputs    plan.Inputs
	Results   results.Tables
	Snapshots []payouts.Snapshot
	Lake      []payouts.Control // the lake's records against staging
	Notes     []string          // what somebody should look at before they approve
	Models    string            // SHA-256 of the models and the functions that they call
	Version   string            // Merit's own
}

// Built gives a build when it is needed.
type Built func(context.Context) (Build, error)

// freeze gathers all that a period's files are made from.
func (l *Ledger) freeze(ctx context.Context, b Build, period string, key evidence.Key) (payouts.Frozen, bool, error) {
	var f payouts.Frozen
	quarter, version, err := PlanFor(b.Inputs, period)
	if err != nil {
		return f, false, err
	}
	if f.Documents, err = Documents(l.project); err != nil {
		return f, false, err
	}
	if err := l.seenByBuild(b, f.Documents); err != nil {
		return f, false, err
	}
	if err := l.payingDocuments(b, f.Documents); err != nil {
		return f, false, err
	}
	if err := l.readDisputes(&f); err != nil {
		return f, false, err
	}
	isOver, err := l.allLines(ctx, b, period, &f)
	if err != nil {
		return f, false, err
	}
	if err := l.heading(ctx, b, quarter, version, &f); err != nil {
		return f, false, err
	}
	f.Heading.Salt = sumOf(key.Seal("salt of the lines of " + period + "\n"))
	payouts.SaltEntries(f.Entries, f.Heading.Salt)
	if f.Measures, err = b.Results.Measures(ctx, period); err != nil {
		return f, false, err
	}
	if err := PayRules(version).SameMeasurements(standingsOf(f.Standings, period), f.Measures); err != nil {
		return f, false, fault.Errorf(fault.You, "%w; the tables were changed since they were built: `merit build` makes them from the lake again", err)
	}
	if f.Evidence, err = b.Results.Evidence(ctx, period); err != nil {
		return f, false, err
	}
	if err := l.rememberDisputes(&f); err != nil {
		return f, false, err
	}
	f.Snapshots = b.Snapshots
	if f.Notices, err = l.notices(b, f); err != nil {
		return f, false, err
	}
	built, err := b.Results.Controls(ctx, period)
	f.Controls = append(append(slices.Clone(b.Lake), built...), fileTotals(f.Entries)...)
	return f, isOver, err
}

func standingsOf(all []payouts.Standing, period string) []payouts.Standing {
	return slices.DeleteFunc(slices.Clone(all), func(s payouts.Standing) bool { return s.Period != period })
}

// PlanFor is the quarter of a name and the version of the plan in force in it.
func PlanFor(in plan.Inputs, period string) (calendar.Quarter, plan.Version, error) {
	quarter, err := in.Calendar.Parse(period)
	if err != nil {
		return quarter, plan.Version{}, fault.Error{Who: fault.You, Err: err}
	}
	version, ok := in.Plan.For(quarter)
	if !ok {
		return quarter, version, fault.Errorf(fault.You, "no version of the plan is in force in %s", period)
	}
	return quarter, version, nil
}

// allLines computes the period's lines, and in the open period what the locked ones
// turned out to be off.
func (l *Ledger) allLines(ctx context.Context, b Build, period string, f *payouts.Frozen) (isOver bool, err error) {
	own, isOver, err := currentLines(ctx, b, period, f)
	if err != nil {
		return false, err
	}
	f.Entries = own
	open, err := l.open()
	if err != nil || open != period {
		return isOver, err
	}
	_, version, err := PlanFor(b.Inputs, period)
	if err != nil {
		return false, err
	}
	defer func() {
		if err == nil {
			f.Entries, f.Balances, err = payouts.Recover(period, f.Entries, payouts.Owed(l.entries()), PayRules(version).Recovery)
		}
	}()
	for _, one := range l.locked {
		closed, err := l.lockedPeriodDiff(ctx, b, one, f)
		if err != nil {
			return false, fmt.Errorf("what became of %s: %w", one.name, err)
		}
		corrections := payouts.Adjustments(period, closed)
		f.Entries = append(f.Entries, corrections...)
		f.Differences = append(f.Differences, keepRelated(corrections, closed.Differences)...)
	}
	return isOver, nil
}

// currentLines computes one period's own lines from today's tables.
func currentLines(ctx context.Context, b Build, period string, f *payouts.Frozen) ([]payouts.Entry, bool, error) {
	quarter, version, err := PlanFor(b.Inputs, period)
	if err != nil {
		return nil, false, err
	}
	standings, isOver, err := b.Results.Standings(ctx, period)
	if err != nil {
		return nil, false, err
	}
	for _, s := range standings {
		if s.PlanHash != version.Hash() {
			return nil, false, fault.Errorf(fault.You, "the plan has changed since the last build; `merit build` or `merit run` first")
		}
	}
	rules := PayRules(version)
	if err := sameRoster(standings, b.Inputs, quarter); err != nil {
		return nil, false, fault.Errorf(fault.You, "%w; `merit build` or `merit run` first: the tables were not made from this roster, or were changed since", err)
	}
	evidence, err := b.Results.Evidence(ctx, period)
	if err != nil {
		return nil, false, err
	}
	if err := rules.SameMeasures(standings, evidence); err != nil {
		return nil, false, fault.Errorf(fault.You, "%w; the tables were changed since they were built: `merit build` makes them from the lake again", err)
	}
	lines, err := payouts.Lines(standings, rules)
	if err != nil {
		return nil, false, err
	}
	flags, err := b.Results.OpenFlags(ctx, period)
	if err != nil {
		return nil, false, err
	}
	unsound, err := b.Results.Unsound(ctx, period)
	if err != nil {
		return nil, false, err
	}
	flags = append(flags, unsound...)
	if rules.HoldDisputed {
		flags = append(flags, payouts.DisputeFlags(period, f.Disputes, f.Decisions, evidence)...)
	}
	f.Standings, f.Flags = append(f.Standings, standings...), append(f.Flags, flags...)
	entries := payouts.Entries(lines)
	rules.Hold(entries, flags)
	return entries, isOver, nil
}

// lockedPeriodDiff is a locked period with what was exported for it and what it is today.
func (l *Ledger) lockedPeriodDiff(ctx context.Context, b Build, one lockedPeriod, f *payouts.Frozen) (payouts.Closed, error) {
	c := payouts.Closed{Period: one.name, Paid: l.paidFor(one.name)}
	var err error
	if c.Truth, _, err = currentLines(ctx, b, one.name, f); err != nil {
		return c, err
	}
	now, err := b.Results.Evidence(ctx, one.name)
	if err != nil {
		return c, err
	}
	c.Differences = payouts.Differences(l.knownOf(one), now)
	if c.Held, err = l.heldCauses(ruleChangeOf(one, f.Standings), l.log.Size()); err != nil {
		return c, err
	}
	for _, account := range payouts.Adjustments("", c) { // what these are told from is known from now on
		for _, e := range now {
			if e.RepID == account.RepID && e.Role == account.Role {
				f.Later = append(f.Later, e)
			}
		}
	}
	return c, nil
}

// paidFor are all locked lines that are for the period, of whatever file.
func (l *Ledger) paidFor(period string) []payouts.Entry {
	var paid []payouts.Entry
	for _, one := range l.locked {
		for _, e := range one.frozen.Entries {
			if e.For == period {
				paid = append(paid, e)
			}
		}
	}
	return paid
}

// knownOf is a locked period's evidence as the newest locked file told it: the own
// one, and for whom a later file adjusted it, that one.
func (l *Ledger) knownOf(period lockedPeriod) []payouts.Evidence {
	known := slices.Clone(period.frozen.Evidence)
	for _, later := range l.locked {
		for _, e := range later.frozen.Entries {
			if e.For != period.name || e.Period == period.name {
				continue
			}
			isTheirs := func(row payouts.Evidence) bool {
				return row.Period == period.name && row.RepID == e.RepID && row.Role == e.Role
			}
			known = slices.DeleteFunc(known, isTheirs)
			for _, row := range later.frozen.Later {
				if isTheirs(row) {
					known = append(known, row)
				}
			}
		}
	}
	return known
}

// entries are all locked lines.
func (l *Ledger) entries() []payouts.Entry {
	var all []payouts.Entry
	for _, one := range l.locked {
		all = append(all, one.frozen.Entries...)
	}
	return all
}

// keepRelated keeps the differences of those who have a correction.
func keepRelated(corrections []payouts.Entry, differences []payouts.Difference) []payouts.Difference {
	return slices.DeleteFunc(slices.Clone(differences), func(d payouts.Difference) bool {
		return !slices.ContainsFunc(corrections, func(e payouts.Entry) bool {
			return e.RepID == d.RepID && e.Role == d.Role && e.For == d.Period
		})
	})
}

func (l *Ledger) heading(ctx context.Context, b Build, q calendar.Quarter, v plan.Version, f *payouts.Frozen) error {
	rows, err := b.Results.Rows(ctx, "select as_of_at from plan.as_of")
	if err != nil {
		return err
	}
	f.Heading = payouts.Heading{
		Company: l.project.Settings.Company, Period: q.Name(), StartsOn: q.StartsOn.Format(time.DateOnly), EndsOn: q.LastDay().Format(time.DateOnly),
		AsOf: rows[0].Time("as_of_at").UTC().Format(time.RFC3339Nano), TimeZone: l.project.Settings.Calendar.TimeZone, PlanVersion: v.Name, PlanHash: v.Hash(),
	}
	return nil
}

// Documents are the hand-kept files as they are today.
func Documents(p *project.Project) (map[string][]byte, error) {
	s := p.Settings
	documents := map[string][]byte{}
	for name, path := range map[string]string{
		"plan.yml": s.Files.Plan, "roster.csv": s.Files.Roster, "quotas.csv": s.Files.Quotas, "reviews.csv": s.Files.Reviews, "disputes.csv": s.Payouts.Disputes,
	} {
		text, err := os.ReadFile(p.Path(path))
		if errors.Is(err, fs.ErrNotExist) && name == "disputes.csv" {
			continue
		}
		if err != nil {
			return nil, fault.Errorf(fault.You, "read %s: %w", path, err)
		}
		documents[name] = text
	}
	return documents, nil
}

// appendOnly are the documents to which rows are added and from which none is taken.
var appendOnly = [...]string{"reviews.csv", "disputes.csv"}

func fileTotals(entries []payouts.Entry) []payouts.Control {
	var controls []payouts.Control
	for _, t := range payouts.Sums(entries) {
		controls = append(controls, payouts.Control{Name: "lines of the payout file, by state", Source: "payout.csv", Item: string(t.State), Count: t.Lines, Amount: t.Amount.Text(), Currency: t.Amount.Currency})
	}
	return controls
}
