package bigquery

import (
	"encoding/json"
	"fmt"
	"io"
	"maps"
	"mime"
	"mime/multipart"
	"net/http"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	bqapi "google.golang.org/api/bigquery/v2"
)

// strict refuses what the real service refuses, each rule with its source: it keeps no
// rows, but remembers datasets, tables, policies and jobs, and counts what is billed.
type strict struct {
	mu         sync.Mutex
	t          *testing.T
	location   string // where the project's new datasets lie when nobody says so
	datasets   map[string]*bqapi.Dataset
	tables     map[string]*bqapi.Table // by dataset.table, in its own case
	policies   map[string]bool         // tables with row access policies; false: Merit has none that is TRUE
	jobs       map[string]*bqapi.Job   // for good: rule 3
	loads      map[string]int          // by table, in a day
	refused    []string                // what was refused, for the test to name
	billed     int64
	queries    int                            // jobs that are not dry
	references int                            // tables that they read, each job for itself
	columnsOf  func(sql string) []string      // what a dry run tells of a query
	births     int64                          // of tables, each a millisecond later
	changes    uint64                         // of tables, each a millisecond later
	put        map[string][]map[string]string // the rows of tables that were put, which is all that can be asked for
}

// touch says when a table was changed last (API: Table.lastModifiedTime).
func (s *strict) touch(name string) {
	if table := s.tables[name]; table != nil {
		s.changes++
		table.LastModifiedTime = 1767225600000 + s.changes
	}
}

func newStrict(t *testing.T) *strict {
	return &strict{t: t, location: "US", datasets: map[string]*bqapi.Dataset{}, tables: map[string]*bqapi.Table{}, policies: map[string]bool{}, jobs: map[string]*bqapi.Job{}, loads: map[string]int{}, put: map[string][]map[string]string{}, columnsOf: func(string) []string { return []string{"a"} }}
}

// A refusal is the service's.
type refusal struct {
	status          int
	reason, message string
}

func (s *strict) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	s.mu.Lock()
	defer s.mu.Unlock()
	body, no := s.answer(r)
	if no != nil {
		s.refused = append(s.refused, no.message)
		w.Header().Set("Content-Type", "application/json")
		w.WriteHeader(no.status)
		_ = json.NewEncoder(w).Encode(map[string]any{"error": map[string]any{"code": no.status, "message": no.message, "errors": []map[string]string{{"reason": no.reason, "message": no.message}}}})
		return
	}
	answer(w, body)
}

var strictPath = regexp.MustCompile(`/projects/[^/]+/(datasets|jobs|queries)(?:/([^/]+))?(?:/(tables|cancel))?(?:/([^/]+))?$`)

func (s *strict) answer(r *http.Request) (any, *refusal) {
	at := strictPath.FindStringSubmatch(r.URL.Path)
	if at == nil {
		return nil, &refusal{404, "notFound", "no such path " + r.URL.Path}
	}
	switch {
	case at[1] == "datasets" && r.Method == http.MethodGet && at[4] == "" && (at[2] == "" || at[3] == "tables"):
		return s.list(at[2], at[3] == "tables"), nil
	case at[1] == "jobs" && r.Method == http.MethodPost && at[2] == "":
		return s.insert(r)
	case at[1] == "jobs", at[1] == "queries":
		return s.job(r, at[1], at[2])
	case at[3] == "tables":
		return s.table(r, at[2], at[4])
	}
	return s.dataset(r, at[2])
}

// dataset: without access everybody who may see the project is let in (API: Dataset.access).
func (s *strict) dataset(r *http.Request, name string) (any, *refusal) {
	if r.Method == http.MethodPost {
		var made bqapi.Dataset
		_ = json.NewDecoder(r.Body).Decode(&made)
		name = made.DatasetReference.DatasetId
		if s.datasets[name] != nil {
			return nil, &refusal{409, "duplicate", "Already Exists: Dataset " + name}
		}
		if len(made.Access) == 0 {
			made.Access = []*bqapi.DatasetAccess{{Role: "READER", SpecialGroup: "projectReaders"}, {Role: "WRITER", SpecialGroup: "projectWriters"}, {Role: "OWNER", SpecialGroup: "projectOwners"}}
		}
		if made.Location == "" {
			made.Location = s.location
		}
		s.datasets[name] = &made
	}
	if s.datasets[name] == nil {
		return nil, &refusal{404, "notFound", "Not found: Dataset " + name}
	}
	return s.datasets[name], nil
}

