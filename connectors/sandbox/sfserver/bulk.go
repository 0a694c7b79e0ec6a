package sfserver

import (
	"encoding/json"
	"fmt"
	"net/http"
	"slices"
	"strings"
	"time"
)

// A job is a Bulk API 2.0 query job.
type job struct {
	ID          string      `json:"id"`
	Operation   string      `json:"operation"`
	Object      string      `json:"object"`
	CreatedBy   string      `json:"createdById"`
	Created     string      `json:"createdDate"`
	Modstamp    string      `json:"systemModstamp"`
	State       string      `json:"state"`
	Concurrency string      `json:"concurrencyMode"`
	ContentType string      `json:"contentType"`
	Version     json.Number `json:"apiVersion"`
	Type        string      `json:"jobType,omitempty"`
	LineEnding  string      `json:"lineEnding"`
	Delimiter   string      `json:"columnDelimiter"`
	Records     *int        `json:"numberRecordsProcessed,omitempty"`
	Retries     *int        `json:"retries,omitempty"`
	Took        *int        `json:"totalProcessingTime,omitempty"`
	Message     string      `json:"errorMessage,omitempty"`

	answer  *answer
	version int
	created time.Time
}

// blocksAJob: the parallel chunks of a job come in no order of time.
const blocksAJob = 17

// resultsLife: results are kept seven days.
const resultsLife = 7 * 24 * time.Hour

func (a *API) serveJobs(w http.ResponseWriter, r *http.Request, version int, path string) *refusal {
	path, ok := strings.CutPrefix(path, "query")
	if !ok {
		return notFound()
	}
	name, part, _ := strings.Cut(strings.Trim(path, "/"), "/")
	if name == "" {
		switch r.Method {
		case http.MethodPost:
			return a.createJob(w, r, version)
		case http.MethodGet:
			return a.listJobs(w)
		}
		return refuse(http.StatusMethodNotAllowed, "METHOD_NOT_ALLOWED", "HTTP Method '%s' not allowed. Allowed are GET, POST", r.Method)
	}
	a.mu.Lock()
	j := a.jobs[name]
	a.mu.Unlock()
	if j == nil || a.clock.Now().Sub(j.created) > resultsLife {
		return notFound()
	}
	switch {
	case part == "results" && r.Method == http.MethodGet:
		return a.serveResults(w, r, version, j)
	case part == "resultPages" && r.Method == http.MethodGet && version >= resultPagesMin && !a.trouble.now().NoLists:
		return a.serveResultPages(w, r, version, j)
	case part != "":
		return notFound()
	}
	return a.serveJob(w, r, j)
}

// createJob checks the query at once and answers it as of now.
func (a *API) createJob(w http.ResponseWriter, r *http.Request, version int) *refusal {
	var ask struct{ Operation, Query, ContentType, ColumnDelimiter, LineEnding string }
	if err := json.NewDecoder(http.MaxBytesReader(w, r.Body, 1<<20)).Decode(&ask); err != nil {
		return refuse(http.StatusBadRequest, "INVALID_INPUT", "The request body could not be read: %v", err)
	}
	if ask.Operation != "query" && ask.Operation != "queryAll" {
		return refuse(http.StatusBadRequest, "INVALIDOPERATION", "Operation %q is not supported on this job", ask.Operation)
	}
	if wrong := firstUnlike(ask.ContentType, "CSV", ask.ColumnDelimiter, "COMMA"); wrong != "" {
		return refuse(http.StatusBadRequest, "INVALIDJOB", "%s is not supported by this sandbox", wrong)
	}
	q, problem := a.parse(ask.Query)
	if problem != nil {
		return problem
	}
	if problem := bulkRefuses(q); problem != nil {
		return problem
	}
	if a.trouble.now().refuses(q.object.name) {
		return refuse(http.StatusBadRequest, "INVALIDENTITY", "Entity '%s' is not supported by the Bulk API.", q.object.name)
	}
	now := a.clock.Now()
	stamp := string(appendInstant(nil, now.UnixMilli(), restZone))
	a.mu.Lock()
	a.serial++
	j := &job{
		ID: string(appendID(nil, prefixJob, a.serial)), Operation: ask.Operation, Object: q.object.name,
		CreatedBy: string(appendID(nil, prefixUser, 0)), Created: stamp, Modstamp: stamp, State: "UploadComplete",
		Concurrency: "Parallel", ContentType: "CSV", Version: json.Number(fmt.Sprintf("%d.0", version)),
		LineEnding: "LF", Delimiter: "COMMA", version: version, created: now,
	}
	if ask.LineEnding == "CRLF" {
		j.LineEnding = "CRLF"
	}
	a.mu.Unlock()
	blocks := blocksAJob
	if len(q.order) > 0 {
		blocks = 1
	}
	j.answer = a.answer(q, ask.Operation == "queryAll", blocks)
	a.mu.Lock()
	a.jobs[j.ID] = j
	shown := *j
	a.mu.Unlock()
	writeJSON(w, http.StatusOK, shown)
	return nil
}

