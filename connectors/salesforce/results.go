package salesforce

import (
	"context"
	"fmt"
	"iter"
	"math"
	"net/http"
	"net/url"
	"regexp"
	"strconv"

	"github.com/sourcegraph/conc"
	"github.com/sourcegraph/conc/pool"

	"merit/connectors/fault"
	"merit/connectors/rest"
)

// pagesAtOnce is how many pages are downloaded side by side: as many as one list of
// pages names (Salesforce's Bulk API 2.0 guide).
const pagesAtOnce = 5

// partsAhead is how many parts of a page wait to be taken; what comes more waits in
// the connection.
const partsAhead = 1

var (
	jobID       = regexp.MustCompile(`^[A-Za-z0-9]{15,18}$`)
	locatorText = regexp.MustCompile(`^[A-Za-z0-9_=+/.-]+$`)
)

// results gives the rows of a complete job from where its reading stands, in parts
// of a page, so that the memory it takes does not hang on the size of pages. Each
// page's rows are counted against its header, and all of them against the job,
// before the last part moves the cursor past the window.
func (r *reading) results(ctx context.Context, j job, at half) error {
	w := window{to: at.Until, as: at.As}
	if !at.First {
		w.from = epoch
	}
	expected := int64(math.MaxInt64)
	if j.Processed != nil {
		expected = int64(*j.Processed)
	}
	for p, err := range r.parts(ctx, at, expected) {
		if err != nil {
			return fmt.Errorf("bulk job %s: %w", at.ID, err)
		}
		at.Rows += p.rows
		switch {
		case !p.isEnd || p.next == "" && p.at.follows:
			at.Locator, at.List, at.Skip = p.at.locator, p.at.list, p.read
		case p.next != "":
			at.Locator, at.List, at.Skip = p.next, p.at.list, 0
		case j.Processed != nil && at.Rows != int64(*j.Processed):
			release(p.Page)
			return short("bulk job %s: %d rows were processed and %d given; the rest must not be taken as read, run again", at.ID, *j.Processed, at.Rows)
		default:
			return r.finish(ctx, p.Page, w, at.Rows)
		}
		r.at.Job = &at
		if err := r.hand(p.Page); err != nil {
			return err
		}
	}
	return fault.Errorf(fault.Us, "bulk job %s ended without a last page", at.ID)
}

// short is a result whose rows do not add up.
func short(format string, args ...any) error {
	return fault.Error{Who: fault.Them, Err: apiError{code: resultShort, message: fmt.Sprintf(format, args...)}}
}

// A csvPart is a part of a page of a Bulk result, or why there is none.
type csvPart struct {
	part
	at    place  // its page
	isEnd bool   // of its page
	next  string // with that: locator of the next page; "" when this was the last
	err   error
}

// parts fetches pages ahead and yields them in order. It ends with the last page or
// the first error, and leaves nothing running.
func (r *reading) parts(ctx context.Context, at half, rows int64) iter.Seq2[csvPart, error] {
	return func(yield func(csvPart, error) bool) {
		fetchCtx, cancel := context.WithCancel(ctx)
		pages := make(chan chan csvPart, pagesAtOnce)
		var fetching conc.WaitGroup
		fetching.Go(func() {
			defer close(pages)
			r.fetch(fetchCtx, at, rows, pages)
		})
		defer fetching.Wait()
		defer func() {
			for page := range pages {
				drain(page)
			}
		}()
		defer cancel()
		for page := range pages {
			isWhole, goOn := pass(page, yield)
			if !goOn {
				cancel()
				drain(page)
				return
			}
			if !isWhole { // parts were dropped, so none that comes later may be given
				break
			}
		}
		if err := ctx.Err(); err != nil {
			yield(csvPart{}, err)
		}
	}
}

// pass yields a page's parts. It tells whether the page came to its end, and whether
// the reader wants more.
func pass(page <-chan csvPart, yield func(csvPart, error) bool) (isWhole, goOn bool) {
	for p := range page {
		if !yield(p, p.err) || p.err != nil {
			return false, false
		}
		isWhole = p.isEnd
	}
	return isWhole, true
}

func drain(page <-chan csvPart) {
	for p := range page {
		release(p.Page)
	}
}

