package main

import (
	"bytes"
	"compress/gzip"
	"fmt"
	"net/http"
	"regexp"
	"strconv"
	"strings"
	"time"
)

// A trouble is one way in which a call goes wrong at a real CRM.
type trouble struct {
	name string
	// instead answers without the CRM's having heard of the call.
	instead func(m *mischief, w http.ResponseWriter, r *http.Request)
	// spoils answers with something else than the CRM's own reply, which is at hand.
	// False: this reply has nothing that could go wrong so.
	spoils func(m *mischief, w http.ResponseWriter, r *http.Request, right *reply) bool
}

// status answers with a status and nothing that helps.
func status(code int, more ...string) func(*mischief, http.ResponseWriter, *http.Request) {
	return func(_ *mischief, w http.ResponseWriter, _ *http.Request) {
		for i := 0; i+1 < len(more); i += 2 {
			w.Header().Set(more[i], more[i+1])
		}
		w.WriteHeader(code)
	}
}

// refusal answers as each CRM words it: Salesforce a list with a code, HubSpot a
// message with a category.
func refusal(code int, salesforce, hubspot string) func(*mischief, http.ResponseWriter, *http.Request) {
	return func(_ *mischief, w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Content-Type", "application/json")
		w.WriteHeader(code)
		if strings.HasPrefix(r.URL.Path, "/services/") {
			fmt.Fprintf(w, `[{"message":"refused for the test","errorCode":%q}]`, salesforce)
			return
		}
		fmt.Fprintf(w, `{"status":"error","message":"refused for the test","correlationId":"x","category":%q}`, hubspot)
	}
}

// longSilence is longer than anybody waits for a reply.
const longSilence = time.Hour

// troubles are all kinds, in the order of the fault matrix.
func troubles() []trouble {
	return []trouble{
		{name: "429 with seconds", instead: status(429, "Retry-After", "2")},
		{name: "429 with a date", instead: func(m *mischief, w http.ResponseWriter, _ *http.Request) {
			now := m.now()
			w.Header().Set("Date", now.UTC().Format(http.TimeFormat))
			w.Header().Set("Retry-After", now.Add(3*time.Second).UTC().Format(http.TimeFormat))
			w.WriteHeader(429)
		}},
		{name: "429 with nothing", instead: status(429)},
		{name: "500", instead: status(500)},
		{name: "502 as a web page", instead: func(_ *mischief, w http.ResponseWriter, _ *http.Request) {
			w.Header().Set("Content-Type", "text/html")
			w.WriteHeader(502)
			fmt.Fprint(w, "<html>Bad gateway</html>")
		}},
		{name: "503", instead: status(503)},
		{name: "504", instead: status(504)},
		{name: "401", instead: refusal(401, "INVALID_SESSION_ID", "INVALID_AUTHENTICATION")},
		{name: "403 for want of a scope", instead: refusal(403, "INSUFFICIENT_ACCESS", "MISSING_SCOPES")},
		{name: "400 for a bad cursor", instead: refusal(400, "INVALID_QUERY_LOCATOR", "VALIDATION_ERROR")},
		{name: "a web page with 200", instead: func(_ *mischief, w http.ResponseWriter, _ *http.Request) {
			w.Header().Set("Content-Type", "text/html")
			fmt.Fprint(w, "<html>Please sign in</html>")
		}},
		{name: "another host", instead: status(302, "Location", "https://crm.example/")},
		{name: "silence", instead: func(_ *mischief, _ http.ResponseWriter, r *http.Request) { hush(r, longSilence) }},
		{name: "reset before the reply", instead: func(*mischief, http.ResponseWriter, *http.Request) { panic(http.ErrAbortHandler) }},
		{name: "reset after the headers", spoils: cutAfter(0)},
		{name: "a body cut off", spoils: cutAfter(2)},
		{name: "a body cut off at no announced length", spoils: cutUnannounced},
		{name: "gzip cut off", spoils: cutGzip},
		{name: "a body that stands still", spoils: standStill},
		{name: "a page twice", spoils: pageTwice},
		{name: "a cursor that goes round", spoils: cursorRound},
		{name: "an empty page with a next one", spoils: emptyPage},
		{name: "bytes that are no UTF-8", spoils: inText("\xff\xfe")},
		{name: "NUL", spoils: nul},
		{name: "a key twice", spoils: keyTwice},
		{name: "1e400", spoils: hugeNumber},
	}
}

// hush says nothing until the caller goes away, or for so long.
func hush(r *http.Request, d time.Duration) {
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-timer.C:
	case <-r.Context().Done():
	}
}

// cutAfter breaks the connection off after one half of the body, or none of it.
func cutAfter(halves int) func(*mischief, http.ResponseWriter, *http.Request, *reply) bool {
	return func(_ *mischief, w http.ResponseWriter, _ *http.Request, right *reply) bool {
		if len(right.body) < 2 {
			return false
		}
		right.head(w)
		w.Header().Set("Content-Length", strconv.Itoa(len(right.body)))
		w.WriteHeader(right.code)
		if halves > 0 {
			_, _ = w.Write(right.body[:len(right.body)/halves])
		}
		_ = http.NewResponseController(w).Flush()
		panic(http.ErrAbortHandler)
	}
}

