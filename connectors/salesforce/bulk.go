package salesforce

import (
	"context"
	"fmt"
	"net/http"
	"regexp"
	"strings"
	"time"

	"merit/connectors/fault"
	"merit/connectors/rest"
)

// A job is a Bulk API 2.0 query as Salesforce reports it.
type job struct {
	ID        string       `json:"id"`
	State     string       `json:"state"`                  // UploadComplete, InProgress, JobComplete, Failed, Aborted
	Processed *looseNumber `json:"numberRecordsProcessed"` // nil: it doesn't say
	Spent     int64        `json:"totalProcessingTime"`
	Message   string       `json:"errorMessage"`
	Operation string       `json:"operation"`
	Object    string       `json:"object"`
	CreatedBy string       `json:"createdById"`
	Created   string       `json:"createdDate"`
}

const (
	// Codes of our own for what a failed job says in words only.
	jobTooSlow    = "JOB_TOO_SLOW"
	jobNotForBulk = "JOB_NOT_FOR_BULK"
	// resultShort is a result whose rows do not add up.
	resultShort = "RESULT_SHORT"
)

// notForBulk are the words by which Salesforce refuses an object or field that only
// REST can read.
var notForBulk = [...]string{
	"compound data not supported in Bulk Query",
	"is not supported by the Bulk API",
	"does not support query",
	"Cannot serialize value for",
	"Async API not enabled", // editions without it
}

// isNotForBulk tells whether REST must read what Bulk refused. It is only ever said
// before a row is given.
func isNotForBulk(err error) bool {
	return hasCode(err, "INVALIDENTITY", "FEATURENOTENABLED", jobNotForBulk)
}

// byBulk reads a window by a job of its own.
func (r *reading) byBulk(ctx context.Context, query string, w window) error {
	if err := r.bulk.take(); err != nil {
		return err
	}
	created, err := r.createJob(ctx, query)
	if err != nil {
		return err
	}
	done, err := r.await(ctx, created.ID)
	if err != nil {
		if done.State != "Failed" && done.State != "Aborted" {
			r.giveUp(ctx, created.ID)
		}
		return err
	}
	return r.results(ctx, done, half{ID: done.ID, Until: w.to, As: w.as, First: w.isWide()})
}

// inWords gives a refusal the code that its words stand for.
func inWords(err error) error {
	for _, words := range notForBulk {
		if err != nil && strings.Contains(err.Error(), words) {
			return fault.Error{Who: fault.Them, Err: fmt.Errorf("%w: %w", apiError{code: jobNotForBulk}, err)}
		}
	}
	return err
}

// await looks at a job until it is complete, less and less often.
func (r *reading) await(ctx context.Context, id string) (job, error) {
	pause, quiet := r.pace.pollFrom, time.Duration(0)
	last := ""
	for {
		var now job
		err := r.api.JSON(ctx, rest.Call{Method: http.MethodGet, Path: r.path("jobs", "query", id)}, &now)
		if err != nil {
			return now, fmt.Errorf("bulk job %s: %w", id, err)
		}
		now.ID = id
		switch now.State {
		case "JobComplete":
			return now, nil
		case "Failed", "Aborted":
			return now, failed(now)
		}
		if progress := now.progress(); progress != last {
			last, quiet = progress, 0
		}
		if quiet >= r.pace.stalled {
			return now, fault.Errorf(fault.Them, "bulk job %s has been %s without progress for %s; run again later", id, now.State, quiet)
		}
		if err := wait(ctx, pause); err != nil {
			return now, err
		}
		quiet += pause
		pause = min(2*pause, r.pace.pollTo)
	}
}

// progress is another text whenever a job has come further.
func (j job) progress() string {
	rows := int64(-1)
	if j.Processed != nil {
		rows = int64(*j.Processed)
	}
	return fmt.Sprint(j.State, rows, j.Spent)
}

func wait(ctx context.Context, d time.Duration) error {
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-timer.C:
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}

var codeFirst = regexp.MustCompile(`^([A-Z][A-Z0-9_]+) ?: ?(.*)$`)

// failed reads what a job says when it comes to nothing: the whole reason is one
// sentence, which often begins with a code.
func failed(j job) error {
	e := apiError{message: oneLine(j.Message)}
	if m := codeFirst.FindStringSubmatch(e.message); m != nil {
		e.code, e.message = m[1], m[2]
	}
	asksForFilter := strings.Contains(e.message, "Retried more than") || strings.Contains(e.message, "apply a filter")
	if e.code == "" && asksForFilter { // after 15 tries of its own
		e.code = jobTooSlow
	}
	return inWords(fmt.Errorf("bulk job %s %s: %w", j.ID, strings.ToLower(j.State), explain(e)))
}

// resume goes on with a job that an earlier run left half read. Where Salesforce
// has forgotten it, its window is read again from the start.
func (r *reading) resume(ctx context.Context) error {
	left := *r.at.Job
	done, err := r.await(ctx, left.ID)
	if err == nil {
		err = r.results(ctx, done, left)
	}
	if isForgotten(err) {
		r.at.Job = nil
		return nil
	}
	return err
}

// isForgotten tells the refusals of a result that is not there any more: kept for 7
// days, and only for the API version that the job was made with (409). A count that
// does not add up over two runs is worth another job too.
func isForgotten(err error) bool {
	return hasStatus(err, http.StatusNotFound) || hasStatus(err, http.StatusConflict) || hasStatus(err, http.StatusGone) ||
		hasCode(err, "INVALID_QUERY_LOCATOR", "INVALID_LOCATOR", jobTooSlow, resultShort)
}
