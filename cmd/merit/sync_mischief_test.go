package main

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"maps"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"sync"
	"time"
)

// A mischief stands before a CRM and lets some of its calls go wrong.
type mischief struct {
	crm http.Handler
	now func() time.Time // at the CRM
	// which says what befalls the n-th call, from 1 on; nil: nothing.
	which func(n int) *trouble

	mutex   sync.Mutex
	calls   int
	struck  int               // calls that did go wrong
	pages   map[string]*reply // by the cursor to which they lead
	round   map[string]bool   // cursors that lead to themselves
	aliases map[string]asked  // cursors that were made up, and what they stand for
}

// asked is a request as it was first made.
type asked struct {
	path, query string
	body        []byte
}

func newMischief(c *crm, which func(n int) *trouble) *mischief {
	return &mischief{
		crm: c.box, now: c.box.Clock().Now, which: which,
		pages: map[string]*reply{}, round: map[string]bool{}, aliases: map[string]asked{},
	}
}

func (m *mischief) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	// Whatever answers in the CRM's place has its clock.
	w.Header().Set("Date", m.now().UTC().Format(http.TimeFormat))
	body, err := io.ReadAll(r.Body)
	if err != nil {
		panic(http.ErrAbortHandler) // the caller went away
	}
	r.Body = io.NopCloser(bytes.NewReader(body))
	m.mutex.Lock()
	m.calls++
	befalls := m.which(m.calls)
	m.mutex.Unlock()
	if befalls != nil && befalls.instead != nil {
		m.count()
		befalls.instead(m, w, r)
		return
	}
	right := m.right(r, body)
	if befalls == nil {
		right.send(w)
		return
	}
	m.count() // before: a spoilt reply may never return
	if !befalls.spoils(m, w, r, right) {
		m.mutex.Lock()
		m.struck--
		m.mutex.Unlock()
		right.send(w)
	}
}

func (m *mischief) count() {
	m.mutex.Lock()
	defer m.mutex.Unlock()
	m.struck++
}

// right is what the CRM itself answers.
func (m *mischief) right(r *http.Request, body []byte) *reply {
	m.mutex.Lock()
	for cursor, meant := range m.aliases {
		if strings.Contains(r.URL.String(), cursor) || bytes.Contains(body, []byte(cursor)) {
			r.URL.Path, r.URL.RawPath, r.URL.RawQuery, body = meant.path, "", meant.query, meant.body
			r.RequestURI = r.URL.RequestURI()
		}
	}
	m.mutex.Unlock()
	again := func() { r.Body, r.ContentLength = io.NopCloser(bytes.NewReader(body)), int64(len(body)) }
	again()
	cursor := cursorIn(r)
	r.Header.Del("Accept-Encoding")
	recorded := httptest.NewRecorder()
	m.crm.ServeHTTP(recorded, r)
	again()
	right := &reply{code: recorded.Code, header: recorded.Header(), body: recorded.Body.Bytes()}
	right.header.Del("Content-Length")
	m.mutex.Lock()
	defer m.mutex.Unlock()
	if m.round[cursor] && right.next() != "" {
		right = right.leadingTo(cursor)
	}
	if next := right.next(); next != "" {
		m.pages[next] = right
	}
	return right
}

// ledTo is the page that led to a cursor; nil when there is none.
func (m *mischief) ledTo(cursor string) *reply {
	m.mutex.Lock()
	defer m.mutex.Unlock()
	if cursor == "" {
		return nil
	}
	return m.pages[cursor]
}

func (m *mischief) goesRound(cursor string) {
	m.mutex.Lock()
	defer m.mutex.Unlock()
	m.round[cursor] = true
}

// alias makes up a cursor that stands for a request.
func (m *mischief) alias(r *http.Request) string {
	m.mutex.Lock()
	defer m.mutex.Unlock()
	body, _ := io.ReadAll(r.Body) // from memory; the CRM has read its own copy
	cursor := fmt.Sprintf("01gMADEUP%06d-0", len(m.aliases))
	m.aliases[cursor] = asked{r.URL.Path, r.URL.RawQuery, body}
	return cursor
}

// A reply is one answer of the CRM.
type reply struct {
	code   int
	header http.Header
	body   []byte
}

