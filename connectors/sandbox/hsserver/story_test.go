package hsserver_test

import (
	"bytes"
	"encoding/json"
	"io"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"merit/connectors/sandbox/company"
	"merit/connectors/sandbox/hsserver"
)

// A still clock stands until it is moved.
type still struct {
	mu sync.Mutex
	at time.Time
}

func (s *still) Now() time.Time {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.at
}

func (s *still) move(d time.Duration) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.at = s.at.Add(d)
}

// A crm is a portal that a test calls with nothing but net/http.
type crm struct {
	*testing.T
	api   *hsserver.API
	clock *still
	url   string
	token string
}

func open(t *testing.T, story *company.Company, options ...hsserver.Option) *crm {
	t.Helper()
	clock := &still{at: story.Now}
	api := hsserver.New(story, clock, options...)
	server := httptest.NewServer(api)
	t.Cleanup(server.Close)
	return &crm{T: t, api: api, clock: clock, url: server.URL, token: hsserver.Token}
}

// object is a decoded JSON object; the tests look into it by name, as a client
// that knows nothing of this package would.
type object = map[string]any

func (c *crm) send(method, path string, payload any) (*http.Response, object) {
	c.Helper()
	var sent io.Reader
	if payload != nil {
		raw, err := json.Marshal(payload)
		if err != nil {
			c.Fatal(err)
		}
		sent = bytes.NewReader(raw)
	}
	request, err := http.NewRequest(method, c.url+path, sent)
	if err != nil {
		c.Fatal(err)
	}
	if c.token != "" {
		request.Header.Set("Authorization", "Bearer "+c.token)
	}
	response, err := http.DefaultClient.Do(request)
	if err != nil {
		c.Fatal(err)
	}
	defer response.Body.Close()
	raw, err := io.ReadAll(response.Body)
	if err != nil {
		c.Fatal(err)
	}
	var reply object
	if err := json.Unmarshal(raw, &reply); err != nil {
		c.Fatalf("%s %s: no JSON: %v in %.200s", method, path, err, raw)
	}
	return response, reply
}

func (c *crm) get(path string) object {
	c.Helper()
	response, reply := c.send(http.MethodGet, path, nil)
	if response.StatusCode != http.StatusOK {
		c.Fatalf("GET %s: %d %v", path, response.StatusCode, reply)
	}
	return reply
}

func (c *crm) post(path string, payload any, status int) object {
	c.Helper()
	response, reply := c.send(http.MethodPost, path, payload)
	if response.StatusCode != status {
		c.Fatalf("POST %s: %d instead of %d: %v", path, response.StatusCode, status, reply)
	}
	return reply
}

// all reads a list to its end and gives the records in order.
func (c *crm) all(path string) []object {
	c.Helper()
	var records []object
	where, after := path, ""
	for {
		page := c.get(where)
		records = append(records, results(page)...)
		next, more := dig(page, "paging", "next", "after").(string)
		if !more {
			return records
		}
		if next == after {
			c.Fatalf("%s: stands still after %q", path, after)
		}
		after = next
		where = path + "&after=" + url.QueryEscape(after)
	}
}

func results(page object) []object {
	var list []object
	for _, r := range page["results"].([]any) {
		list = append(list, r.(object))
	}
	return list
}

// dig walks down names and positions; nil when there is nothing.
func dig(v any, path ...any) any {
	for _, step := range path {
		switch step := step.(type) {
		case string:
			o, _ := v.(object)
			v = o[step]
		case int:
			l, _ := v.([]any)
			if step >= len(l) {
				return nil
			}
			v = l[step]
		}
	}
	return v
}

func property(record object, name string) any { return dig(record, "properties", name) }

func equal[T comparable](t *testing.T, what string, got, want T) {
	t.Helper()
	if got != want {
		t.Errorf("%s: got %v, want %v", what, got, want)
	}
}

func ids(records []object) []string {
	var list []string
	for _, r := range records {
		list = append(list, r["id"].(string))
	}
	return list
}

func inputs(list ...string) []object {
	var all []object
	for _, id := range list {
		all = append(all, object{"id": id})
	}
	return all
}

func day(text string) company.Instant {
	at, err := time.Parse("2006-01-02 15:04:05", text)
	if err != nil {
		panic(err)
	}
	return company.At(at)
}

func change(at company.Instant, field company.Field, value string) company.Change {
	return company.Change{At: at, Field: field, Value: value}
}

