package bigquery

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	bq "cloud.google.com/go/bigquery"
	gax "github.com/googleapis/gax-go/v2"

	"merit/connectors/fault"
	"merit/transform/warehouse"
)

// A service answers as BigQuery does: jobs by their ids, each ending as its story
// says.
type service struct {
	mu        sync.Mutex
	jobs      map[string]string // id → reason it fails for; "" it is done
	inserted  []string          // ids, refused ones too
	cancelled []string
	bodies    []string
	end       func(n int) string // reason for which the nth job fails
	refuse    func(n int) (status int, reason string)
	running   bool // jobs never end
	// When tables is there, a table has the metadata that it says, or is not there;
	// what was done beside jobs is then in changes.
	tables  map[string]string
	changes []string
}

func (s *service) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	s.mu.Lock()
	defer s.mu.Unlock()
	_, id, _ := strings.Cut(r.URL.Path, "/jobs/")
	switch {
	case strings.HasSuffix(r.URL.Path, "/cancel"):
		s.cancelled = append(s.cancelled, strings.TrimSuffix(id, "/cancel"))
		answer(w, map[string]any{})
	case strings.HasSuffix(r.URL.Path, "/jobs") && r.Method == http.MethodPost:
		s.insert(w, r)
	case strings.Contains(r.URL.Path, "/queries/"):
		answer(w, map[string]any{"jobComplete": true, "totalRows": "0", "schema": map[string]any{}})
	case id != "":
		answer(w, s.about(id))
	case s.tables != nil && strings.Contains(r.URL.Path, "/tables"):
		s.table(w, r)
	default:
		answer(w, map[string]any{"datasetReference": map[string]string{"projectId": "p", "datasetId": "d"}})
	}
}

func (s *service) insert(w http.ResponseWriter, r *http.Request) {
	text, _ := io.ReadAll(r.Body)
	s.bodies = append(s.bodies, string(text))
	var job struct {
		JobReference struct {
			JobID string `json:"jobId"`
		} `json:"jobReference"`
	}
	_ = json.NewDecoder(strings.NewReader(string(text[strings.IndexByte(string(text), '{'):]))).Decode(&job)
	id := job.JobReference.JobID
	n := len(s.inserted)
	s.inserted = append(s.inserted, id)
	if _, there := s.jobs[id]; there {
		refuse(w, http.StatusConflict, "duplicate")
		return
	}
	status, reason := 0, ""
	if s.refuse != nil {
		status, reason = s.refuse(n)
	}
	if status != http.StatusBadRequest { // it is made even where the answer is lost
		s.jobs[id] = ""
		if s.end != nil {
			s.jobs[id] = s.end(n)
		}
	}
	if status != 0 {
		refuse(w, status, reason)
		return
	}
	answer(w, s.about(id))
}

func (s *service) about(id string) map[string]any {
	status := map[string]any{"state": "DONE"}
	if reason := s.jobs[id]; reason != "" {
		message := "so it is"
		switch reason { // what has no reason of its own
		case "overtaken":
			reason, message = "invalidQuery", "Transaction is aborted due to concurrent update against table merit.scores"
		case "rowPolicy":
			reason, message = "invalidQuery", "DML statement is not supported over tables with row access policies without a TRUE filter"
		}
		status["errorResult"] = map[string]string{"reason": reason, "message": message}
	}
	if s.running {
		status = map[string]any{"state": "RUNNING"}
	}
	return map[string]any{
		"jobReference": map[string]string{"projectId": "p", "jobId": id, "location": "EU"}, "status": status,
		"configuration": map[string]any{"query": map[string]any{"query": "x", "destinationTable": map[string]string{"projectId": "p", "datasetId": "d", "tableId": "t"}}},
	}
}

