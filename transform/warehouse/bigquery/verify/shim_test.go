package verify

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"sync"
	"time"

	bqapi "google.golang.org/api/bigquery/v2"
)

// A shim stands before the emulator and makes up for what it is known to do
// otherwise than BigQuery, and for nothing else (README.md lists it):
//
//   - jobs of queries are the shim's, run by the emulator as its "queries", which
//     it rolls back when they fail; as jobs it commits the half that went well,
//     forgets the error, and keeps each answer as a dataset for ever
//   - a dry run tells columns, and tells what is wrong
//   - create or replace works on a table that exists, whole or not at all, and keeps
//     descriptions, labels, partitions and clusters; and on a function that exists
//   - first_value and last_value ignore nulls, and a column has a minus
//   - a cast to a number of digits rounds to them
//   - decimals in uploaded Parquet files are numbers (decimals_test.go)
//
// It can also be told to fail jobs.
type shim struct {
	next http.Handler

	mu   sync.Mutex
	jobs map[string]ran
	made map[string]string                // functions' texts
	each func(sql string) (string, error) // what becomes of a statement; nil: it runs
	sent []bqapi.Job                      // query jobs, in order
}

// ran is a job that is over.
type ran struct {
	job    bqapi.Job
	answer answer
}

// An answer is what a query gave, in the API's words.
type answer struct {
	Schema *bqapi.TableSchema `json:"schema,omitempty"`
	Rows   []json.RawMessage  `json:"rows,omitempty"`
}

// meddle has every statement go through a function; nil: it runs as it is.
func (s *shim) meddle(with func(sql string) (string, error)) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.each = with
}

// said are the query jobs so far.
func (s *shim) said() []bqapi.Job {
	s.mu.Lock()
	defer s.mu.Unlock()
	return slices.Clone(s.sent)
}

var paths = regexp.MustCompile(`/projects/[^/]+/(jobs|queries)(?:/([^/]+))?$`)

func (s *shim) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	at := paths.FindStringSubmatch(r.URL.Path)
	isUpload := strings.Contains(r.URL.Path, "/upload/")
	switch {
	case isUpload && r.Method == http.MethodPost:
		if err := intDecimals(r); err != nil {
			refuse(w, http.StatusBadRequest, "invalid", err.Error())
			return
		}
	case at != nil && !isUpload && r.Method == http.MethodPost && at[1] == "jobs":
		body, err := io.ReadAll(r.Body)
		var job bqapi.Job
		if err == nil {
			err = json.Unmarshal(body, &job)
		}
		if err != nil {
			refuse(w, http.StatusBadRequest, "invalid", err.Error())
			return
		}
		if job.Configuration != nil && job.Configuration.Query != nil {
			s.insert(w, r, job)
			return
		}
		r.Body, r.ContentLength = io.NopCloser(bytes.NewReader(body)), int64(len(body))
	case at != nil && r.Method == http.MethodGet:
		s.mu.Lock()
		over, isOurs := s.jobs[at[2]]
		s.mu.Unlock()
		if isOurs && at[1] == "jobs" {
			reply(w, over.job)
			return
		}
		if isOurs {
			over.page(w, r)
			return
		}
	}
	s.next.ServeHTTP(w, r)
}

// progress is told of each statement and its time, for whoever waits: the file that
// MERIT_PROGRESS names.
var progress = func() io.Writer {
	file, err := os.Create(os.Getenv("MERIT_PROGRESS"))
	if err != nil {
		return nil
	}
	return file
}()

// answersWithin is how long an insert waits for its job to end, so that whoever
// asks need not ask again.
const answersWithin = 20 * time.Second

// insert starts a job; an id that was there is refused, also while its job runs.
func (s *shim) insert(w http.ResponseWriter, r *http.Request, job bqapi.Job) {
	id := job.JobReference.JobId
	job.Configuration.JobType = "QUERY"
	job.Status = &bqapi.JobStatus{State: "RUNNING"}
	s.mu.Lock()
	_, isKnown := s.jobs[id]
	s.sent = append(s.sent, job)
	if !isKnown && !job.Configuration.DryRun {
		s.jobs[id] = ran{job: job}
	}
	s.mu.Unlock()
	if isKnown {
		refuse(w, http.StatusConflict, "duplicate", "Already Exists: Job "+id)
		return
	}
	if job.Configuration.DryRun {
		s.dryRun(w, r, job)
		return
	}
	over := make(chan ran, 1)
	go func() {
		done := s.finished(r, job)
		s.mu.Lock()
		s.jobs[id] = done
		s.mu.Unlock()
		over <- done
	}()
	select {
	case done := <-over:
		job = done.job
	case <-time.After(answersWithin):
	}
	reply(w, job)
}

