package salesforce

import (
	"context"
	"net/http"
	"sync"

	"merit/connectors/fault"
	"merit/connectors/rest"
)

// An allowance is one of the org's own counts of the last 24 hours.
type allowance struct {
	Max, Remaining int64
}

// isOver tells whether a share of it, in percent, is used. One without a maximum says
// nothing.
func (l allowance) isOver(share int64) bool {
	return l.Max > 0 && share < 100 && (l.Max-l.Remaining)*100 >= l.Max*share
}

// bulkBudget is what the org has left for Bulk API 2.0: 10,000 query jobs and 1 TB of
// results in 24 hours (Salesforce's Bulk API 2.0 limits). The same share of it is ours
// as of the calls.
type bulkBudget struct {
	share int64

	mu             sync.Mutex
	jobs, megabyte allowance
}

func (b *bulkBudget) set(jobs, megabyte allowance) {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.jobs, b.megabyte = jobs, megabyte
}

// take counts a job, or refuses it when the share is used up.
func (b *bulkBudget) take() error {
	b.mu.Lock()
	defer b.mu.Unlock()
	for _, l := range []struct {
		allowance
		of string
	}{{b.jobs, "Bulk API query jobs"}, {b.megabyte, "megabytes of Bulk API results"}} {
		if l.isOver(b.share) {
			return fault.Errorf(fault.Them,
				"%d of the org's %d %s of the last 24 hours are used, which is the daily_share of %d %%; run again later, reading goes on where it stopped",
				l.Max-l.Remaining, l.Max, l.of, b.share)
		}
	}
	b.jobs.Remaining--
	return nil
}

// askLimits learns how much of the org's day is used, before anything is read. Who
// may not look at it (it takes View Setup and Configuration) learns of the calls by
// the headers, and whatever else is wrong is said by the next call.
func (a *account) askLimits(ctx context.Context) {
	var limits struct {
		Calls allowance `json:"DailyApiRequests"`
		Jobs  allowance `json:"DailyBulkV2QueryJobs"`
		Bytes allowance `json:"DailyBulkV2QueryFileStorageMB"`
	}
	if err := a.api.JSON(ctx, rest.Call{Method: http.MethodGet, Path: a.path("limits")}, &limits); err != nil {
		return
	}
	a.budget.learn(limits.Calls)
	a.bulk.set(limits.Jobs, limits.Bytes)
}
