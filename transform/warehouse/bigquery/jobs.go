package bigquery

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"time"

	bq "cloud.google.com/go/bigquery"
	gax "github.com/googleapis/gax-go/v2"
	"google.golang.org/api/googleapi"

	"merit/connectors/fault"
	"merit/transform/warehouse"
)

// attempts is how often a job or request is tried when what stops it passes.
const attempts = 6

// passing are the reasons that go away by themselves (BigQuery's documentation,
// "Error messages": rates, quotas that refill, faults of the service).
var passing = []string{
	"rateLimitExceeded", "jobRateLimitExceeded", "quotaExceeded", "backendError", "jobBackendError",
	"internalError", "jobInternalError", "tableUnavailable",
}

// reasonOf is BigQuery's word for what went wrong, "" when it gave none.
func reasonOf(err error) string {
	var call *googleapi.Error
	var job *bq.Error
	switch {
	case errors.As(err, &job):
		return job.Reason
	case errors.As(err, &call) && len(call.Errors) > 0:
		return call.Errors[0].Reason
	}
	return ""
}

func hasStatus(err error, statuses ...int) bool {
	var call *googleapi.Error
	return errors.As(err, &call) && slices.Contains(statuses, call.Code)
}

// isOvertaken tells of a transaction over a table that somebody else changed meanwhile.
func isOvertaken(err error) bool {
	return err != nil && strings.Contains(err.Error(), "Transaction is aborted due to concurrent update")
}

// endsWell tells whether the same job, run again, may end well.
func endsWell(err error) bool { return slices.Contains(passing, reasonOf(err)) || isOvertaken(err) }

// passes tells whether trying again may help.
func passes(err error) bool {
	var line *url.Error
	return endsWell(err) ||
		hasStatus(err, http.StatusTooManyRequests, http.StatusInternalServerError, http.StatusBadGateway, http.StatusServiceUnavailable, http.StatusGatewayTimeout) ||
		errors.As(err, &line) || errors.Is(err, context.DeadlineExceeded)
}

// attempt makes a request until it is answered, with growing pauses; number is 0
// at first. Each try has its own deadline, since the client goes on for as long
// as it may.
func (w *Warehouse) attempt(ctx context.Context, request func(ctx context.Context, number int) error) error {
	return w.attemptWithin(ctx, w.oneCall, request)
}

// attemptWithin is attempt with another deadline.
func (w *Warehouse) attemptWithin(ctx context.Context, deadline time.Duration, request func(ctx context.Context, number int) error) error {
	pause := w.backoff
	for number := 0; ; number++ {
		limited, end := context.WithTimeout(ctx, deadline)
		err := request(limited, number)
		end()
		if ctx.Err() != nil {
			return context.Cause(ctx)
		}
		if err == nil || !passes(err) || number+1 == attempts {
			return err
		}
		if gax.Sleep(ctx, pause.Pause()) != nil {
			return context.Cause(ctx)
		}
	}
}

// newID is a job's id that no other job has.
func newID(step string) string { return "merit_" + step + "_" + rand.Text() }

// A jobStart starts a job under an id. bytes are what it uploads, which takes its time.
type jobStart struct {
	bytes int64
	start func(ctx context.Context, id bq.JobIDConfig) (*bq.Job, error)
}

// slowestUpload is the least that a line must carry in a second for an upload to end.
const slowestUpload = 64 << 10

// deadline is how long a start may take.
func (w *Warehouse) deadline(s jobStart) time.Duration {
	return w.oneCall + time.Duration(s.bytes/slowestUpload)*w.perUpload
}

// run starts a job and waits for its end. The id is the job's identity: a start
// whose answer was lost finds the job under it instead of making a second one,
// and a later process with the same id finds what an earlier one did well. A job
// that failed or was cancelled keeps its id for good (jobs.insert: "duplicate"), so
// that the next one takes the next free suffix; those that an earlier process left
// are no attempts of ours.
func (w *Warehouse) run(ctx context.Context, id string, s jobStart) (*bq.Job, error) {
	pause := w.backoff
	failed := 0
	for suffix := 0; ; suffix++ {
		config := bq.JobIDConfig{JobID: id, Location: w.location()}
		if suffix > 0 {
			config.JobID = fmt.Sprintf("%s_%d", id, suffix)
		}
		job, isEarlier, err := w.started(ctx, config, s)
		if err == nil {
			err = w.ended(ctx, job)
		}
		if err == nil {
			return job, nil
		}
		if ctx.Err() != nil {
			return nil, context.Cause(ctx)
		}
		if isEarlier && job != nil {
			continue
		}
		if failed++; !endsWell(err) || failed == attempts {
			return nil, told(err)
		}
		if gax.Sleep(ctx, pause.Pause()) != nil {
			return nil, context.Cause(ctx)
		}
	}
}