// list names what there is, a page of all.
func (s *strict) list(dataset string, isOfTables bool) any {
	var all []any
	if !isOfTables {
		for _, name := range slices.Sorted(maps.Keys(s.datasets)) {
			all = append(all, map[string]any{"datasetReference": map[string]string{"projectId": "merit-test", "datasetId": name}, "labels": s.datasets[name].Labels})
		}
		return map[string]any{"datasets": all}
	}
	for _, name := range slices.Sorted(maps.Keys(s.tables)) {
		if of, table, _ := strings.Cut(name, "."); of == dataset {
			all = append(all, map[string]any{"tableReference": map[string]string{"projectId": "merit-test", "datasetId": of, "tableId": table}})
		}
	}
	return map[string]any{"tables": all, "totalItems": len(all)}
}

func (s *strict) table(r *http.Request, dataset, name string) (any, *refusal) {
	if r.Method == http.MethodPost {
		var made bqapi.Table
		_ = json.NewDecoder(r.Body).Decode(&made)
		name = made.TableReference.TableId
		if s.tables[dataset+"."+name] != nil {
			return nil, &refusal{409, "duplicate", "Already Exists: Table " + name}
		}
		s.births++
		made.CreationTime = 1767225600000 + s.births
		s.tables[dataset+"."+name] = &made
	}
	table := s.tables[dataset+"."+name] // names are told apart by their case (API: IsCaseInsensitive)
	switch {
	case table == nil:
		return nil, &refusal{404, "notFound", "Not found: Table " + dataset + "." + name}
	case r.Method == http.MethodDelete:
		delete(s.tables, dataset+"."+name)
		return map[string]any{}, nil
	case r.Method == http.MethodPatch:
		var change bqapi.Table
		_ = json.NewDecoder(r.Body).Decode(&change)
		if change.Schema != nil {
			table.Schema = change.Schema
		}
		if change.Description != "" {
			table.Description = change.Description
		}
		s.touch(dataset + "." + name)
	}
	return table, nil
}

func (s *strict) job(r *http.Request, kind, id string) (any, *refusal) {
	job := s.jobs[id]
	// jobs.get, jobs.cancel and getQueryResults need a location outside of US and EU.
	if job == nil || r.URL.Query().Get("location") == "" && job.JobReference.Location != "US" && job.JobReference.Location != "EU" {
		return nil, &refusal{404, "notFound", "Not found: Job " + id}
	}
	if kind == "queries" {
		if e := job.Status.ErrorResult; e != nil {
			return nil, &refusal{400, e.Reason, e.Message}
		}
		return s.rowsFor(job), nil
	}
	return job, nil
}

var asking = regexp.MustCompile("^select ([a-z_, ]+) from `([^`]+)`\\.`?(\\w+)`?$")

// rowsFor answers what asks for columns of a table that was put, and gives no rows of others.
func (s *strict) rowsFor(job *bqapi.Job) any {
	answer := map[string]any{"jobComplete": true, "totalRows": "0", "jobReference": job.JobReference, "schema": map[string]any{}}
	m := asking.FindStringSubmatch(job.Configuration.Query.Query)
	if m == nil {
		return answer
	}
	var fields, rows []any
	for _, column := range strings.Split(m[1], ", ") {
		kind := "STRING"
		if strings.HasSuffix(column, "_at") {
			kind = "TIMESTAMP"
		}
		fields = append(fields, map[string]any{"name": column, "type": kind})
	}
	for _, row := range s.put[m[2]+"."+m[3]] {
		var cells []any
		for _, column := range strings.Split(m[1], ", ") {
			cell := any(row[column])
			if at, err := time.Parse(time.RFC3339Nano, row[column]); err == nil {
				cell = strconv.FormatInt(at.UnixMicro(), 10)
			}
			cells = append(cells, map[string]any{"v": cell})
		}
		rows = append(rows, map[string]any{"f": cells})
	}
	answer["schema"], answer["rows"], answer["totalRows"] = map[string]any{"fields": fields}, rows, strconv.Itoa(len(rows))
	return answer
}

