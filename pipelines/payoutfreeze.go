package pipelines

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
)

// freeze gathers all that a period's files are made from.
func (j *Job) freeze(ctx context.Context, l *ledger, period string, key evidence.Key) (payouts.Frozen, bool, error) {
	var f payouts.Frozen
	if err := j.openWarehouse(); err != nil {
		return f, false, err
	}
	in, err := j.Inputs()
	if err != nil {
		return f, false, err
	}
	if err := j.checkUsers(ctx, in); err != nil {
		return f, false, err
	}
	quarter, version, err := planFor(in, period)
	if err != nil {
		return f, false, err
	}
	if f.Documents, err = j.documents(); err != nil {
		return f, false, err
	}
	if err := j.disputes(l, &f); err != nil {
		return f, false, err
	}
	isOver, err := j.truth(ctx, l, period, in, &f)
	if err != nil {
		return f, false, err
	}
	if err := j.heading(ctx, quarter, version, &f); err != nil {
		return f, false, err
	}
	f.Heading.Salt = sumOf(key.Seal("salt of the lines of " + period + "\n"))
	payouts.SaltEntries(f.Entries, f.Heading.Salt)
	if f.Measures, err = j.measures(ctx, period); err != nil {
		return f, false, err
	}
	if f.Evidence, err = j.evidenceRows(ctx, period); err != nil {
		return f, false, err
	}
	if f.Snapshots, err = j.snapshots(ctx); err != nil {
		return f, false, err
	}
	f.Controls, err = j.controls(ctx, period, f.Entries)
	return f, isOver, err
}

// planFor is the quarter of a name and the version of the plan in force in it.
func planFor(in plan.Inputs, period string) (calendar.Quarter, plan.Version, error) {
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

// truth computes the period's lines, and in the open period what the locked ones
// turned out to be off.
func (j *Job) truth(ctx context.Context, l *ledger, period string, in plan.Inputs, f *payouts.Frozen) (isOver bool, err error) {
	own, isOver, err := j.truthOf(ctx, period, in, f)
	if err != nil {
		return false, err
	}
	f.Entries = own
	open, err := l.open()
	if err != nil || open != period {
		return isOver, err
	}
	for _, one := range l.locked {
		closed, err := j.closed(ctx, l, one, in, f)
		if err != nil {
			return false, fmt.Errorf("what became of %s: %w", one.name, err)
		}
		corrections := payouts.Adjustments(period, closed)
		f.Entries = append(f.Entries, corrections...)
		f.Differences = append(f.Differences, about(corrections, closed.Differences)...)
	}
	return isOver, nil
}

// truthOf computes one period's own lines from today's tables.
func (j *Job) truthOf(ctx context.Context, period string, in plan.Inputs, f *payouts.Frozen) ([]payouts.Entry, bool, error) {
	_, version, err := planFor(in, period)
	if err != nil {
		return nil, false, err
	}
	standings, isOver, err := j.standings(ctx, period)
	if err != nil {
		return nil, false, err
	}
	for _, s := range standings {
		if s.PlanHash != version.Hash() {
			return nil, false, fault.Errorf(fault.You, "the plan has changed since the last build; `merit build` or `merit run` first")
		}
	}
	lines, err := payouts.Lines(standings, payRules(version))
	if err != nil {
		return nil, false, err
	}
	flags, err := j.openFlags(ctx, period)
	if err != nil {
		return nil, false, err
	}
	f.Standings, f.Flags = append(f.Standings, standings...), append(f.Flags, flags...)
	entries := payouts.Entries(lines)
	payouts.Hold(entries, flags)
	return entries, isOver, nil
}

// closed is a locked period with what was exported for it and what it is today.
func (j *Job) closed(ctx context.Context, l *ledger, one lockedPeriod, in plan.Inputs, f *payouts.Frozen) (payouts.Closed, error) {
	c := payouts.Closed{Period: one.name, Paid: l.paidFor(one.name)}
	var err error
	if c.Truth, _, err = j.truthOf(ctx, one.name, in, f); err != nil {
		return c, err
	}
	now, err := j.evidenceRows(ctx, one.name)
	if err != nil {
		return c, err
	}
	c.Differences = payouts.Differences(l.knownOf(one), now)
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
func (l *ledger) paidFor(period string) []payouts.Entry {
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
func (l *ledger) knownOf(period lockedPeriod) []payouts.Evidence {
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

// about keeps the differences of those who have a correction.
func about(corrections []payouts.Entry, differences []payouts.Difference) []payouts.Difference {
	return slices.DeleteFunc(slices.Clone(differences), func(d payouts.Difference) bool {
		return !slices.ContainsFunc(corrections, func(e payouts.Entry) bool {
			return e.RepID == d.RepID && e.Role == d.Role && e.For == d.Period
		})
	})
}

func (j *Job) heading(ctx context.Context, q calendar.Quarter, v plan.Version, f *payouts.Frozen) error {
	rows, err := j.rows(ctx, "select as_of_at from plan.as_of")
	if err != nil {
		return err
	}
	f.Heading = payouts.Heading{
		Company: j.Project.Settings.Company, Period: q.Name(), StartsOn: q.StartsOn.Format(time.DateOnly), EndsOn: q.LastDay().Format(time.DateOnly),
		AsOf: rows[0].Time("as_of_at").UTC().Format(time.RFC3339), TimeZone: j.Project.Settings.Calendar.TimeZone, PlanVersion: v.Name, PlanHash: v.Hash(),
	}
	return nil
}

// documents are the hand-kept files as they are today.
func (j *Job) documents() (map[string][]byte, error) {
	s := j.Project.Settings
	documents := map[string][]byte{}
	for name, path := range map[string]string{
		"plan.yml": s.Files.Plan, "roster.csv": s.Files.Roster, "quotas.csv": s.Files.Quotas, "reviews.csv": s.Files.Reviews, "disputes.csv": s.Payouts.Disputes,
	} {
		text, err := os.ReadFile(j.Project.Path(path))
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

// disputes reads the disputes and their answers. What was added since the last time
// is a record of the log; what was changed or taken away stops the draft.
func (j *Job) disputes(l *ledger, f *payouts.Frozen) error {
	for _, name := range appendOnly {
		text := f.Documents[name]
		now := payouts.PrefixOf(name, text)
		if r, found := l.last(name, ""); found {
			var before payouts.Prefix
			if err := jsonBody(r, &before); err != nil {
				return err
			}
			if err := before.Check(text); err != nil {
				return err
			}
			if before == now {
				continue
			}
		}
		if len(text) == 0 {
			continue
		}
		if _, err := l.log.Append(time.Now(), name, "", now); err != nil {
			return err
		}
	}
	var err error
	if f.Disputes, err = payouts.ReadDisputes(f.Documents["disputes.csv"]); err != nil {
		return err
	}
	f.Decisions, err = payouts.ReadDecisions(f.Documents["reviews.csv"])
	return err
}