// meddled is a statement as it is to run.
func (s *shim) meddled(sql string) (string, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.each == nil {
		return sql, nil
	}
	return s.each(sql)
}

func (s *shim) dryRun(w http.ResponseWriter, r *http.Request, job bqapi.Job) {
	sql, err := s.meddled(job.Configuration.Query.Query)
	var given answer
	if err == nil {
		given, err = s.ask(r, "select * from (\n"+sql+"\n) limit 0", nil, true)
	}
	if err != nil {
		refuse(w, http.StatusBadRequest, "invalidQuery", err.Error())
		return
	}
	job.Status = &bqapi.JobStatus{State: "DONE"}
	job.Statistics = &bqapi.JobStatistics{Query: &bqapi.JobStatistics2{Schema: given.Schema, ForceSendFields: []string{"TotalBytesProcessed"}}}
	reply(w, job)
}

// finished is a job when it is over.
func (s *shim) finished(r *http.Request, job bqapi.Job) ran {
	sql, err := s.meddled(job.Configuration.Query.Query)
	var given answer
	began := time.Now()
	if err == nil {
		given, err = s.runs(r, sql, job.Configuration.Query)
	}
	if progress != nil {
		fmt.Fprintf(progress, "%6.1f s  %.90s\n", time.Since(began).Seconds(), strings.Join(strings.Fields(sql), " "))
	}
	job.Status = &bqapi.JobStatus{State: "DONE"}
	if err != nil {
		job.Status.ErrorResult = &bqapi.ErrorProto{Reason: "invalidQuery", Message: err.Error()}
	}
	job.Statistics = &bqapi.JobStatistics{Query: &bqapi.JobStatistics2{}}
	return ran{job, given}
}

// page answers with the rows that are asked for.
func (over ran) page(w http.ResponseWriter, r *http.Request) {
	if over.job.Status.State != "DONE" {
		reply(w, map[string]any{"jobReference": over.job.JobReference, "jobComplete": false})
		return
	}
	if over.job.Status.ErrorResult != nil {
		refuse(w, http.StatusBadRequest, over.job.Status.ErrorResult.Reason, over.job.Status.ErrorResult.Message)
		return
	}
	from, _ := strconv.Atoi(r.URL.Query().Get("pageToken"))
	to := len(over.answer.Rows)
	if most, err := strconv.Atoi(r.URL.Query().Get("maxResults")); err == nil {
		to = min(to, from+most)
	}
	page := map[string]any{
		"jobReference": over.job.JobReference, "jobComplete": true, "schema": over.answer.Schema,
		"totalRows": strconv.Itoa(len(over.answer.Rows)), "rows": over.answer.Rows[from:to],
	}
	if to < len(over.answer.Rows) {
		page["pageToken"] = strconv.Itoa(to)
	}
	reply(w, page)
}

var (
	replaces = regexp.MustCompile("(?is)^\\s*create\\s+or\\s+replace\\s+table\\s+`([^`]+)`\\.`([^`]+)`")
	isSelect = regexp.MustCompile(`(?is)^(\s|--[^\n]*\n)*(select|with)\b`)
)

// runs has the emulator do a job's statements, all or none.
func (s *shim) runs(r *http.Request, sql string, query *bqapi.JobConfigurationQuery) (answer, error) {
	m := replaces.FindStringSubmatch(sql)
	if m == nil {
		for _, function := range s.changed(sql) {
			if _, err := s.ask(r, "drop function "+function, nil, false); err != nil {
				return answer{}, err
			}
		}
		return s.ask(r, sql, query.QueryParameters, isSelect.MatchString(sql))
	}
	name := "`" + m[1] + "`.`" + m[2] + "`"
	if s.has(r, m[1], m[2]) {
		beside := "`" + m[1] + "`.`" + m[2] + "__beside`"
		if _, err := s.ask(r, strings.Replace(sql, name, beside, 1), nil, true); err != nil {
			return answer{}, err
		}
		if _, err := s.ask(r, "drop table "+name, nil, false); err != nil {
			return answer{}, err
		}
	}
	given, err := s.ask(r, sql, nil, false)
	if err != nil {
		return given, err
	}
	return given, s.describe(r, m[1], m[2], sql)
}

var declares = regexp.MustCompile("(?s)create or replace function (`[^`]+`\\.\\w+)\\(.*?\\);(?:\n|$)")

// changed are the functions that a script declares otherwise than they are, and
// those of them that call such ones: the emulator writes a function's text into
// whatever calls it, and takes none twice.
func (s *shim) changed(sql string) (names []string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, m := range declares.FindAllStringSubmatch(sql, -1) {
		before, isMade := s.made[m[1]]
		callsChanged := slices.ContainsFunc(names, func(name string) bool { return strings.Contains(m[0], name+"(") })
		if isMade && (before != m[0] || callsChanged) {
			names = append(names, m[1])
		}
		s.made[m[1]] = m[0]
	}
	return names
}

