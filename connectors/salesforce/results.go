package salesforce

import (
	"context"
	"fmt"
	"iter"
	"net/http"
	"net/url"
	"regexp"
	"strconv"

	"github.com/sourcegraph/conc"
	"github.com/sourcegraph/conc/stream"

	"merit/connectors"
	"merit/connectors/rest"
)

const (
	// decodersAtOnce is how many pages are downloaded and decoded side by side: the
	// next page's locator is in the header, long before the page's last row.
	decodersAtOnce = 2
	// pagesInFlight bounds the memory: pages asked for and not yet given.
	pagesInFlight = 3
)

var (
	jobID       = regexp.MustCompile(`^[A-Za-z0-9]{15,18}$`)
	locatorText = regexp.MustCompile(`^[A-Za-z0-9_=+/.-]+$`)
)

// results gives the pages of a complete job from where its reading stands. Each
// page's rows are counted against its header, and all of them against the job,
// before the last page moves the cursor past the window.
func (r *reading) results(ctx context.Context, j job, at half) error {
	w := window{to: at.Until}
	for p, err := range r.pages(ctx, at) {
		if err != nil {
			return fmt.Errorf("bulk job %s: %w", at.ID, err)
		}
		at.Rows += p.rows
		if p.next == "" {
			if at.Rows != j.Processed {
				release(p.Page)
				return connectors.Faultf(connectors.Them, "bulk job %s: %w; the rest must not be taken as read, run again", at.ID,
					apiError{code: resultShort, message: fmt.Sprintf("%d rows were processed and %d given", j.Processed, at.Rows)})
			}
			return r.finish(p.Page, w)
		}
		at.Locator = p.next
		r.at.Job = &at
		p.Next = r.at.cursor()
		if err := r.give(p.Page); err != nil {
			return err
		}
	}
	return connectors.Faultf(connectors.Us, "bulk job %s ended without a last page", at.ID)
}

// A csvResult is one page of a Bulk result.
type csvResult struct {
	connectors.Page
	rows int64
	next string // locator of the next page; "" when this is the last
	err  error
}

// pages fetches ahead and yields in order. It ends with the last page or the first
// error, and leaves nothing running.
func (r *reading) pages(ctx context.Context, at half) iter.Seq2[csvResult, error] {
	return func(yield func(csvResult, error) bool) {
		fetchCtx, cancel := context.WithCancel(ctx)
		out := make(chan csvResult)
		slots := make(chan struct{}, pagesInFlight)
		var fetching conc.WaitGroup
		fetching.Go(func() {
			defer close(out)
			r.fetch(fetchCtx, at, slots, out)
		})
		defer fetching.Wait()
		defer func() {
			for p := range out {
				release(p.Page)
			}
		}()
		defer cancel()
		for p := range out {
			<-slots
			if !yield(p, p.err) || p.err != nil || p.next == "" {
				return
			}
		}
		yield(csvResult{}, ctx.Err()) // nothing but an end of ctx ends the fetching before that
	}
}

// fetch asks for page after page and sends each on, decoded, in order. The page
// after is asked for as soon as a page's header has told its locator.
func (r *reading) fetch(ctx context.Context, at half, slots chan struct{}, out chan<- csvResult) {
	decoders := stream.New().WithMaxGoroutines(decodersAtOnce)
	defer decoders.Wait()
	seen := map[string]bool{}
	for locator := at.Locator; ; {
		select {
		case slots <- struct{}{}:
		case <-ctx.Done():
			return
		}
		if seen[locator] {
			err := connectors.Faultf(connectors.Them, "a result's pages go round in a circle")
			decoders.Go(func() stream.Callback { return func() { send(ctx, out, csvResult{err: err}) } })
			return
		}
		seen[locator] = true
		told := make(chan string, 1)
		decoders.Go(func() stream.Callback {
			p := r.resultPage(ctx, at.ID, locator, told)
			close(told)
			return func() { send(ctx, out, p) }
		})
		if locator = <-told; locator == "" {
			return
		}
	}
}

func send(ctx context.Context, out chan<- csvResult, p csvResult) {
	select {
	case out <- p:
	case <-ctx.Done():
		release(p.Page)
	}
}

// resultPage reads the page at a locator. It tells the next page's locator as soon
// as it is known, which is before the rows are here.
func (r *reading) resultPage(ctx context.Context, id, locator string, told chan<- string) csvResult {
	query := url.Values{"maxRecords": {strconv.Itoa(r.pace.pageRows)}}
	if locator != "" {
		query.Set("locator", locator)
	}
	call := rest.Call{
		Path:   r.path("jobs", "query", id, "results"),
		Query:  query,
		Header: http.Header{"Accept": {"text/csv"}},
	}
	var p csvResult
	err := r.api.Read(ctx, call, func(reply *rest.Reply) error {
		next, err := nextLocator(reply.Header)
		if err != nil {
			return err
		}
		select {
		case told <- next:
		default: // a page that broke off is read a second time
		}
		p, err = r.csvRows(reply)
		p.next = next
		return err
	})
	if err != nil {
		return csvResult{err: err}
	}
	return p
}

// nextLocator is opaque. Both the text "null" and no header at all mean that this
// page is the last.
func nextLocator(h http.Header) (string, error) {
	next := h.Get("Sforce-Locator")
	if next == "null" {
		next = ""
	}
	if next != "" && !locatorText.MatchString(next) {
		return "", connectors.Faultf(connectors.Them, "a result names its next page as %q", next)
	}
	return next, nil
}

// csvRows reads a page's rows and counts them against what its header says.
func (r *reading) csvRows(reply *rest.Reply) (csvResult, error) {
	page, rows, err := csvPage(reply.Body, r.table)
	if err != nil {
		return csvResult{}, err
	}
	if said := reply.Header.Get("Sforce-NumberOfRecords"); said != "" && said != strconv.FormatInt(rows, 10) {
		release(page)
		return csvResult{}, connectors.Faultf(connectors.Them, "a page said %s rows and gave %d", said, rows)
	}
	return csvResult{Page: page, rows: rows}, nil
}
