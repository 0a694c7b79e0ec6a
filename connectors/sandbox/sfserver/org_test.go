package sfserver_test

import (
	"encoding/csv"
	"encoding/json"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"sync"
	"testing"
	"time"

	"merit/connectors/sandbox/company"
	"merit/connectors/sandbox/sfserver"
)

const (
	token = "the-token"
	home  = "/services/data/v67.0"
)

// A frozen clock moves when it is told to.
type frozen struct {
	mu  sync.Mutex
	now time.Time
}

func (f *frozen) Now() time.Time {
	f.mu.Lock()
	defer f.mu.Unlock()
	return f.now
}

func (f *frozen) advance(d time.Duration) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.now = f.now.Add(d)
}

// An org is the sandbox under test, called without a network.
type org struct {
	api   *sfserver.API
	clock *frozen
	story *company.Company
}

func open(story *company.Company) *org {
	clock := &frozen{now: story.Now}
	access := sfserver.Access{ClientID: "client", ClientSecret: "secret", Token: token}
	return &org{sfserver.New(story, clock, access), clock, story}
}

func acme(seed uint64, size int) *company.Company { return company.Acme(seed, size) }

func escape(soql string) string { return url.QueryEscape(soql) }

func (o *org) call(method, path, body string, header ...string) *httptest.ResponseRecorder {
	request := httptest.NewRequest(method, path, strings.NewReader(body))
	request.Header.Set("Authorization", "Bearer "+token)
	for i := 0; i+1 < len(header); i += 2 {
		request.Header.Set(header[i], header[i+1])
	}
	reply := httptest.NewRecorder()
	o.api.ServeHTTP(reply, request)
	return reply
}

func (o *org) get(path string, header ...string) *httptest.ResponseRecorder {
	return o.call(http.MethodGet, path, "", header...)
}

// read decodes a JSON reply that has to have a status.
func read[T any](t testing.TB, reply *httptest.ResponseRecorder, status int) T {
	t.Helper()
	var v T
	if reply.Code != status {
		t.Fatalf("the reply has status %d, not %d: %s", reply.Code, status, reply.Body)
	}
	if err := json.Unmarshal(reply.Body.Bytes(), &v); err != nil {
		t.Fatalf("%v in %.300s", err, reply.Body)
	}
	return v
}

type object = map[string]any

type page struct {
	TotalSize      int
	Done           bool
	NextRecordsURL string
	Records        []object
}

// query reads all pages of a query.
func (o *org) query(t testing.TB, resource, soql string) []object {
	t.Helper()
	var rows []object
	for next := home + "/" + resource + "?q=" + escape(soql); next != ""; {
		p := read[page](t, o.get(next), http.StatusOK)
		rows = append(rows, p.Records...)
		if next = p.NextRecordsURL; p.Done != (next == "") {
			t.Fatalf("done is %v and the next page is %q", p.Done, next)
		}
		if p.Done && len(rows) != p.TotalSize {
			t.Fatalf("totalSize is %d, the pages have %d rows", p.TotalSize, len(rows))
		}
	}
	return rows
}

// job starts a query job and waits until it is complete.
func (o *org) job(t testing.TB, operation, soql string) string {
	t.Helper()
	body, err := json.Marshal(map[string]string{"operation": operation, "query": soql, "contentType": "CSV", "columnDelimiter": "COMMA", "lineEnding": "LF"})
	if err != nil {
		t.Fatal(err)
	}
	j := read[object](t, o.call(http.MethodPost, home+"/jobs/query", string(body)), http.StatusOK)
	id := j["id"].(string)
	for j["state"] != "JobComplete" {
		before := j["state"]
		if j = read[object](t, o.get(home+"/jobs/query/"+id), http.StatusOK); j["state"] == before {
			t.Fatalf("the job stays in state %v", before)
		}
	}
	return id
}

// results reads one set of a job's rows; the first row has the names.
func results(t testing.TB, reply *httptest.ResponseRecorder) [][]string {
	t.Helper()
	if reply.Code != http.StatusOK {
		t.Fatalf("results: status %d: %s", reply.Code, reply.Body)
	}
	rows, err := csv.NewReader(reply.Body).ReadAll()
	if err != nil {
		t.Fatal(err)
	}
	return rows
}

// bulk reads all results of a query job, by locator.
func (o *org) bulk(t testing.TB, operation, soql string, maxRecords string) []map[string]string {
	t.Helper()
	id := o.job(t, operation, soql)
	var all []map[string]string
	for locator := ""; locator != "null"; {
		reply := o.get(home + "/jobs/query/" + id + "/results?maxRecords=" + maxRecords + "&locator=" + locator)
		rows := results(t, reply)
		for _, row := range rows[1:] {
			named := map[string]string{}
			for i, name := range rows[0] {
				named[name] = row[i]
			}
			all = append(all, named)
		}
		locator = reply.Header().Get("Sforce-Locator")
	}
	return all
}

// codes gives the error of a refusal.
func refusal(t testing.TB, reply *httptest.ResponseRecorder, status int) (code, message string) {
	t.Helper()
	errors := read[[]map[string]string](t, reply, status)
	if len(errors) != 1 {
		t.Fatalf("an error should be a list of one: %s", reply.Body)
	}
	return errors[0]["errorCode"], errors[0]["message"]
}
