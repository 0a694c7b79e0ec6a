package hubspot

import (
	"context"
	"errors"

	"github.com/sourcegraph/conc"
)

// Where replies take long, a list is slow however fast HubSpot is: each page must
// be there before the next can be asked for. Then a backfill takes ids from
// searches too, which may run side by side because each asks for a range of ids,
// and which are not counted with the other calls. Neither would do alone: searches
// give at most 1,000 ids a second, and the limits let 950 deals through.

const (
	// While calls wait for their ten seconds, searches run ahead by about as much.
	roundsAhead = 60
	// Pages of a scan are larger: a few searches would not fill the others, and each
	// page costs calls of its own.
	scannedRecords = 5 * pageRecords
)

// A round is what one search or one page of the list found, and what is left after
// it.
type round struct {
	ids  []int64
	body *body // of a page of the list, which has the whole records; nil: batches read them
	left scanned
	err  error
}

// errUnordered is why a scan is given up for a list.
var errUnordered = errors.New("ids out of order")

// scan goes through all live records by ranges of ids. Whatever it can't be sure
// of it leaves to the list.
func (r *reading) scan(ctx context.Context, at cursor) (cursor, error) {
	ahead, stop := context.WithCancel(ctx)
	rounds := make(chan round, roundsAhead)
	var finding conc.WaitGroup
	defer finding.Wait()
	defer stop()
	finding.Go(func() {
		defer close(rounds)
		if err := newFinder(r, at.Scan, rounds).run(ahead); err != nil {
			select {
			case rounds <- round{err: err}:
			case <-ahead.Done():
			}
		}
	})
	for found := range rounds {
		switch {
		case errors.Is(found.err, errUnordered):
			return at.then(listingStep), nil
		case found.err != nil:
			return at, found.err
		case found.body != nil:
			r.takePage(ctx, found.body, found.ids)
		default:
			r.ask(ctx, found.ids)
		}
		at.Scan = &found.left
		if r.found+searchedAtOnce > scannedRecords && len(found.left.Left) > 0 {
			r.close(ctx, at)
		}
	}
	if ctx.Err() != nil {
		return at, context.Cause(ctx)
	}
	at.Swept = at.Until
	at = at.then(r.afterLive())
	r.close(ctx, at)
	return at, nil
}

// isFar tells whether pages that wait for each other would fall behind the limits:
// 190 calls in ten seconds are one in 52 ms.
func (p *pace) isFar() bool {
	if p.calls == nil {
		return false
	}
	quickest := p.quickest.Load()
	return quickest > 0 && quickest > int64(p.calls.length)/int64(paidCalls)
}