// table answers about dataset.table, or makes, changes or drops it.
func (s *service) table(w http.ResponseWriter, r *http.Request) {
	_, path, _ := strings.Cut(r.URL.Path, "/datasets/")
	name := strings.TrimSuffix(strings.Replace(path, "/tables", ".", 1), ".")
	name = strings.Replace(name, "./", ".", 1)
	text, _ := io.ReadAll(r.Body)
	if r.Method != http.MethodGet {
		s.changes = append(s.changes, r.Method+" "+name+" "+string(text))
	}
	switch about, there := s.tables[name]; {
	case r.Method == http.MethodDelete:
		delete(s.tables, name)
		answer(w, map[string]any{})
	case r.Method == http.MethodPost:
		var made struct {
			TableReference struct{ DatasetID, TableID string }
		}
		_ = json.Unmarshal(text, &made)
		name := made.TableReference.DatasetID + "." + made.TableReference.TableID
		if _, there := s.tables[name]; there {
			refuse(w, http.StatusConflict, "duplicate")
			return
		}
		s.tables[name] = `{"creationTime": "1767225600000", "tableReference": {}}`
		fmt.Fprint(w, s.tables[name])
	case !there:
		refuse(w, http.StatusNotFound, "notFound")
	default:
		w.Header().Set("Content-Type", "application/json")
		fmt.Fprint(w, about)
	}
}

func answer(w http.ResponseWriter, body any) {
	w.Header().Set("Content-Type", "application/json")
	_ = json.NewEncoder(w).Encode(body)
}

func refuse(w http.ResponseWriter, status int, reason string) {
	w.Header().Set("Content-Type", "application/json")
	w.WriteHeader(status)
	fmt.Fprintf(w, `{"error": {"code": %d, "message": "so it is", "errors": [{"reason": %q}]}}`, status, reason)
}

func against(t *testing.T, s *service) *Warehouse {
	t.Helper()
	return serving(t, s, s, Settings{Location: "EU", MaxBytesBilled: leastCap})
}

// serving opens a warehouse at a handler; jobs are the service's.
func serving(t *testing.T, handler http.Handler, s *service, settings Settings) *Warehouse {
	t.Helper()
	s.jobs = map[string]string{}
	server := httptest.NewServer(handler)
	t.Cleanup(server.Close)
	settings.Project, settings.Dataset, settings.Endpoint = "merit-test", "merit", server.URL
	w, err := Open(context.Background(), settings)
	if err != nil {
		t.Fatal(err)
	}
	w.backoff = gax.Backoff{Initial: time.Millisecond, Max: 10 * time.Millisecond, Multiplier: 2}
	t.Cleanup(func() { w.Close() })
	return w
}

func TestAJobStoppedByARateIsRunAgainUnderAFurtherID(t *testing.T) {
	s := &service{end: func(n int) string { return []string{"rateLimitExceeded", "backendError", ""}[n] }}
	if err := against(t, s).Exec(context.Background(), "select 1"); err != nil {
		t.Fatal(err)
	}
	if len(s.inserted) != 3 || s.inserted[1] != s.inserted[0]+"_1" || s.inserted[2] != s.inserted[0]+"_2" {
		t.Errorf("%q", s.inserted)
	}
	if !strings.Contains(s.bodies[0], `"maximumBytesBilled":"1048576000"`) || !strings.Contains(s.bodies[0], `"product":"merit"`) || !strings.Contains(s.bodies[0], `"location":"EU"`) {
		t.Errorf("sent without its cap, label or location: %s", s.bodies[0])
	}
}

func TestWhatNeverPassesEndsWithWhoMendsIt(t *testing.T) {
	for reason, story := range map[string]struct {
		who  fault.Party
		jobs int
	}{
		"quotaExceeded":            {fault.Them, attempts},
		"backendError":             {fault.Them, attempts},
		"bytesBilledLimitExceeded": {fault.You, 1},
		"accessDenied":             {fault.You, 1},
		"invalidQuery":             {fault.Us, 1},
		"overtaken":                {fault.Them, attempts},
		"rowPolicy":                {fault.You, 1},
	} {
		s := &service{end: func(int) string { return reason }}
		err := against(t, s).Exec(context.Background(), "select 1")
		if err == nil || fault.WhoMends(err) != story.who || len(s.inserted) != story.jobs {
			t.Errorf("%s: mended by %v after %d jobs: %v", reason, fault.WhoMends(err), len(s.inserted), err)
		}
	}
}

