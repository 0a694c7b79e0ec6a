package salesforce

import (
	"context"
	"errors"
	"net/http"
	"net/url"
	"time"

	"merit/connectors/fault"
	"merit/connectors/rest"
)

// createJob asks for a query job. A job only reads, so that one whose answer was lost is
// asked for again; the one that may have been made all the same is aborted.
func (r *reading) createJob(ctx context.Context, query string) (job, error) {
	var created job
	tries := 0
	err := r.api.Read(ctx, rest.Call{
		Method: http.MethodPost,
		Path:   r.path("jobs", "query"),
		JSON: map[string]string{
			"operation":       queryAllOperation,
			"query":           query,
			"contentType":     "CSV",
			"columnDelimiter": "COMMA",
			"lineEnding":      "LF",
		},
	}, func(reply *rest.Reply) error {
		tries += reply.Attempts
		created = job{}
		return rest.DecodeJSON(reply, &created)
	})
	if err != nil {
		return job{}, inWords(err)
	}
	if !jobID.MatchString(created.ID) {
		return job{}, fault.Errorf(fault.Them, "a new Bulk job has the id %q", created.ID)
	}
	if tries > 1 {
		r.abortLeftOver(ctx, created)
	}
	return created, nil
}

const queryAllOperation = "queryAll"

// abortLeftOver aborts the jobs that earlier tries of the same call may have made: those
// of the same user for the same query object that were made within the time that tries
// take, and are not done. What can't be aborted ends by itself and costs nothing more.
func (r *reading) abortLeftOver(ctx context.Context, made job) {
	var list struct {
		Records []job `json:"records"`
	}
	err := r.api.JSON(ctx, rest.Call{
		Method: http.MethodGet, Path: r.path("jobs", "query"), Query: url.Values{"jobType": {"V2Query"}, "concurrencyMode": {"parallel"}},
	}, &list)
	if err != nil {
		r.Warn("%s: a call for a Bulk job was repeated, and whether it left another job over can't be told: %v", r.object.name, err)
		return
	}
	for _, other := range list.Records {
		if other.ID != made.ID && other.isLike(made) && jobID.MatchString(other.ID) {
			r.abort(ctx, other.ID)
		}
	}
}

// triesLast is how long the tries of one call can take at most: seven, each a minute
// after the other and three minutes long.
const triesLast = 30 * time.Minute

// isLike tells whether a job that is not done yet was made by a call like that for
// another.
func (j job) isLike(made job) bool {
	at, err := salesforceTime(j.Created)
	end, failed := salesforceTime(made.Created)
	return err == nil && failed == nil && !at.After(end) && end.Sub(at) < triesLast &&
		(j.State == "UploadComplete" || j.State == "InProgress") &&
		j.Operation == queryAllOperation && j.Object == made.Object && j.CreatedBy == made.CreatedBy && j.CreatedBy != ""
}

func salesforceTime(text string) (time.Time, error) {
	for _, layout := range []string{"2006-01-02T15:04:05.000-0700", time.RFC3339} {
		if at, err := time.Parse(layout, text); err == nil {
			return at, nil
		}
	}
	return time.Time{}, errors.New("no date and time")
}

// abort stops a job that nobody will read. Its failure is worth no other.
func (r *reading) abort(ctx context.Context, id string) {
	err := r.api.JSON(ctx, rest.Call{
		Method: http.MethodPatch, Path: r.path("jobs", "query", id), JSON: map[string]string{"state": "Aborted"},
	}, new(job))
	if err != nil && !isForgotten(err) {
		r.Warn("%s: Bulk job %s is not needed and could not be aborted: %v", r.object.name, id, err)
	}
}

// giveUp aborts a job that this reading will not come back to, also when the reading
// was called off.
func (r *reading) giveUp(ctx context.Context, id string) {
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), givingUp)
	defer cancel()
	r.abort(ctx, id)
}

// givingUp is how long whoever stops Merit waits for that at most.
const givingUp = 5 * time.Second