func (a *reply) head(w http.ResponseWriter) { maps.Copy(w.Header(), a.header) }

func (a *reply) send(w http.ResponseWriter) {
	a.head(w)
	w.WriteHeader(a.code)
	_, _ = w.Write(a.body) // the caller may have gone
}

func (a *reply) isCSV() bool { return strings.HasPrefix(a.header.Get("Content-Type"), "text/csv") }

// with puts text between two places of the body.
func (a *reply) with(from, to int, text string) *reply {
	changed := append(append(append([]byte{}, a.body[:from]...), text...), a.body[to:]...)
	return &reply{code: a.code, header: a.header, body: changed}
}

// A link is where a reply says that it goes on: HubSpot's paging, Salesforce's
// nextRecordsUrl, Bulk's locator.
func (a *reply) next() string {
	if locator := a.header.Get("Sforce-Locator"); locator != "" && locator != "null" {
		return locator
	}
	var shape struct {
		Paging struct{ Next struct{ After string } }
		Next   string `json:"nextRecordsUrl"`
	}
	if a.code != http.StatusOK || a.isCSV() || json.Unmarshal(a.body, &shape) != nil {
		return ""
	}
	if shape.Next != "" {
		return cursorOf(shape.Next)
	}
	return shape.Paging.Next.After
}

// leadingTo is the same page with another link.
func (a *reply) leadingTo(cursor string) *reply {
	changed := *a
	if a.header.Get("Sforce-Locator") != "" {
		changed.header = a.header.Clone()
		changed.header.Set("Sforce-Locator", cursor)
		return &changed
	}
	changed.body = bytes.ReplaceAll(a.body, []byte(a.next()), []byte(cursor))
	return &changed
}

// emptied is the same page without its rows, which leads to cursor; nil for a reply
// that is no page.
func (a *reply) emptied(cursor string) *reply {
	if a.isCSV() {
		head, _, _ := bytes.Cut(a.body, []byte("\n"))
		changed := &reply{code: a.code, header: a.header.Clone(), body: append(bytes.Clone(head), '\n')}
		changed.header.Set("Sforce-NumberOfRecords", "0")
		changed.header.Set("Sforce-Locator", cursor)
		return changed
	}
	var page map[string]any
	decoder := json.NewDecoder(bytes.NewReader(a.body))
	decoder.UseNumber()
	if a.code != http.StatusOK || decoder.Decode(&page) != nil {
		return nil
	}
	_, isQuery := page["records"].([]any)
	_, isList := page["results"].([]any)
	_, isBatch := page["status"]
	switch {
	case isQuery && page["totalSize"] != nil && len(page["records"].([]any)) > 0:
		page["records"], page["done"], page["nextRecordsUrl"] = []any{}, false, "/services/data/v67.0/query/"+cursor
	case isList && !isBatch:
		page["results"], page["paging"] = []any{}, map[string]any{"next": map[string]any{"after": cursor}}
	default:
		return nil
	}
	body, err := json.Marshal(page)
	if err != nil {
		return nil
	}
	return &reply{code: a.code, header: a.header, body: body}
}

// cursorIn is the cursor by which a request goes on; "" for a first page.
func cursorIn(r *http.Request) string {
	if cursor := cursorOf(r.URL.String()); cursor != "" {
		return cursor
	}
	body, err := io.ReadAll(r.Body)
	r.Body = io.NopCloser(bytes.NewReader(body))
	var search struct{ After string }
	if err != nil || json.Unmarshal(body, &search) != nil {
		return ""
	}
	return search.After
}

// cursorOf is the cursor in an address: after=, locator=, or what follows query/.
func cursorOf(address string) string {
	u, err := url.Parse(address)
	if err != nil {
		return ""
	}
	if cursor := u.Query().Get("after"); cursor != "" {
		return cursor
	}
	if cursor := u.Query().Get("locator"); cursor != "" {
		return cursor
	}
	for _, place := range []string{"/query/01g", "/queryAll/01g"} {
		if at := strings.Index(u.Path, place); at >= 0 && !strings.Contains(u.Path, "/jobs/") {
			return u.Path[at+len(place)-3:]
		}
	}
	return ""
}