// insert: an id is taken for good, also by a job that failed or was cancelled.
func (s *strict) insert(r *http.Request) (any, *refusal) {
	job, upload, err := readInsert(r)
	if err != nil {
		return nil, &refusal{400, "invalid", err.Error()}
	}
	id := job.JobReference.JobId
	if s.jobs[id] != nil && !job.Configuration.DryRun {
		return nil, &refusal{409, "duplicate", "Already Exists: Job " + id}
	}
	if job.JobReference.Location == "" {
		job.JobReference.Location = s.location
	}
	job.Status = &bqapi.JobStatus{State: "DONE"}
	job.Statistics = &bqapi.JobStatistics{Query: &bqapi.JobStatistics2{}}
	no := s.run(job, upload)
	if job.Configuration.DryRun {
		if no != nil {
			return nil, no
		}
		return job, nil
	}
	if no != nil {
		s.refused = append(s.refused, no.message)
		job.Status.ErrorResult = &bqapi.ErrorProto{Reason: no.reason, Message: no.message}
	}
	s.jobs[id] = job
	return job, nil
}

// readInsert reads a job, and what it uploads: nil for nothing.
func readInsert(r *http.Request) (*bqapi.Job, []byte, error) {
	var job bqapi.Job
	kind, params, _ := mime.ParseMediaType(r.Header.Get("Content-Type"))
	if !strings.HasPrefix(kind, "multipart/") {
		return &job, nil, json.NewDecoder(r.Body).Decode(&job)
	}
	parts := multipart.NewReader(r.Body, params["boundary"])
	about, err := parts.NextPart()
	if err == nil {
		err = json.NewDecoder(about).Decode(&job)
	}
	if err != nil {
		return &job, nil, err
	}
	media, err := parts.NextPart()
	if err != nil {
		return &job, nil, err
	}
	upload, err := io.ReadAll(media)
	if upload == nil {
		upload = []byte{}
	}
	return &job, upload, err
}

func (s *strict) run(job *bqapi.Job, upload []byte) *refusal {
	if job.Configuration.Load != nil {
		return s.load(job.Configuration.Load, upload)
	}
	q := job.Configuration.Query
	zone := ""
	for _, p := range q.ConnectionProperties {
		if p.Key == "time_zone" {
			zone = p.Value
		}
	}
	if zone != "UTC" { // a project's default_time_zone would count ("Manage default configurations")
		return &refusal{400, "invalid", "the project's default time zone counts"}
	}
	for _, m := range makingSchema.FindAllStringSubmatch(q.Query, -1) {
		if s.datasets[m[1]] == nil {
			s.datasets[m[1]] = &bqapi.Dataset{Location: job.JobReference.Location}
		}
	}
	names := namedIn(q.Query)
	read := slices.Compact(slices.Sorted(slices.Values(namedIn(written.ReplaceAllString(q.Query, "")))))
	for _, name := range names {
		dataset, _, _ := strings.Cut(name, ".")
		about := s.datasets[dataset]
		if about == nil || !strings.EqualFold(about.Location, job.JobReference.Location) {
			return &refusal{404, "notFound", fmt.Sprintf("Not found: Dataset %s was not found in location %s", dataset, job.JobReference.Location)}
		}
	}
	bill := int64(len(read)) * leastBilled // each table that is read, once
	if q.MaximumBytesBilled > 0 && q.MaximumBytesBilled < bill {
		return &refusal{400, "bytesBilledLimitExceeded", fmt.Sprintf("Query exceeded limit for bytes billed: %d. %d or higher required", q.MaximumBytesBilled, bill)}
	}
	if job.Configuration.DryRun {
		job.Statistics.Query.Schema = &bqapi.TableSchema{}
		for _, name := range s.columnsOf(q.Query) {
			job.Statistics.Query.Schema.Fields = append(job.Statistics.Query.Schema.Fields, &bqapi.TableFieldSchema{Name: name, Type: "STRING"})
		}
		return nil
	}
	s.billed, s.queries, s.references = s.billed+bill, s.queries+1, s.references+len(read)
	return s.statements(q.Query)
}