// ask runs statements at once. Dry, nothing stays of it but the answer.
func (s *shim) ask(of *http.Request, sql string, parameters []*bqapi.QueryParameter, dry bool) (answer, error) {
	isLegacy := false
	said := s.send(of, http.MethodPost, "/queries", bqapi.QueryRequest{
		Query: forEmulator(sql), QueryParameters: parameters, DryRun: dry, UseLegacySql: &isLegacy, FormatOptions: &bqapi.DataFormatOptions{UseInt64Timestamp: true},
	})
	var given struct {
		answer
		JobReference *bqapi.JobReference `json:"jobReference"`
	}
	if said.Code != http.StatusOK {
		return given.answer, errors.New(said.Body.String())
	}
	if err := json.Unmarshal(said.Body.Bytes(), &given); err != nil {
		return given.answer, err
	}
	if !dry { // every request looks through all jobs that there ever were
		s.send(of, http.MethodDelete, "/jobs/"+given.JobReference.JobId+"/delete", nil)
	}
	return given.answer, nil
}

func (s *shim) has(of *http.Request, dataset, table string) bool {
	return s.send(of, http.MethodGet, "/datasets/"+dataset+"/tables/"+table, nil).Code == http.StatusOK
}

func (s *shim) send(of *http.Request, method, path string, body any) *httptest.ResponseRecorder {
	text, err := json.Marshal(body)
	if err != nil {
		panic(err) // the API's own types
	}
	r := httptest.NewRequest(method, "/bigquery/v2/projects/"+project+path, bytes.NewReader(text)).WithContext(context.WithoutCancel(of.Context()))
	said := httptest.NewRecorder()
	s.next.ServeHTTP(said, r)
	return said
}

const quotedText = `'((?:[^'\\]|\\.)*)'`

var (
	columnLine  = regexp.MustCompile("(?m)^    `([^`]+)` [a-z0-9]+(?:\\([0-9, ]+\\))?(?: options\\(description = " + quotedText + "\\))?,?$")
	ofTable     = regexp.MustCompile(`(?m)^options\(description = ` + quotedText + `, labels = \[(.*)\]\)`)
	label       = regexp.MustCompile(`\(` + quotedText + `, ` + quotedText + `\)`)
	partitioned = regexp.MustCompile("(?m)^partition by timestamp_trunc\\(`([^`]+)`, month\\)")
	clustered   = regexp.MustCompile("(?m)^cluster by (.*)$")
	unescape    = strings.NewReplacer(`\n`, "\n", `\'`, "'", `\\`, `\`)
)

// describe keeps what the emulator reads over in a create or replace.
func (s *shim) describe(of *http.Request, dataset, name, sql string) error {
	about := s.send(of, http.MethodGet, "/datasets/"+dataset+"/tables/"+name, nil)
	var now, change bqapi.Table
	if err := json.Unmarshal(about.Body.Bytes(), &now); err != nil {
		return fmt.Errorf("%s.%s: %w", dataset, name, err)
	}
	for _, m := range columnLine.FindAllStringSubmatch(sql, -1) {
		for _, field := range now.Schema.Fields {
			if field.Name == m[1] {
				field.Description = unescape.Replace(m[2])
			}
		}
	}
	change.Schema = now.Schema
	if m := ofTable.FindStringSubmatch(sql); m != nil {
		change.Description, change.Labels = unescape.Replace(m[1]), map[string]string{}
		for _, pair := range label.FindAllStringSubmatch(m[2], -1) {
			change.Labels[pair[1]] = pair[2]
		}
	}
	if m := partitioned.FindStringSubmatch(sql); m != nil {
		change.TimePartitioning = &bqapi.TimePartitioning{Field: m[1], Type: "MONTH"}
	}
	if m := clustered.FindStringSubmatch(sql); m != nil {
		change.Clustering = &bqapi.Clustering{Fields: strings.Split(strings.ReplaceAll(m[1], "`", ""), ", ")}
	}
	if said := s.send(of, http.MethodPatch, "/datasets/"+dataset+"/tables/"+name, change); said.Code != http.StatusOK {
		return errors.New(said.Body.String())
	}
	return nil
}

func reply(w http.ResponseWriter, body any) {
	w.Header().Set("Content-Type", "application/json")
	_ = json.NewEncoder(w).Encode(body)
}

func refuse(w http.ResponseWriter, status int, reason, why string) {
	w.Header().Set("Content-Type", "application/json")
	w.WriteHeader(status)
	_ = json.NewEncoder(w).Encode(map[string]any{"error": map[string]any{
		"code": status, "message": why, "errors": []map[string]string{{"reason": reason, "message": why}},
	}})
}