// An upload is not tried again by Google's client. Where only the answer was lost
// the job is there, is found by its id, and no row is put twice.
func TestAnUploadWhoseAnswerWasLostIsNotDoneTwice(t *testing.T) {
	s := &service{refuse: func(n int) (int, string) {
		if n == 0 {
			return http.StatusServiceUnavailable, "backendError"
		}
		return 0, ""
	}}
	r := warehouse.Relation{Schema: "plan", Name: "t", Columns: []warehouse.Column{{Name: "amount", Type: "numeric(18, 2)"}}}
	if err := against(t, s).Put(context.Background(), r, slices.Values([][]any{{"9007199254740993.07"}})); err != nil {
		t.Fatal(err)
	}
	if len(s.jobs) != 1 || len(s.inserted) != 2 || s.inserted[0] != s.inserted[1] {
		t.Errorf("%q made %d jobs", s.inserted, len(s.jobs))
	}
	for _, want := range []string{`{"amount":"9007199254740993.07"}`, `"WRITE_TRUNCATE"`, `"NUMERIC"`, `"scale":"2"`, `"REQUIRED"`} {
		if !strings.Contains(s.bodies[1], want) {
			t.Errorf("%s is not in %s", want, s.bodies[1])
		}
	}
}

// A job's id is taken for good. One that an earlier process left in failure, such as a
// load before the bucket was opened to the service account, is no reason to fail again.
func TestAJobThatFailedInAnEarlierProcessIsRunUnderTheNextID(t *testing.T) {
	for _, reason := range []string{"stopped", "accessDenied", "invalid", "backendError"} {
		s := &service{tables: map[string]string{}}
		w := against(t, s)
		table, file := w.table("raw_crm", "rows"), fileIn(t, "a.parquet")
		load := func() error {
			return w.loadOne(context.Background(), table, "born", file, 4, func() (bq.LoadSource, func(), error) { return opened(file, nil) })
		}
		if err := load(); err != nil {
			t.Fatal(err)
		}
		first := s.inserted[0]
		s.jobs[first], s.inserted = reason, nil
		if err := load(); err != nil {
			t.Fatalf("after %s: %v", reason, err)
		}
		if len(s.inserted) != 2 || s.inserted[1] != first+"_1" {
			t.Errorf("after %s: %q", reason, s.inserted)
		}
		s.inserted = nil // and what went well then is found by its id
		if err := load(); err != nil || len(s.inserted) != 2 {
			t.Errorf("after %s, a third time: %q, %v", reason, s.inserted, err)
		}
	}
}

func TestAnUploadHasTheTimeThatItsBytesTake(t *testing.T) {
	w := against(t, &service{})
	if got := w.deadline(jobStart{bytes: 64 << 20}); got < 15*time.Minute || w.deadline(jobStart{}) != w.oneCall {
		t.Errorf("64 MiB may take %s, a question %s", got, w.deadline(jobStart{}))
	}
}

func TestWhoeverStopsUsStopsTheJob(t *testing.T) {
	s := &service{running: true}
	w := against(t, s)
	ctx, stop := context.WithCancel(context.Background())
	done := make(chan error)
	go func() { done <- w.Exec(ctx, "select 1") }()
	for started := false; !started; {
		s.mu.Lock()
		started = len(s.inserted) > 0
		s.mu.Unlock()
	}
	stop()
	if err := <-done; err == nil {
		t.Error("it went on")
	}
	if len(s.cancelled) == 0 || s.cancelled[0] != s.inserted[0] {
		t.Errorf("cancelled %q, started %q", s.cancelled, s.inserted)
	}
}

func TestSettingsThatCanNotBeAreSaid(t *testing.T) {
	for want, s := range map[string]Settings{
		"no id of a Google Cloud project": {Project: "My Project", Dataset: "merit"},
		"can't be a dataset's name":       {Project: "merit-test", Dataset: "merit-x"},
		"can't be below 0":                {Project: "merit-test", Dataset: "merit", MaxBytesBilled: -1},
		"every run would be refused":      {Project: "merit-test", Dataset: "merit", MaxBytesBilled: 12345},
	} {
		if _, err := Open(context.Background(), s); err == nil || !strings.Contains(err.Error(), want) || fault.WhoMends(err) != fault.You {
			t.Errorf("%s: %v", want, err)
		}
	}
}
