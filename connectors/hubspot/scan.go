package hubspot

import (
	"context"
	"errors"
	"slices"
	"sync"

	"github.com/sourcegraph/conc/pool"
)

// Where replies take long, a list is slow however fast HubSpot is: each page must
// be there before the next can be asked for. Then a backfill takes the ids from
// searches, which may run side by side because each asks for a range of ids, and
// which are not counted with the other calls.

// rangesAtOnce is as many searches as HubSpot lets through in a second.
const rangesAtOnce = searchesMost

// A stretch is a range of ids still to be searched: above From, up to To.
type stretch struct {
	From int64 `json:"f"`
	To   int64 `json:"t,omitempty"` // 0: no end, for what is made meanwhile
}

const (
	// While calls wait for their ten seconds, searches run ahead by about as much.
	roundsAhead = 12
	// Pages of a scan are larger: a round of searches would not fill the others, and
	// each page costs calls of its own.
	scannedRecords = 5 * pageRecords
)

// A round is what some searches side by side found, and what is left after them.
type round struct {
	ids  []int64
	left []stretch
	err  error
}

// errUnordered is why a scan is given up for a list.
var errUnordered = errors.New("ids out of order")

// scan goes through all live records by ranges of ids. Whatever it can't be sure
// of it leaves to the list.
func (r *reading) scan(ctx context.Context, at cursor) (cursor, error) {
	ahead, stop := context.WithCancel(ctx)
	rounds := make(chan round, roundsAhead)
	var searching sync.WaitGroup
	defer searching.Wait()
	defer stop()
	searching.Go(func() {
		defer close(rounds)
		r.rounds(ahead, at.Stretches, rounds)
	})
	for found := range rounds {
		if found.err != nil {
			if errors.Is(found.err, errUnordered) {
				return at.then(listingStep), nil
			}
			return at, found.err
		}
		r.ask(ctx, found.ids)
		at.Stretches = found.left
		if r.found+rangesAtOnce*searchedAtOnce > scannedRecords && len(found.left) > 0 {
			r.close(ctx, at)
		}
	}
	if ctx.Err() != nil {
		return at, context.Cause(ctx)
	}
	at = at.then(binning)
	r.close(ctx, at)
	return at, nil
}

// rounds searches until nothing is left.
func (r *reading) rounds(ctx context.Context, left []stretch, to chan<- round) {
	var err error
	if left == nil {
		left, err = r.stretches(ctx)
	}
	for err == nil && len(left) > 0 {
		var next round
		if next, err = r.round(ctx, left); err == nil {
			left = next.left
			select {
			case to <- next:
			case <-ctx.Done():
				err = context.Cause(ctx)
			}
		}
	}
	if err != nil {
		select {
		case to <- round{err: err}:
		case <-ctx.Done():
		}
	}
}

// round searches the first few stretches side by side.
func (r *reading) round(ctx context.Context, all []stretch) (round, error) {
	found := make([]finding, min(rangesAtOnce, len(all)))
	searches := pool.New().WithContext(ctx).WithCancelOnError().WithFirstError()
	for i := range found {
		searches.Go(func(ctx context.Context) (err error) {
			found[i], err = r.portal.find(ctx, r.object, all[i].query())
			return err
		})
	}
	if err := searches.Wait(); err != nil {
		return round{}, err
	}
	next := round{left: slices.Clone(all[len(found):])}
	for i, f := range found {
		if !f.isAscending(all[i].From) || len(f.ids) == 0 && f.total > 0 {
			return round{}, errUnordered
		}
		next.ids = append(next.ids, f.ids...)
		if f.after != "" || f.total > int64(len(f.ids)) {
			next.left = append(next.left, all[i].behind(f)...)
		}
	}
	return next, nil
}

// behind is what of a stretch is left after a search, in two when there is enough
// in it for two.
func (s stretch) behind(f finding) []stretch {
	s.From = f.ids[len(f.ids)-1]
	middle := s.From + (s.To-s.From)/2
	if s.To == 0 || f.total < 2*rangesAtOnce*searchedAtOnce || middle <= s.From {
		return []stretch{s}
	}
	return []stretch{{s.From, middle}, {middle, s.To}}
}

// stretches parts all ids there are evenly; the last stretch has no end.
func (r *reading) stretches(ctx context.Context) ([]stretch, error) {
	first, err := r.portal.find(ctx, r.object, query{Sorts: [1]sorting{{idColumn, "ASCENDING"}}, Limit: 1, After: "0", Properties: []string{idColumn}})
	if err != nil || len(first.ids) == 0 {
		return []stretch{{}}, err
	}
	last, err := r.portal.find(ctx, r.object, query{Sorts: [1]sorting{{idColumn, "DESCENDING"}}, Limit: 1, After: "0", Properties: []string{idColumn}})
	if err != nil || len(last.ids) == 0 {
		return []stretch{{}}, err
	}
	from, to := first.ids[0]-1, last.ids[0]
	if from >= to || first.total <= rangesAtOnce*searchedAtOnce {
		return []stretch{{}}, nil
	}
	var all []stretch
	for i := range int64(rangesAtOnce) {
		all = append(all, stretch{from + (to-from)/rangesAtOnce*i, from + (to-from)/rangesAtOnce*(i+1)})
	}
	return append(all[:rangesAtOnce-1], stretch{From: all[rangesAtOnce-1].From}), nil
}

func (s stretch) query() query {
	within := filters{[]filter{{idColumn, "GT", decimalText(s.From)}}}
	if s.To > 0 {
		within.Filters = append(within.Filters, filter{idColumn, "LTE", decimalText(s.To)})
	}
	return query{
		Groups: []filters{within}, Sorts: [1]sorting{{idColumn, "ASCENDING"}},
		Properties: []string{idColumn}, Limit: searchedAtOnce, After: "0",
	}
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
