package sfserver

import (
	"fmt"
	"net/http"
	"strconv"
	"strings"
	"time"
)

// A cursor is a REST query whose pages are still being read.
type cursor struct {
	answer  *answer
	size    int // rows a page
	created time.Time
}

// What Salesforce's documentation says of REST queries.
const (
	cursorLife  = 48 * time.Hour
	largestPage = 2000
	leastPage   = 200
	wideFields  = 40   // from so many columns on, pages come shorter than asked for
	widePage    = 1000 // "the server may return fewer"
)

// serveQuery answers query, queryAll and their following pages.
func (a *API) serveQuery(w http.ResponseWriter, r *http.Request, version int, resource, locator string) *refusal {
	if locator != "" {
		return a.servePage(w, r, version, resource, locator)
	}
	text := r.URL.Query().Get("q")
	if text == "" {
		return refuse(http.StatusBadRequest, "MALFORMED_QUERY", "A query string has to be specified")
	}
	q, problem := a.parse(text)
	if problem != nil {
		return problem
	}
	ans := a.answer(q, resource == "queryAll", 1)
	if a.trouble.now().tooSlow(ans) {
		return refuse(http.StatusBadRequest, "QUERY_TIMEOUT", "Your query request was running for too long.")
	}
	if q.count {
		writeJSON(w, http.StatusOK, map[string]any{"totalSize": ans.total, "done": true, "records": []string{}})
		return nil
	}
	c := &cursor{answer: ans, size: pageSize(r, len(q.columns)), created: a.clock.Now()}
	if most := a.trouble.now().SmallSets; most > 0 {
		c.size = min(c.size, most)
	}
	writePage(w, r, version, resource, a.keepCursor(c), c, 0)
	return nil
}

// pageSize is how many rows a page has: what the client hints at, or fewer.
func pageSize(r *http.Request, columns int) int {
	size := largestPage
	if hint, ok := strings.CutPrefix(r.Header.Get("Sforce-Query-Options"), "batchSize="); ok {
		if n, err := strconv.Atoi(strings.TrimSpace(hint)); err == nil {
			size = min(max(n, leastPage), largestPage)
		}
	}
	if columns >= wideFields {
		size = min(size, widePage)
	}
	return size
}

// keepCursor gives the cursor a name; one that has only one page needs none.
func (a *API) keepCursor(c *cursor) string {
	if c.answer.total <= c.size {
		return ""
	}
	a.mu.Lock()
	defer a.mu.Unlock()
	a.serial++
	name := string(appendID(nil, prefixLocator, a.serial))
	a.cursors[name] = c
	for old, kept := range a.cursors {
		if a.clock.Now().Sub(kept.created) > cursorLife {
			delete(a.cursors, old)
		}
	}
	return name
}

func (a *API) servePage(w http.ResponseWriter, r *http.Request, version int, resource, locator string) *refusal {
	name, at, _ := strings.Cut(locator, "-")
	from, err := strconv.Atoi(at)
	a.mu.Lock()
	c := a.cursors[name]
	a.mu.Unlock()
	if err != nil || c == nil || from < 0 || from > c.answer.total || a.clock.Now().Sub(c.created) > cursorLife {
		return refuse(http.StatusBadRequest, "INVALID_QUERY_LOCATOR", "invalid query locator")
	}
	writePage(w, r, version, resource, name, c, from)
	return nil
}

// writePage renders one page of records.
func writePage(w http.ResponseWriter, r *http.Request, version int, resource, name string, c *cursor, from int) {
	body := make([]byte, 0, 64<<10)
	body = fmt.Appendf(body, `{"totalSize":%d,`, c.answer.total)
	if next := from + c.size; next < c.answer.total {
		body = fmt.Appendf(body, `"done":false,"nextRecordsUrl":"/services/data/v%d.0/%s/%s-%d",`, version, resource, name, next)
	} else {
		body = append(body, `"done":true,`...)
	}
	body = append(body, `"records":[`...)
	writer := newJSONWriter(c.answer, version)
	first := true
	c.answer.page(from, c.size, func(row *record) {
		if !first {
			body = append(body, ',')
		}
		first = false
		body = writer.append(body, row)
	})
	body = append(body, "]}"...)
	w.Header().Set("Content-Type", "application/json;charset=UTF-8")
	out := squeeze(w, r)
	// The client may have gone; there is nobody left to tell.
	_, _ = out.Write(body)
	_ = out.Close()
}

// A jsonWriter writes records as the REST API shows them.
type jsonWriter struct {
	answer *answer
	open   string   // up to the id in the record's address
	names  []string // `,"Name":` of each column
}

func newJSONWriter(ans *answer, version int) jsonWriter {
	object := ans.query.object.name
	w := jsonWriter{
		answer: ans,
		open:   fmt.Sprintf(`{"attributes":{"type":"%s","url":"/services/data/v%d.0/sobjects/%s/`, object, version, object),
	}
	for _, column := range ans.query.columns {
		w.names = append(w.names, `,"`+column.name+`":`)
	}
	return w
}

func (w jsonWriter) append(dst []byte, r *record) []byte {
	dst = append(dst, w.open...)
	dst = r.id.appendText(dst, restZone)
	dst = append(dst, `"}`...)
	for i, column := range w.answer.query.columns {
		dst = append(dst, w.names[i]...)
		dst = column.get(w.answer.view, r).appendJSON(dst)
	}
	return append(dst, '}')
}
