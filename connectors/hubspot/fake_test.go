package hubspot

import (
	"cmp"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"net/url"
	"slices"
	"strings"
	"sync"
	"testing"

	"merit/connectors"
)

// A fake answers as the test says, and empty where the test says nothing. It
// stands where the sandbox is too well behaved.
type fake struct {
	routes map[string]route // by "METHOD path", the version left out
	hidden []string         // properties that the catalogue lacks: "deals.amount"
	date   string

	mu    sync.Mutex
	calls []string // as routes are named, in order of arrival
}

// A route gives a reply: a JSON text, with 200, or an answer.
type route func(asked request) any

type request struct {
	Query url.Values
	Body  struct {
		Inputs     []input   `json:"inputs"`
		Properties []string  `json:"properties"`
		History    []string  `json:"propertiesWithHistory"`
		Groups     []filters `json:"filterGroups"`
		Sorts      []sorting `json:"sorts"`
		Limit      int       `json:"limit"`
		After      string    `json:"after"`
	}
}

// above is the id that a search goes on behind.
func (r request) above() (id int64) {
	for _, f := range r.Body.Groups[0].Filters {
		if f.Operator == "GT" {
			fmt.Sscan(f.Value, &id)
		}
	}
	return id
}

type answer struct {
	status int
	body   string
}

func (f *fake) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	name := r.Method + " " + strings.Replace(r.URL.Path, "/2026-09", "", 1)
	asked := request{Query: r.URL.Query()}
	body, _ := io.ReadAll(r.Body)
	if len(body) > 0 && json.Unmarshal(body, &asked.Body) != nil {
		w.WriteHeader(http.StatusTeapot) // which nobody expects
		return
	}
	isClock := asked.Query.Get("limit") == "1"
	f.mu.Lock()
	if !isClock {
		f.calls = append(f.calls, name)
	}
	f.mu.Unlock()
	w.Header().Set("Date", cmp.Or(f.date, "Wed, 01 Apr 2026 12:00:00 GMT"))
	w.Header().Set("Content-Type", "application/json")
	answered := any(`{"results":[]}`)
	if answers, ok := f.routes[name]; ok && !isClock {
		answered = answers(asked)
	} else if object, ok := strings.CutPrefix(name, "GET /crm/properties/"); ok {
		answered = f.catalogue(object)
	}
	switch a := answered.(type) {
	case answer:
		w.WriteHeader(a.status)
		io.WriteString(w, a.body)
	case string:
		io.WriteString(w, a)
	}
}

// catalogue is what the views need, and a few properties of the portal's own.
func (f *fake) catalogue(object string) string {
	list := []string{
		`{"name": "renewal_date", "type": "date"}`, `{"name": "seats", "type": "number"}`, `{"name": "partner_id", "type": "number"}`,
		`{"name": "is_key", "type": "bool"}`, `{"name": "score", "type": "number", "calculated": true}`, `{"name": "seen", "type": "datetime"}`,
		`{"name": "account", "type": "number", "referencedObjectType": "COMPANY"}`,
	}
	for _, o := range objects() {
		if o.name != object {
			continue
		}
		for _, name := range o.properties() {
			if !slices.Contains(f.hidden, object+"."+name) {
				list = append(list, fmt.Sprintf(`{"name": %q, "type": "string"}`, name))
			}
		}
	}
	for i := range 300 {
		list = append(list, fmt.Sprintf(`{"name": "quite_a_long_name_of_a_property_%d", "type": "string"}`, i))
	}
	return `{"results": [` + strings.Join(list, ",") + `]}`
}

// count is how many calls there were to a route.
func (f *fake) count(name string) int {
	f.mu.Lock()
	defer f.mu.Unlock()
	return len(slices.DeleteFunc(slices.Clone(f.calls), func(call string) bool { return call != name }))
}

func (f *fake) open(t *testing.T, settings connectors.Values) connectors.Source {
	t.Helper()
	server := httptest.NewServer(f)
	t.Cleanup(server.Close)
	all := connectors.Values{
		"token": {"secret-token"}, "endpoint": {server.URL}, "api_version": {"2026-09"}, "tier": {"unlimited"}, "lookback": {"60m"}, "daily_share": {"60%"}, "sweep": {"0"},
	}
	for name, values := range settings {
		all[name] = values
	}
	// More names than fit into a URL: batches read the deals.
	for i := range 60 {
		all["properties"] = append(slices.Clone(all["properties"]), fmt.Sprintf("deals.quite_a_long_name_of_a_property_%d", i))
	}
	source, err := Connector().Open(context.Background(), all)
	if err != nil {
		t.Fatal(err)
	}
	return source
}

// A result is all that a reading brought.
type result struct {
	tables  map[string][]map[string]string // rows as text; null is ""
	rejects []connectors.Reject
	next    connectors.Cursor // the last page's
	pages   int
	err     error
}

func read(t *testing.T, source connectors.Source, name string, since connectors.Cursor) result {
	t.Helper()
	streams, err := source.Streams(context.Background())
	if err != nil {
		t.Fatal(err)
	}
	i := slices.IndexFunc(streams, func(s connectors.Stream) bool { return s.Name == name })
	got := result{tables: map[string][]map[string]string{}}
	for page, err := range source.Read(context.Background(), streams[i], since) {
		if err != nil {
			got.err = err
			break
		}
		got.pages++
		got.next = page.Next
		got.rejects = append(got.rejects, page.Rejects...)
		for _, b := range page.Batches {
			for row := range int(b.Records.NumRows()) {
				texts := map[string]string{}
				for c, field := range b.Records.Schema().Fields() {
					if column := b.Records.Column(c); column.IsValid(row) {
						texts[field.Name] = column.ValueStr(row)
					}
				}
				got.tables[b.Table] = append(got.tables[b.Table], texts)
			}
		}
		release(page)
	}
	return got
}

// column is one column of a table, row by row.
func (r result) column(table, name string) []string {
	var all []string
	for _, row := range r.tables[table] {
		all = append(all, row[name])
	}
	return all
}

// records writes results with these ids, and how the page ends.
func records(ids []int64, rest string) string {
	var list []string
	for _, id := range ids {
		list = append(list, fmt.Sprintf(`{"id": "%d", "properties": {"hs_object_id": "%d"}, "updatedAt": "2026-04-01T11:59:00Z", "archived": false}`, id, id))
	}
	return `{"results": [` + strings.Join(list, ",") + `]` + rest + `}`
}

// asRecords answers a batch with everything that was asked for.
func asRecords(asked request) any {
	var ids []int64
	for _, in := range asked.Body.Inputs {
		id, _ := number([]byte(in.ID))
		ids = append(ids, id)
	}
	return records(ids, "")
}

// rest is a cursor of a finished pass that reads the same properties.
func (f *fake) rest(t *testing.T, source connectors.Source, object string) connectors.Cursor {
	t.Helper()
	o, ok := source.(*portal).object(object)
	if !ok {
		t.Fatalf("no object %s", object)
	}
	return cursor{Version: cursorVersion, Read: o.fingerprint(), Until: 1_775_000_000_000}.text()
}

// bodyOf is a reply as it is held.
func bodyOf(text string) *body {
	b := newBodies().get()
	b.WriteString(text)
	return b
}