// fetch asks for page after page and lines them up; each fills itself as it is
// taken.
func (r *reading) fetch(ctx context.Context, at half, rows int64, pages chan<- chan csvPart) {
	workers := pool.New().WithMaxGoroutines(pagesAtOnce)
	defer workers.Wait()
	way, next, err := r.begin(ctx, at, rows)
	if err != nil {
		line(ctx, pages, csvPart{err: err})
		return
	}
	defer way.end()
	into := r.on(window{as: at.As})
	seen := map[string]bool{}
	for isMore := true; isMore; {
		if seen[next.locator] {
			err = fault.Errorf(fault.Them, "a result's pages go round in a circle")
			line(ctx, pages, csvPart{err: err})
			return
		}
		seen[next.locator] = true
		page := make(chan csvPart, partsAhead)
		select {
		case pages <- page:
		case <-ctx.Done():
			return
		}
		told, here := make(chan string, 1), next
		workers.Go(func() {
			defer close(page)
			defer close(told)
			r.readPage(ctx, at.ID, into, here, told, page)
		})
		if next, isMore, err = way.after(ctx, told); err != nil {
			line(ctx, pages, csvPart{err: err})
			return
		}
	}
}

// line puts a page of one part into the row of pages.
func line(ctx context.Context, pages chan<- chan csvPart, p csvPart) {
	page := make(chan csvPart, 1)
	page <- p
	close(page)
	select {
	case pages <- page:
	case <-ctx.Done():
	}
}

// readPage sends a page's rows, from at.skip on, as parts. It tells the next page's
// locator as soon as it is known. A page that breaks off is asked for again, and
// goes on behind the rows that were sent.
func (r *reading) readPage(ctx context.Context, id string, into target, at place, told chan<- string, out chan<- csvPart) {
	query := url.Values{}
	if at.size != "" {
		query.Set("maxRecords", at.size)
	}
	if at.locator != "" {
		query.Set("locator", at.locator)
	}
	call := rest.Call{
		Path:   r.path("jobs", "query", id, "results"),
		Query:  query,
		Header: http.Header{"Accept": {"text/csv"}},
		Stream: true,
	}
	sent := at.skip
	var leadsTo *string // by its first reply
	err := r.api.Read(ctx, call, func(reply *rest.Reply) error {
		next, err := nextLocator(reply.Header)
		switch {
		case err != nil:
			return err
		case next != "" && next == at.locator:
			return fault.Errorf(fault.Them, "a result's pages go round in a circle")
		case leadsTo != nil && next != *leadsTo: // its rows would stand for those that did not come
			return fault.Errorf(fault.Them, "a page that was asked for again is another one: it leads to %q, and led to %q", next, *leadsTo)
		case leadsTo == nil:
			leadsTo = &next
			told <- next
		}
		last, err := csvPage(reply.Body, into, sent, r.pace.partRows, func(p part) error {
			sent = p.read
			return send(ctx, out, csvPart{part: p, at: at})
		})
		if err == nil {
			err = addsUp(reply.Header, last.read, sent)
		}
		if err != nil {
			release(last.Page)
			return err
		}
		return send(ctx, out, csvPart{part: last, at: at, isEnd: true, next: next})
	})
	if err != nil {
		send(ctx, out, csvPart{err: err}) // nobody is left to take it when ctx has ended
	}
}

// addsUp counts a page's rows against what its header says, and against those that
// had been given of it before.
func addsUp(h http.Header, rows, given int64) error {
	if said := h.Get("Sforce-NumberOfRecords"); said != "" && said != strconv.FormatInt(rows, 10) {
		return short("a page said %s rows and gave %d", said, rows)
	}
	if rows < given {
		return short("a page has %d rows, and %d of it were given before", rows, given)
	}
	return nil
}

// send hands a part on, or lets it go when nobody takes it any more.
func send(ctx context.Context, out chan<- csvPart, p csvPart) error {
	select {
	case out <- p:
		return nil
	case <-ctx.Done():
		release(p.Page)
		return ctx.Err()
	}
}

// nextLocator is opaque. Both the text "null" and no header at all mean that this
// page is the last.
func nextLocator(h http.Header) (string, error) {
	next := h.Get("Sforce-Locator")
	if next == "null" {
		next = ""
	}
	if next != "" && !locatorText.MatchString(next) {
		return "", fault.Errorf(fault.Them, "a result names its next page as %q", next)
	}
	return next, nil
}
