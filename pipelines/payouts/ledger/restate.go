package ledger

import (
	"context"
	"fmt"
	"time"

	"merit/connectors/fault"
	"merit/pipelines/payouts"
)

// A Restatement is what a locked period would be by today's records.
type Restatement struct {
	Entries     []payouts.Entry // what the open period carries for it
	Differences []payouts.Difference
	Into        string // the open period
	Folder      string
}

// restated is the body of a restatement's record.
type restated struct {
	Into   string   `json:"into"`
	Totals []string `json:"totals"`
	Sum    string   `json:"adjustments_sha256"`
}

// Restate compares a locked period with the truth of the last build. The
// period itself stays as it is; the differences flow into the open period's draft.
func (l *Ledger) Restate(ctx context.Context, from Built, period string) (Restatement, error) {
	var done Restatement
	one, isLocked := l.period(period)
	if !isLocked {
		return done, fault.Errorf(fault.You, "%s is not locked: draft it again instead", period)
	}
	var err error
	if done.Into, err = l.open(); err != nil {
		return done, err
	}
	b, err := from(ctx)
	if err != nil {
		return done, err
	}
	var f payouts.Frozen
	closed, err := l.lockedPeriodDiff(ctx, b, one, &f)
	if err != nil {
		return done, err
	}
	done.Entries = payouts.Adjustments(done.Into, closed)
	done.Differences = keepRelated(done.Entries, closed.Differences)
	lines := payouts.EntriesCSV(done.Entries)
	done.Folder = l.path(period, "restatements", fmt.Sprintf("%06d", l.log.Size()))
	if err := payouts.Replace(done.Folder+"/lines.csv", lines); err != nil {
		return done, err
	}
	if err := payouts.Replace(done.Folder+"/adjustments.csv", payouts.DifferencesCSV(done.Differences)); err != nil {
		return done, err
	}
	_, err = l.log.Append(time.Now(), restateRecord, period, restated{Into: done.Into, Totals: totalsOf(done.Entries), Sum: sumOf(lines)})
	return done, err
}
