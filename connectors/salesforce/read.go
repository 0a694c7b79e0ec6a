package salesforce

import (
	"context"
	"errors"
	"fmt"
	"io"
	"iter"
	"net/url"
	"strings"
	"time"

	"merit/connectors"
	"merit/connectors/rest"
)

const (
	// lag keeps a window's end behind the server's clock: rows have been seen to
	// become visible 1 to 3 s late, and products that read Salesforce for a living
	// wait or re-read 5 minutes.
	lag = 5 * time.Minute
	// overlap is how far a window reaches back into the one before, for rows that
	// became visible later still. What is read twice falls together by key.
	overlap = 10 * time.Minute
	// longestQuery goes into a REST address, which with its headers may have 16,384
	// bytes; a job's query goes into a body, and may have 100,000 characters.
	longestQuery = 12_000
	// narrowest is where halving a window that takes too long ends.
	narrowest = time.Minute
)

// epoch is before the first row of any org; Salesforce was founded in March 1999.
var epoch = time.Date(1999, 1, 1, 0, 0, 0, 0, time.UTC)

// errStopped says that the caller wants no more pages.
var errStopped = errors.New("reading was stopped")

// Read yields what changed since the cursor, window by window, up to 5 minutes
// before the server's time when it began.
func (a *account) Read(ctx context.Context, s connectors.Stream, since connectors.Cursor) iter.Seq2[connectors.Page, error] {
	return func(yield func(connectors.Page, error) bool) {
		err := a.read(ctx, s, since, func(p connectors.Page) error {
			if !yield(p, nil) {
				return errStopped
			}
			return nil
		})
		if err != nil && !errors.Is(err, errStopped) {
			yield(connectors.Page{}, fmt.Errorf("%s: %w", s.Name, err))
		}
	}
}

func (a *account) read(ctx context.Context, s connectors.Stream, since connectors.Cursor, give func(connectors.Page) error) error {
	o, known := a.objectOf(s)
	if !known || len(s.Tables) != 1 {
		return connectors.Faultf(connectors.Us, "not a stream of Salesforce's")
	}
	t := s.Tables[0]
	at, err := positionAt(since, selected(t))
	if err != nil {
		return err
	}
	r := &reading{account: a, object: o, table: t, at: at, give: give}
	return r.all(ctx)
}

// A reading is one stream on its way from a cursor to now.
type reading struct {
	*account
	object object
	table  connectors.Table
	at     position
	give   func(connectors.Page) error
}

// all finishes the job that an earlier run left half read, then reads windows until
// the time at which it began.
func (r *reading) all(ctx context.Context) error {
	now, err := r.now(ctx)
	if err != nil {
		return err
	}
	end := now.Add(-lag)
	if r.at.Job != nil {
		if err := r.resume(ctx); err != nil {
			return err
		}
		if !r.at.Until.Before(end) {
			return nil
		}
	}
	if isDue := r.refresh > 0 && hasDrift(r.table) && now.Sub(r.at.Whole) >= r.refresh; isDue || r.at.Until.IsZero() {
		r.at.Until, r.at.Whole = time.Time{}, now // what did not change falls together with what is kept
	}
	step := time.Duration(0) // how far a window goes beyond what is read; 0: to the end
	for {
		w := r.window(end, step)
		err := r.readWindow(ctx, w)
		switch {
		case isTooSlow(err) && w.step() > narrowest:
			step = w.step() / 2
		case err != nil:
			return err
		case !r.at.Until.Before(end):
			return nil
		}
	}
}

// A window is the time (from, to] in which rows changed; from zero is the beginning.
// Up to known they are read already.
type window struct{ from, known, to time.Time }

func (w window) step() time.Duration { return w.to.Sub(w.known) }

// window is the next one. Its end never lies before what is read already: a clock
// that steps back moves no cursor back.
func (r *reading) window(end time.Time, step time.Duration) window {
	w := window{known: epoch, to: end}
	if !r.at.Until.IsZero() {
		w.from, w.known = r.at.Until.Add(-overlap), r.at.Until
	}
	if step > 0 && w.known.Add(step).Before(end) {
		w.to = w.known.Add(step).Truncate(time.Second)
	}
	if w.to.Before(r.at.Until) {
		w.to = r.at.Until
	}
	return w
}

// isTooSlow tells the refusals after which a narrower window may succeed.
func isTooSlow(err error) bool {
	return hasCode(err, "QUERY_TIMEOUT", "OPERATION_TOO_LARGE", jobTooSlow)
}

// readWindow chooses the API before the first row is given and stays with it.
// What is read from the beginning goes by Bulk, which is made for it. An increment
// asks REST, whose first page says how many rows there are in all.
func (r *reading) readWindow(ctx context.Context, w window) error {
	if r.object.route == bulkOrREST && (w.from.IsZero() || len(url.QueryEscape(r.soql(w))) > longestQuery) {
		err := r.byBulk(ctx, w)
		if !isNotForBulk(err) {
			return err
		}
	}
	first, err := r.firstPage(ctx, w)
	if err != nil {
		return err
	}
	if r.object.route == bulkOrREST && first.total > r.pace.bulkFrom {
		err := r.byBulk(ctx, w)
		if !isNotForBulk(err) {
			release(first.Page)
			return err
		}
	}
	return r.byREST(ctx, w, first)
}

// now is the server's time (/limits needs View Setup and Configuration).
func (a *account) now(ctx context.Context) (time.Time, error) { return serverTime(ctx, a.api) }

// skim reads a body to its end and lets it go.
func skim(reply *rest.Reply) error {
	_, err := io.Copy(io.Discard, reply.Body)
	return err
}

// selected are the fields that a query asks for to fill t.
func selected(t connectors.Table) []string {
	var names []string
	for _, f := range t.Schema.Fields() {
		if name, ok := f.Metadata.GetValue(selects); ok {
			names = append(names, name)
		}
	}
	return names
}

// soql is the query for a window. It has no ORDER BY and no LIMIT: either makes
// Bulk give up cutting a large object into chunks by its primary key. It holds only
// names out of describe and instants.
func (r *reading) soql(w window) string {
	var q strings.Builder
	fmt.Fprintf(&q, "SELECT %s FROM %s WHERE ", strings.Join(selected(r.table), ", "), r.object.name)
	if !w.from.IsZero() {
		fmt.Fprintf(&q, "%s > %s AND ", r.object.cursor, literal(w.from))
	}
	fmt.Fprintf(&q, "%s <= %s", r.object.cursor, literal(w.to))
	return q.String()
}

// literal is an instant as SOQL writes it.
func literal(t time.Time) string { return t.UTC().Format("2006-01-02T15:04:05Z") }

// finish gives a window's last page: from here on, everything up to its end is read.
func (r *reading) finish(p connectors.Page, w window) error {
	r.at.Until, r.at.Job = w.to, nil
	p.Next = r.at.cursor()
	return r.give(p)
}

func release(p connectors.Page) {
	for _, b := range p.Batches {
		b.Records.Release()
	}
}