var (
	written      = regexp.MustCompile("(?m)^(?:create or replace table|truncate table|insert into|drop table|alter table) `[^`]+`\\.`[^`]+`")
	makingSchema = regexp.MustCompile("create schema if not exists `([^`]+)`")
	qualified    = regexp.MustCompile("`(merit[^`]*)`\\.`?(\\w+)`?([(]?)")
	replacing    = regexp.MustCompile("(?s)^create or replace table `([^`]+)`\\.`([^`]+)` \\((.*?)\n\\)")
	clusteringBy = regexp.MustCompile("(?m)^cluster by (.*)$")
	partitioning = regexp.MustCompile("(?m)^partition by (.*)$")
	altering     = regexp.MustCompile("^(?:alter|drop) table `([^`]+)`\\.`([^`]+)`(.*)$")
	addedColumn  = regexp.MustCompile("add column `([^`]+)` (\\w+)")
	droppedOne   = regexp.MustCompile("drop column `([^`]+)`")
	widenedOne   = regexp.MustCompile("alter column `([^`]+)` set data type (\\w+)")
	columnOf     = regexp.MustCompile("(?m)^    `([^`]+)` (\\w+)")
	changing     = regexp.MustCompile("(?m)^(truncate table|delete from|insert into) `([^`]+)`\\.`([^`]+)`")
)

// namedIn are the tables that a text names.
func namedIn(sql string) []string {
	var names []string
	for _, m := range qualified.FindAllStringSubmatch(sql, -1) {
		if m[3] == "" { // else it is a function
			names = append(names, m[1]+"."+m[2])
		}
	}
	return names
}

func (s *strict) statements(sql string) *refusal {
	if strings.HasPrefix(sql, "begin transaction;") {
		return s.transaction(sql)
	}
	if m := replacing.FindStringSubmatch(sql); m != nil {
		return s.replace(m[1]+"."+m[2], m[3], sql)
	}
	if m := altering.FindStringSubmatch(sql); m != nil {
		return s.alter(m[1]+"."+m[2], m[3], sql)
	}
	return nil
}

// transaction: no DDL of what stays, at most 100 tables ("Multi-statement transactions");
// who changes a table with row access policies sees all of its rows.
func (s *strict) transaction(sql string) *refusal {
	changed := map[string]bool{}
	for _, m := range changing.FindAllStringSubmatch(sql, -1) {
		name := m[2] + "." + m[3]
		changed[name] = true
		if seesAll, hasPolicies := s.policies[name]; hasPolicies && !seesAll {
			return &refusal{400, "invalidQuery", "DML on a table with row access policies needs a TRUE filter: it has row access policies that grant no access"}
		}
		if s.tables[name] == nil {
			return &refusal{404, "notFound", "Not found: Table " + name}
		}
	}
	switch {
	case regexp.MustCompile(`(?m)^(create|alter|drop) `).MatchString(sql):
		return &refusal{400, "invalidQuery", "DDL statements are not supported in a transaction"}
	case len(changed) > 100:
		return &refusal{400, "invalidQuery", "a transaction changes at most 100 tables"}
	}
	for name := range changed {
		s.touch(name)
	}
	return nil
}

// replace: the same partitions and clustering, and no policy survives it.
func (s *strict) replace(name, columns, sql string) *refusal {
	table := &bqapi.Table{Schema: &bqapi.TableSchema{}, CreationTime: 1767225600000}
	if m := clusteringBy.FindStringSubmatch(sql); m != nil {
		table.Clustering = &bqapi.Clustering{Fields: strings.Split(strings.ReplaceAll(m[1], "`", ""), ", ")}
	}
	if m := partitioning.FindStringSubmatch(sql); m != nil {
		table.TimePartitioning = &bqapi.TimePartitioning{Field: m[1]}
	}
	if before := s.tables[name]; before != nil && specOf(before) != specOf(table) {
		return &refusal{400, "invalidQuery", "Cannot replace a table with a different partitioning spec. Instead, DROP the table, and then recreate it. New partitioning spec is " + specOf(table) + " and existing spec is " + specOf(before)}
	}
	for _, m := range columnOf.FindAllStringSubmatch(columns, -1) {
		table.Schema.Fields = append(table.Schema.Fields, &bqapi.TableFieldSchema{Name: m[1], Type: apiType(m[2])})
	}
	delete(s.policies, name)
	delete(s.put, name)
	s.tables[name] = table
	s.touch(name)
	return nil
}

