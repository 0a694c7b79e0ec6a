package salesforce

import (
	"context"
	"net/http"
	"net/url"
	"regexp"
	"strconv"

	"merit/connectors/fault"
	"merit/connectors/rest"
)

// A place is one page of a Bulk result: how it is asked for, and where it was named.
type place struct {
	locator string // "" is the first
	size    string // maxRecords, as the list that names the page has it
	list    string // locator of that list; "" is the first
	follows bool   // the list says that a page comes after this one
	skip    int64  // rows of it that were read before
}

// A listing is up to five places that may be fetched side by side (Salesforce's Bulk
// API 2.0 guide, "Get Parallel Results for a Query Job", v58.0 and later).
type listing struct {
	places []place
	next   string // locator of the list after this one; "" when this is the last
	err    error
}

// A walk goes from page to page of a job's result. While a list's pages are read,
// the list after is asked for already. Where no list names the next page, the page
// before tells it in its header.
type walk struct {
	r    *reading
	id   string
	rest []place
	more chan listing // nil: no list comes after
}

// begin finds the first page to read.
func (r *reading) begin(ctx context.Context, at half, rows int64) (*walk, place, error) {
	w := &walk{r: r, id: at.ID}
	alone := place{locator: at.Locator, size: strconv.Itoa(r.pace.pageRows), skip: at.Skip}
	if rows <= int64(r.pace.pageRows) {
		return w, alone, nil // one page needs no list
	}
	list := at.List
	for range 2 { // a page behind the last one of a list is the first of the list after
		found := r.list(ctx, at.ID, list)
		if hasStatus(found.err, http.StatusNotFound) || hasStatus(found.err, http.StatusBadRequest) ||
			hasStatus(found.err, http.StatusMethodNotAllowed) || hasStatus(found.err, http.StatusNotImplemented) {
			return w, alone, nil // the page itself tells whether the job is gone
		}
		if found.err != nil {
			return nil, alone, found.err
		}
		for i, p := range found.places {
			if p.locator == at.Locator || at.Locator == "" {
				w.rest = found.places[i+1:]
				w.ask(ctx, found.next)
				p.skip = at.Skip
				return w, p, nil
			}
		}
		if list = found.next; list == "" {
			break
		}
	}
	return w, alone, nil
}

// ask begins to fetch a list. It is not waited for when nobody needs it any more.
func (w *walk) ask(ctx context.Context, list string) {
	w.more = nil
	if list == "" {
		return
	}
	more := make(chan listing, 1)
	w.more = more
	go func() { more <- w.r.list(ctx, w.id, list) }()
}

// after is the place behind a page whose header tells the next locator in told.
func (w *walk) after(ctx context.Context, told <-chan string) (next place, isMore bool, err error) {
	if len(w.rest) == 0 && w.more != nil {
		found := <-w.more
		w.more = nil // whoever waits for it again would wait for ever
		if found.err != nil {
			return next, false, found.err
		}
		w.rest = found.places
		w.ask(ctx, found.next)
	}
	if len(w.rest) > 0 {
		next, w.rest = w.rest[0], w.rest[1:]
		return next, true, nil
	}
	locator := <-told
	return place{locator: locator, size: strconv.Itoa(w.r.pace.pageRows)}, locator != "", nil
}

// end waits until nothing of the walk runs any more.
func (w *walk) end() {
	if w.more != nil {
		<-w.more
	}
}

// list asks for the addresses of the next pages. The documented call has no
// parameter for their size; ours is a wish that a server may leave unheard.
func (r *reading) list(ctx context.Context, id, at string) listing {
	var reply struct {
		Pages []struct {
			URL  string `json:"resultUrl"`
			Link string `json:"resultLink"` // so the published schema calls it
		} `json:"resultPages"`
		Next  string `json:"nextRecordsUrl"`
		Other string `json:"nextRecordUrl"` // so the guide's table calls it, and not its example
		Done  bool   `json:"done"`
	}
	query := url.Values{"maxRecords": {strconv.Itoa(r.pace.pageRows)}}
	if at != "" {
		query.Set("locator", at)
	}
	found := listing{}
	found.err = r.api.JSON(ctx, rest.Call{Path: r.path("jobs", "query", id, "resultPages"), Query: query}, &reply)
	if found.err != nil {
		return found
	}
	for _, page := range reply.Pages {
		p, err := placeAt(page.URL+page.Link, id, "results")
		if err != nil {
			return listing{err: err}
		}
		p.list, p.follows = at, true
		found.places = append(found.places, p)
	}
	if next := reply.Next + reply.Other; next != "" && !reply.Done {
		p, err := placeAt(next, id, "resultPages")
		if err != nil {
			return listing{err: err}
		}
		found.next = p.locator
	}
	if n := len(found.places); n > 0 {
		found.places[n-1].follows = found.next != ""
	}
	if len(found.places) == 0 && found.next != "" || found.next != "" && found.next == at {
		found.err = fault.Errorf(fault.Them, "the lists of a result's pages lead nowhere")
	}
	return found
}

var resultPath = regexp.MustCompile(`/jobs/query/([A-Za-z0-9]{15,18})/(results|resultPages)$`)

// placeAt takes out of an address the locator and the size, and nothing else:
// neither its host nor its version decide where our token is sent.
func placeAt(address, id, resource string) (place, error) {
	u, err := url.Parse(address)
	if err == nil {
		m := resultPath.FindStringSubmatch(u.Path)
		p := place{locator: u.Query().Get("locator"), size: u.Query().Get("maxRecords")}
		_, sizeErr := strconv.ParseUint(p.size, 10, 31)
		if m != nil && m[1] == id && m[2] == resource && (p.locator == "" || locatorText.MatchString(p.locator)) && (p.size == "" || sizeErr == nil) {
			return p, nil
		}
	}
	return place{}, fault.Errorf(fault.Them, "a list of result pages names one as %q", address)
}