func cutUnannounced(_ *mischief, w http.ResponseWriter, _ *http.Request, right *reply) bool {
	if len(right.body) < 2 {
		return false
	}
	right.head(w)
	w.WriteHeader(right.code)
	_, _ = w.Write(right.body[:len(right.body)*2/3])
	_ = http.NewResponseController(w).Flush()
	panic(http.ErrAbortHandler)
}

// cutGzip sends a body whose packing ends too early, though nothing of HTTP does.
func cutGzip(_ *mischief, w http.ResponseWriter, _ *http.Request, right *reply) bool {
	if len(right.body) < 2 {
		return false
	}
	var packed bytes.Buffer
	zip := gzip.NewWriter(&packed)
	_, _ = zip.Write(right.body) // to memory
	_ = zip.Close()
	half := packed.Bytes()[:packed.Len()/2]
	right.head(w)
	w.Header().Set("Content-Encoding", "gzip")
	w.Header().Set("Content-Length", strconv.Itoa(len(half)))
	w.WriteHeader(right.code)
	_, _ = w.Write(half)
	return true
}

func standStill(_ *mischief, w http.ResponseWriter, r *http.Request, right *reply) bool {
	if len(right.body) < 2 {
		return false
	}
	right.head(w)
	w.Header().Set("Content-Length", strconv.Itoa(len(right.body)))
	w.WriteHeader(right.code)
	_, _ = w.Write(right.body[:len(right.body)/2])
	_ = http.NewResponseController(w).Flush()
	hush(r, longSilence)
	panic(http.ErrAbortHandler)
}

// pageTwice gives the page that led here once more: it leads here again.
func pageTwice(m *mischief, w http.ResponseWriter, r *http.Request, _ *reply) bool {
	before := m.ledTo(cursorIn(r))
	if before == nil {
		return false
	}
	before.send(w)
	return true
}

// cursorRound lets the next page lead to itself, again and again.
func cursorRound(m *mischief, w http.ResponseWriter, r *http.Request, right *reply) bool {
	if right.next() == "" {
		return false
	}
	m.goesRound(right.next())
	right.send(w)
	return true
}

// emptyPage puts an empty page before the one that was asked for.
func emptyPage(m *mischief, w http.ResponseWriter, r *http.Request, right *reply) bool {
	empty := right.emptied(m.alias(r))
	if empty == nil {
		return false
	}
	empty.send(w)
	return true
}

// freeText is a member or a cell that holds text and is no id, stage or date.
var (
	freeText  = regexp.MustCompile(`"(?:Name|dealname|name|hs_[a-z]+_title|hs_[a-z]+_subject|Subject|label|Label|email|Email|lastName|Title)":"([^"\\]{3,})"`)
	amount    = regexp.MustCompile(`"(?:Amount|amount|ExpectedRevenue|hs_call_duration|Probability)":"?([0-9][0-9.E]*)"?`)
	csvText   = regexp.MustCompile(`"([A-Za-z]+ [^",\n]{2,})"`)
	csvNumber = regexp.MustCompile(`,"([0-9]+\.[0-9]+)"`)
)

// inText puts bytes into the middle of the first free text.
func inText(bytes string) func(*mischief, http.ResponseWriter, *http.Request, *reply) bool {
	return func(_ *mischief, w http.ResponseWriter, _ *http.Request, right *reply) bool {
		form := freeText
		if right.isCSV() {
			form = csvText
		}
		at := form.FindSubmatchIndex(right.body)
		if at == nil {
			return false
		}
		middle := at[2] + (at[3]-at[2])/2
		right.with(middle, middle, bytes).send(w)
		return true
	}
}

func nul(m *mischief, w http.ResponseWriter, r *http.Request, right *reply) bool {
	if right.isCSV() {
		return inText("\x00")(m, w, r, right)
	}
	return inText(`\u0000`)(m, w, r, right)
}

// keyTwice gives a member before its own place with another value: of the two the
// later one is true.
func keyTwice(_ *mischief, w http.ResponseWriter, _ *http.Request, right *reply) bool {
	at := freeText.FindSubmatchIndex(right.body)
	if right.isCSV() || at == nil {
		return false
	}
	name := string(right.body[at[0]:at[2]])
	right.with(at[0], at[0], name+`not the value",`).send(w)
	return true
}

func hugeNumber(_ *mischief, w http.ResponseWriter, _ *http.Request, right *reply) bool {
	form := amount
	if right.isCSV() {
		form = csvNumber
	}
	at := form.FindSubmatchIndex(right.body)
	if at == nil || bytes.Contains(right.body, []byte("OldValue")) { // a column of texts, of which 1e400 is one
		return false
	}
	right.with(at[2], at[3], "1e400").send(w)
	return true
}