// started starts a job, or finds the one that has its id; isEarlier: not ours, as no
// answer of ours was lost before.
func (w *Warehouse) started(ctx context.Context, config bq.JobIDConfig, s jobStart) (job *bq.Job, isEarlier bool, err error) {
	err = w.attemptWithin(ctx, w.deadline(s), func(ctx context.Context, number int) (err error) {
		job, err = s.start(ctx, config)
		if hasStatus(err, http.StatusConflict) {
			isEarlier = number == 0
			job, err = w.client.JobFromIDLocation(ctx, config.JobID, config.Location)
		}
		return err
	})
	if ctx.Err() != nil && !isEarlier { // it may have started all the same
		w.cancel(ctx, config)
	}
	return job, isEarlier, err
}

// ended waits until a job is over; when the context ends first the job is
// cancelled, so that nothing goes on behind somebody who pressed Ctrl-C.
func (w *Warehouse) ended(ctx context.Context, job *bq.Job) error {
	pause := gax.Backoff{Initial: w.backoff.Initial / 10, Max: w.backoff.Max / 4, Multiplier: 1.5}
	for {
		var status *bq.JobStatus
		err := w.attempt(ctx, func(ctx context.Context, _ int) (err error) {
			status, err = job.Status(ctx)
			return err
		})
		switch {
		case ctx.Err() != nil:
		case err != nil:
			return err
		case status.Done():
			return status.Err()
		case gax.Sleep(ctx, pause.Pause()) == nil:
			continue
		}
		w.cancel(ctx, bq.JobIDConfig{JobID: job.ID(), Location: job.Location()})
		return context.Cause(ctx)
	}
}

// cancelling is how long somebody who stops us waits for BigQuery to hear of it.
const cancelling = 10 * time.Second

// cancel asks once; a job that is not there needs no cancelling.
func (w *Warehouse) cancel(ctx context.Context, config bq.JobIDConfig) {
	ctx, end := context.WithTimeout(context.WithoutCancel(ctx), cancelling)
	defer end()
	if job, err := w.client.JobFromIDLocation(ctx, config.JobID, config.Location); err == nil {
		// It ends by itself if this is not heard; there is nobody left to tell.
		_ = job.Cancel(ctx)
	}
}

// query runs statements that are BigQuery's own already. Asking for the rows is
// the second place at which a failed script tells so.
func (w *Warehouse) query(ctx context.Context, step, sql string, parameters []bq.QueryParameter) (*bq.RowIterator, error) {
	job, err := w.run(ctx, newID(step), jobStart{start: func(ctx context.Context, id bq.JobIDConfig) (*bq.Job, error) {
		q := w.asked(sql, parameters)
		q.JobIDConfig = id
		return q.Run(ctx)
	}})
	if err != nil {
		return nil, err
	}
	rows, err := job.Read(ctx)
	return rows, told(err)
}

func (w *Warehouse) asked(sql string, parameters []bq.QueryParameter) *bq.Query {
	q := w.client.Query(sql)
	q.Parameters = parameters
	q.Location = w.location()
	q.MaxBytesBilled = w.maxBill
	q.Labels = labels()
	// A project or organisation may have another default ("Manage default configurations").
	q.ConnectionProperties = []*bq.ConnectionProperty{{Key: "time_zone", Value: "UTC"}}
	return q
}

// told says who can mend what BigQuery complains of.
func told(err error) error {
	reason := reasonOf(err)
	switch {
	case err == nil || fault.WhoMends(err) != fault.Us:
		return err
	case reason == "bytesBilledLimitExceeded":
		return fault.Errorf(fault.You, "it would bill more than max_bytes_billed in merit.yml allows: %w", err)
	case reason == "quotaExceeded":
		return fault.Errorf(fault.Them, "a quota of the project is used up: %w", err)
	case isOvertaken(err):
		return fault.Errorf(fault.Them, "somebody else changed a published table at the same time: %w", err)
	case strings.Contains(err.Error(), "row access polic"), strings.Contains(err.Error(), "row-level access polic"):
		return fault.Errorf(fault.You, "a published table has row access policies, and Merit can't change what it may not see; give its account one that shows all rows: create row access policy merit_all on TABLE grant to ('serviceAccount:...') filter using (true): %w", err)
	case strings.Contains(err.Error(), "Not found: Table"), strings.Contains(err.Error(), "Not found: Dataset"):
		return &warehouse.NoTable{Err: err}
	case passes(err):
		return fault.Errorf(fault.Them, "BigQuery is unwell: %w", err)
	case reason == "billingNotEnabled", reason == "accessDenied", hasStatus(err, http.StatusUnauthorized, http.StatusForbidden):
		return fault.Errorf(fault.You, "BigQuery does not allow it; it takes the roles BigQuery Job User and BigQuery Data Editor, and Storage Object Viewer on the bucket where the lake lies in gs://: %w", err)
	}
	return err
}