// small is a portal of three deals in New York at the end of March 2026: one
// with a long story, one archived, and one that comes up tomorrow.
func small() *company.Company {
	first := day("2026-01-05 15:00:00")
	long := company.Deal{
		Name: `Globex "Pilot"`, Account: 0, Type: "New Business", LeadSource: "Web", CreatedBy: 0, CreatedAt: first,
		Contacts: []company.Role{{Contact: 0, Name: "Decision Maker", Primary: true}, {Contact: 1}},
		Changes: []company.Change{
			change(first, company.StageName, "Qualify"),
			change(first, company.Amount, "1000.50"),
			change(first, company.Owner, "0"),
			change(first, company.NextStep, ""),
			{At: first + 500, By: 0, Field: company.CloseOn, Value: "2026-03-31"},
			{At: day("2026-01-15 15:00:00"), By: 1, Field: company.StageName, Value: "Propose"},
			{At: day("2026-01-20 15:00:00"), By: 1, Field: company.StageName, Value: "Qualify", Through: company.ByAutomation},
			{At: day("2026-01-21 01:30:00"), By: 0, Field: company.CloseOn, Value: "2026-04-30", Through: company.ByIntegration},
			{At: day("2026-02-01 15:00:00"), By: 1, Field: company.Owner, Value: "1", Through: company.ByImport},
			{At: day("2026-02-02 15:00:00"), By: 1, Field: company.NextStep, Value: "Call"},
			{At: day("2026-02-03 15:00:00"), By: 1, Field: company.NextStep, Value: ""},
			{At: day("2026-02-10 15:00:00"), By: 1, Field: company.Forecast, Value: "Best Case"},
			{At: day("2026-03-02 15:00:00"), By: 1, Field: company.StageName, Value: "Won"},
			{At: day("2026-03-02 15:00:00"), By: 1, Field: company.CloseOn, Value: "2026-03-02", Through: company.ByAutomation},
			{At: day("2026-06-01 00:00:00"), By: 1, Field: company.Amount, Value: "7"}, // not yet
		},
	}
	gone := company.Deal{
		Name: "Initech", Account: 0, CreatedAt: first, DeletedAt: day("2026-03-20 00:00:00"),
		Changes: []company.Change{
			change(first, company.StageName, "Qualify"), change(first+1000, company.StageName, "Propose"), change(first+2000, company.StageName, "Lost"),
		},
	}
	later := company.Deal{Name: "Hooli", Account: 1, CreatedAt: day("2026-04-01 12:00:00"), Changes: []company.Change{
		change(day("2026-04-01 12:00:00"), company.StageName, "Qualify"),
	}}
	return &company.Company{
		Name: "Small", Currency: "USD", TimeZone: "America/New_York",
		Begin: time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC), Now: time.Date(2026, 3, 31, 12, 0, 0, 0, time.UTC),
		Users: []company.User{
			{Name: "Ann Lee", Email: "ann@example.com", Team: "East", CreatedAt: 1},
			{Name: "Bob Ray", Email: "bob@example.com", Team: "East", CreatedAt: 1, LeftAt: day("2026-03-01 00:00:00")},
		},
		Stages: []company.Stage{
			{Name: "Qualify", Probability: 20}, {Name: "Propose", Probability: 60},
			{Name: "Won", Probability: 100, IsClosed: true, IsWon: true}, {Name: "Lost", IsClosed: true},
		},
		Accounts: []company.Account{{Name: "Globex", Industry: "Computer Software", CreatedAt: 1}, {Name: "Hooli", CreatedAt: 1}},
		Contacts: []company.Contact{
			{FirstName: "Kim", LastName: "Oh", Account: 0, CreatedAt: 1, Owner: 0}, {FirstName: "Lou", LastName: "Fox", Account: 0, CreatedAt: 1},
		},
		Deals: []company.Deal{long, gone, later},
		Activities: []company.Activity{
			{Kind: company.Call, Subject: "Intro", Subtype: "Discovery", Deal: 0, Account: 0, Contact: 0, Seconds: 61, CreatedAt: first, OccurredAt: first, CompletedAt: first},
			{Kind: company.Task, Subject: "Chase", Deal: 0, Account: 0, Contact: company.None, CreatedAt: first, OccurredAt: day("2026-04-02 12:00:00"), CompletedAt: day("2026-04-01 12:00:00")},
		},
	}
}

// crowd is a portal of many deals that all changed in the same millisecond.
func crowd(n int) *company.Company {
	story := small()
	at := day("2026-03-30 09:00:00")
	story.Deals = nil
	for i := range n {
		story.Deals = append(story.Deals, company.Deal{Name: "Deal " + strconv.Itoa(i), Account: 0, CreatedAt: at,
			Changes: []company.Change{change(at, company.StageName, "Qualify")}})
	}
	return story
}

func must(t *testing.T, got any, holds string) string {
	t.Helper()
	text, _ := got.(string)
	if !strings.Contains(text, holds) {
		t.Errorf("got %v, want something with %q", got, holds)
	}
	return text
}
