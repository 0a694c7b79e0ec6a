package salesforce

import (
	"context"
	"errors"
	"fmt"
	"io"
	"iter"
	"net/url"
	"slices"
	"strings"
	"sync/atomic"
	"time"

	"merit/connectors"
	"merit/connectors/fault"
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
	if s.Name == orgName {
		return a.readOrg(ctx, s, since, give)
	}
	if err := a.broken[s.Name]; err != nil {
		return err
	}
	o, known := a.objectOf(s)
	if !known || len(s.Tables) == 0 {
		return fault.Errorf(fault.Us, "not a stream of Salesforce's")
	}
	if isAbsent(s) {
		return standStill(ctx, since, give)
	}
	at, err := positionAt(since, selected(s.Tables[0]))
	if err != nil {
		return err
	}
	r := &reading{account: a, object: o, table: s.Tables[0], at: at, give: give}
	if len(s.Tables) > 1 {
		r.ids = &s.Tables[1]
	}
	defer r.tellNULs()
	if o.kind == snapshot {
		err = r.daily(ctx)
	} else {
		err = r.all(ctx)
	}
	if o.isSoft && !r.hasGiven && isRefused(err) {
		r.at = at // whatever the try had begun
		return r.hand(connectors.Page{LeftOut: err})
	}
	return err
}

// standStill reads nothing of an object that this org lacks, or hides for now: it goes on
// from where it was when it is shown again.
func standStill(ctx context.Context, since connectors.Cursor, give func(connectors.Page) error) error {
	if err := ctx.Err(); err != nil {
		return err
	}
	if since == "" {
		nothing := position{Version: positionVersion}
		since = nothing.cursor()
	}
	return give(connectors.Page{Next: since, LeftOut: errLacking()})
}

// A reading is one stream on its way from a cursor to now.
type reading struct {
	*account
	object   object
	table    connectors.Table
	ids      *connectors.Table // nil: no list of all ids is made
	at       position
	began    time.Time // by the server's clock
	hasGiven bool      // a page
	give     func(connectors.Page) error
	nuls     atomic.Int64
}

// hand gives a page with where reading stands after it.
func (r *reading) hand(p connectors.Page) error {
	r.at.see(p, r.table.Name, r.object.cursor)
	p.Next = r.at.cursor()
	r.hasGiven = true
	return r.give(p)
}

// tellNULs says how many NUL bytes came; no text with one could be kept elsewhere.
func (r *reading) tellNULs() {
	if n := r.nuls.Load(); n > 0 {
		r.Warn("%s: %d NUL bytes were taken out of texts", r.object.name, n)
	}
}

// all finishes the job that an earlier run left half read, then reads windows until
// the time at which it began, and lists all ids when that is due.
func (r *reading) all(ctx context.Context) error {
	now, err := r.now(ctx)
	if err != nil {
		return err
	}
	if !r.at.Until.IsZero() && r.at.IDs.At.IsZero() {
		r.at.IDs.At = now // an older Merit, which made no lists, read so far
	}
	r.began = now
	left := r.at.Job != nil
	if left {
		if err := r.resume(ctx); err != nil {
			return err
		}
	}
	if end := now.Add(-lag); !left || r.at.Until.Before(end) {
		if err := r.windows(ctx, now, end); err != nil {
			return err
		}
	}
	if r.isRollDue(now) {
		return r.callRoll(ctx, now)
	}
	return nil
}