// firstUnlike gives the first setting that is set to something else than wanted.
func firstUnlike(pairs ...string) string {
	for i := 0; i < len(pairs); i += 2 {
		if pairs[i] != "" && pairs[i] != pairs[i+1] {
			return pairs[i]
		}
	}
	return ""
}

// bulkRefuses tells what REST may ask and a job may not.
func bulkRefuses(q *query) *refusal {
	if q.count {
		return refuse(http.StatusBadRequest, "API_ERROR", "Aggregate Relationships not supported in Bulk Query")
	}
	if q.offset > 0 {
		return refuse(http.StatusBadRequest, "API_ERROR", "OFFSET not supported in Bulk Query")
	}
	for _, column := range q.columns {
		if column.kind == "address" || column.kind == "location" {
			return refuse(http.StatusBadRequest, "FUNCTIONALITY_NOT_ENABLED", "Selecting compound data not supported in Bulk Query")
		}
	}
	return nil
}

func (a *API) listJobs(w http.ResponseWriter) *refusal {
	a.mu.Lock()
	records := make([]job, 0, len(a.jobs))
	for _, j := range a.jobs {
		records = append(records, *j)
	}
	a.mu.Unlock()
	slices.SortFunc(records, func(x, y job) int { return strings.Compare(x.ID, y.ID) })
	writeJSON(w, http.StatusOK, map[string]any{"done": true, "records": records, "nextRecordsUrl": nil})
	return nil
}

// serveJob shows a job, aborts it or deletes it. Each look at it sees it a step on.
func (a *API) serveJob(w http.ResponseWriter, r *http.Request, j *job) *refusal {
	a.mu.Lock()
	defer a.mu.Unlock()
	running := j.State == "UploadComplete" || j.State == "InProgress"
	switch r.Method {
	case http.MethodGet:
		j.proceed(a.trouble.now())
	case http.MethodPatch:
		var ask struct{ State string }
		if err := json.NewDecoder(http.MaxBytesReader(w, r.Body, 1<<20)).Decode(&ask); err != nil || ask.State != "Aborted" {
			return refuse(http.StatusBadRequest, "INVALIDJOBSTATE", "A query job can only be aborted")
		}
		if !running {
			return refuse(http.StatusBadRequest, "INVALIDJOBSTATE", "Aborting already %s Job not allowed", j.State)
		}
		j.State = "Aborted"
	case http.MethodDelete:
		if running {
			return refuse(http.StatusBadRequest, "INVALIDJOBSTATE", "Job is not in a state in which it can be deleted: %s", j.State)
		}
		delete(a.jobs, j.ID)
		w.WriteHeader(http.StatusNoContent)
		return nil
	default:
		return refuse(http.StatusMethodNotAllowed, "METHOD_NOT_ALLOWED", "HTTP Method '%s' not allowed. Allowed are DELETE, GET, PATCH", r.Method)
	}
	writeJSON(w, http.StatusOK, *j)
	return nil
}

func (j *job) proceed(t Trouble) {
	none := 0
	switch j.State {
	case "UploadComplete", "InProgress":
		if t.Frozen {
			return
		}
	}
	switch j.State {
	case "UploadComplete":
		j.State, j.Records = "InProgress", &none
	case "InProgress":
		j.State, j.Records = "JobComplete", &j.answer.total
		if t.Disagreeing {
			one := j.answer.total + 1
			j.Records = &one
		}
		if t.tooSlow(j.answer) {
			j.State, j.Records = "Failed", &none
			j.Message = "Retried more than fifteen times to process the query; apply a filter"
		}
	}
	j.Type, j.Retries, j.Took = "V2Query", &none, &none
}