func specOf(t *bqapi.Table) string {
	spec := "none"
	if t.TimePartitioning != nil {
		spec = "timestamp_trunc(" + t.TimePartitioning.Field + ")"
	}
	if t.Clustering != nil {
		spec += " clustering(" + strings.Join(t.Clustering.Fields, ",") + ")"
	}
	return spec
}

func apiType(kind string) string {
	for api, sql := range sqlTypes {
		if sql == strings.ToLower(kind) {
			return string(api)
		}
	}
	return strings.ToUpper(kind)
}

// alter leaves policies alone.
func (s *strict) alter(name, change, sql string) *refusal {
	table := s.tables[name]
	if table == nil {
		return &refusal{404, "notFound", "Not found: Table " + name}
	}
	if strings.HasPrefix(sql, "drop table") {
		delete(s.tables, name)
		return nil
	}
	var kept []*bqapi.TableFieldSchema
	for _, field := range table.Schema.Fields {
		isDropped := false
		for _, m := range droppedOne.FindAllStringSubmatch(change, -1) {
			isDropped = isDropped || m[1] == field.Name
		}
		if m := widenedOne.FindStringSubmatch(change); m != nil && m[1] == field.Name {
			field.Type, field.Precision, field.Scale = apiType(m[2]), 0, 0
		}
		if !isDropped {
			kept = append(kept, field)
		}
	}
	for _, m := range addedColumn.FindAllStringSubmatch(change, -1) {
		kept = append(kept, &bqapi.TableFieldSchema{Name: m[1], Type: apiType(m[2])})
	}
	table.Schema.Fields = kept
	s.touch(name)
	return nil
}

// load holds limits and types of load jobs.
func (s *strict) load(l *bqapi.JobConfigurationLoad, upload []byte) *refusal {
	name := l.DestinationTable.DatasetId + "." + l.DestinationTable.TableId
	s.loads[name]++
	switch {
	case upload != nil && len(upload) == 0:
		return &refusal{400, "invalid", "an upload of no bytes"}
	case len(l.SourceUris) > 10_000:
		return &refusal{400, "invalid", "a load job names at most 10,000 URIs"}
	case s.loads[name] > 1500:
		return &refusal{403, "quotaExceeded", "a table is modified 1,500 times a day at most, loads that failed included"}
	}
	for _, field := range l.Schema.Fields {
		isWide := field.Type == "BIGNUMERIC"
		if isWide && !strings.Contains(strings.Join(l.DecimalTargetTypes, " "), "BIGNUMERIC") && l.SourceFormat == "PARQUET" {
			return &refusal{400, "invalid", "field " + field.Name + " has changed type from NUMERIC to BIGNUMERIC(" + strconv.FormatInt(field.Precision, 10) + ")"}
		}
		if field.Precision > 0 && field.Precision-field.Scale < 1 {
			return &refusal{400, "invalid", "field " + field.Name + ": 1 <= precision - scale"}
		}
	}
	if s.tables[name] == nil {
		s.tables[name] = &bqapi.Table{Schema: l.Schema}
	}
	s.touch(name)
	if l.SourceFormat == "NEWLINE_DELIMITED_JSON" {
		s.put[name] = nil
		for line := range strings.Lines(string(upload)) {
			var row map[string]string
			if err := json.Unmarshal([]byte(line), &row); err != nil {
				return &refusal{400, "invalid", err.Error()}
			}
			s.put[name] = append(s.put[name], row)
		}
	}
	return nil
}