// windows reads window after window up to an end.
func (r *reading) windows(ctx context.Context, now, end time.Time) error {
	if isDue := r.refresh > 0 && now.Sub(r.at.Whole) >= r.refresh; hasDrift(r.table) && (isDue || r.at.Until.IsZero()) {
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
// Up to known they are read already. One that has an as is no window but all rows, as
// they are then.
type window struct{ from, known, to, as time.Time }

// isWide tells whether a window is worth a job without a look at how much it has.
func (w window) isWide() bool { return w.as.IsZero() && w.from.IsZero() }

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
	into := r.on(w)
	query := r.soql(into, w)
	if r.object.route != onlyREST && (w.isWide() && r.object.route == bulkOrREST || len(url.QueryEscape(query)) > longestQuery) {
		err := r.byBulk(ctx, query, w)
		if !isNotForBulk(err) {
			return err
		}
	}
	first, err := r.firstPage(ctx, into, query)
	isForBulk := isTooSlow(err) && (w.isWide() || !w.as.IsZero()) && r.object.route != onlyREST
	if err != nil && !isForBulk {
		return err
	}
	if r.object.route != onlyREST && (err != nil || first.total > r.pace.bulkFrom) {
		bulkErr := r.byBulk(ctx, query, w)
		if !isNotForBulk(bulkErr) {
			release(first.Page)
			return bulkErr
		}
		if err != nil {
			return err
		}
	}
	for again := 0; ; again++ {
		err := r.byREST(ctx, into, w, first)
		if again == locatorTries || !isLostLocator(err) {
			return err
		}
		if first, err = r.firstPage(ctx, into, query); err != nil {
			return err
		}
	}
}

// locatorTries is how often a window is asked for again when its locator was lost.
const locatorTries = 3

// isLostLocator tells the refusals of a query's next page after which the query is asked
// again: a locator dies with the session that it was made in.
func isLostLocator(err error) bool {
	return hasCode(err, "INVALID_QUERY_LOCATOR", "INVALID_LOCATOR") || errors.As(err, new(lostLocator))
}

// lostLocator marks a refused session on the way to a next page.
type lostLocator struct{ error }

func (e lostLocator) Unwrap() error { return e.error }

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
func (r *reading) soql(into target, w window) string {
	var q strings.Builder
	fmt.Fprintf(&q, "SELECT %s FROM %s", strings.Join(selected(into.Table), ", "), r.object.name)
	if !w.as.IsZero() {
		return q.String()
	}
	q.WriteString(" WHERE ")
	if !w.from.IsZero() {
		fmt.Fprintf(&q, "%s > %s AND ", r.object.cursor, literal(w.from))
	}
	fmt.Fprintf(&q, "%s <= %s", r.object.cursor, literal(w.to))
	return q.String()
}

// literal is an instant as SOQL writes it.
func literal(t time.Time) string { return t.UTC().Format("2006-01-02T15:04:05Z") }

// finish gives a window's last page: from here on, everything up to its end is read.
func (r *reading) finish(ctx context.Context, p connectors.Page, w window, rows int64) error {
	r.at.Job = nil
	switch {
	case w.as.IsZero():
		r.at.Until = w.to
		if w.from.IsZero() && r.at.IDs.At.IsZero() {
			r.at.IDs = roll{At: r.began, Count: rows}
		}
	case r.object.kind == snapshot:
		if err := r.isWholeDay(ctx, w, rows); err != nil {
			release(p)
			return err
		}
		r.at.Until = w.as
	default:
		r.rolled(&p, w, rows)
	}
	return r.hand(p)
}

// isWholeDay holds a day's rows against Salesforce's own count of those that changed last
// before the day was read: each of them must have come.
func (r *reading) isWholeDay(ctx context.Context, w window, rows int64) error {
	if !slices.Contains(selected(r.table), r.object.cursor) {
		return nil
	}
	counted, err := r.countUntil(ctx, r.object.name, r.object.cursor, w.as)
	switch {
	case isTooSlow(err) || isUncountable(err):
		r.Warn("%s can't be counted, so that a record which is missing is not noticed by its number: %v", r.object.name, err)
		return nil
	case err != nil:
		return err
	case counted > rows:
		return short("Salesforce counts %d records and gave %d of them; nothing is taken as read, run again", counted, rows)
	}
	return nil
}

func release(p connectors.Page) {
	for _, b := range p.Batches {
		b.Records.Release()
	}
}
