package hubspot

import (
	"context"
	"slices"

	"github.com/sourcegraph/conc"
)

const (
	// More ranges than searches are under way: those that wait are the list's to go on
	// into.
	rangesCut = 4 * searchesMost
	// Fewer records than this are listed before ranges would have paid.
	smallPortal = 1000
)

// A stretch is a range of ids still to be found: above From, up to To.
type stretch struct {
	From int64 `json:"f"`
	To   int64 `json:"t,omitempty"` // 0: no end, for what is made meanwhile
	busy bool  // a call for it is under way, or the list is in it
}

func (s stretch) query(direction string, limit int) query {
	within := filters{[]filter{{idColumn, "GT", decimalText(s.From)}}}
	if s.To > 0 {
		within.Filters = append(within.Filters, filter{idColumn, "LTE", decimalText(s.To)})
	}
	return query{
		Groups: []filters{within}, Sorts: [1]sorting{{idColumn, direction}},
		Properties: []string{idColumn}, Limit: limit, After: "0",
	}
}

// has tells whether ids are a search's answer to this range.
func (s stretch) has(found finding) bool {
	return found.isAscending(s.From) && (s.To == 0 || len(found.ids) == 0 || found.ids[len(found.ids)-1] <= s.To)
}

// A finder finds all live records of an object: by searches, range by range from
// the highest ids down, and by the list, from the lowest up, whose pages have whole
// records and so need no batches. One goroutine decides what to call and takes what
// the calls bring, as they come back.
type finder struct {
	r         *reading
	to        chan<- round
	crew      conc.WaitGroup
	brought   chan taking
	underWay  int
	searching int        // of those under way
	left      []*stretch // ascending
	top       *finding   // the highest ids, until ranges are cut below them
	lister    lister
}

// A taking takes what a call brought.
type taking func(context.Context) error

func newFinder(r *reading, at *scanned, to chan<- round) *finder {
	f := &finder{r: r, to: to, brought: make(chan taking), lister: lister{asked: r.listed(cursor{Step: scanning})}}
	if at == nil {
		at = &scanned{Left: []stretch{{}}}
	}
	for _, s := range at.Left {
		f.left = append(f.left, &s)
	}
	f.resume(at)
	return f
}

// run finds until nothing is left.
func (f *finder) run(ctx context.Context) error {
	ctx, stop := context.WithCancel(ctx)
	defer f.crew.Wait()
	defer stop()
	if len(f.left) == 1 && *f.left[0] == (stretch{busy: f.left[0].busy}) {
		f.call(ctx, f.highest)
	}
	for {
		f.order(ctx)
		if f.underWay == 0 {
			return nil
		}
		select {
		case take := <-f.brought:
			f.underWay--
			if err := take(ctx); err != nil {
				return err
			}
		case <-ctx.Done():
			return context.Cause(ctx)
		}
	}
}

// call makes a call beside the others.
func (f *finder) call(ctx context.Context, make func(context.Context) taking) {
	f.underWay++
	f.crew.Go(func() {
		select {
		case f.brought <- make(ctx):
		case <-ctx.Done():
		}
	})
}

// order calls for what may be called for now.
func (f *finder) order(ctx context.Context) {
	if f.lister.own != nil && !f.lister.isBusy {
		f.lister.isBusy = true
		f.call(ctx, f.turn(f.lister.mark))
	}
	for f.searching < f.r.pace.searchesAtOnce() {
		s := f.idle()
		if s == nil {
			return
		}
		s.busy = true
		f.searching++
		f.call(ctx, f.search(s, *s))
	}
}

// idle is the highest range that nobody is at, or else the upper half of what the
// list still has before it; nil: there is none.
func (f *finder) idle() *stretch {
	for _, s := range slices.Backward(f.left) {
		if !s.busy {
			return s
		}
	}
	own := f.lister.own
	if own == nil || own.To == 0 || own.To-own.From < 2*searchedAtOnce {
		return nil
	}
	upper := &stretch{From: own.From + (own.To-own.From)/2, To: own.To}
	own.To = upper.From
	f.insert(upper)
	return upper
}

func (f *finder) insert(s *stretch) {
	f.left = append(f.left, s)
	slices.SortFunc(f.left, func(a, b *stretch) int {
		if a.From < b.From {
			return -1
		}
		return 1
	})
}

func (f *finder) remove(s *stretch) {
	f.left = slices.DeleteFunc(f.left, func(other *stretch) bool { return other == s })
}

// search goes on in a range, which was so when it was called for.
func (f *finder) search(s *stretch, was stretch) func(context.Context) taking {
	return func(ctx context.Context) taking {
		found, err := f.r.portal.find(ctx, f.r.object, was.query("ASCENDING", searchedAtOnce))
		return func(ctx context.Context) error {
			f.searching--
			given := len(found.ids)
			switch {
			case err != nil:
				return err
			case !was.has(found) || given == 0 && found.total > 0:
				return errUnordered
			case found.after == "" && found.total <= int64(given):
				f.remove(s)
			default:
				s.From, s.busy = found.ids[given-1], false
				if s.To > 0 && s.From >= s.To { // it was cut meanwhile
					f.remove(s)
				}
				f.halve(s, found.total)
			}
			if err := f.send(ctx, round{ids: found.ids}); err != nil {
				return err
			}
			return f.cut(ctx)
		}
	}
}

// halve parts a range that has much in it.
func (f *finder) halve(s *stretch, total int64) {
	middle := s.From + (s.To-s.From)/2
	if s.To == 0 || total < 2*searchesMost*searchedAtOnce || middle <= s.From {
		return
	}
	f.insert(&stretch{From: middle, To: s.To})
	s.To = middle
}

// highest asks for the highest ids: below them ranges can be cut.
func (f *finder) highest(ctx context.Context) taking {
	found, err := f.r.portal.find(ctx, f.r.object, stretch{}.query("DESCENDING", searchedAtOnce))
	return func(ctx context.Context) error {
		if err != nil {
			return err
		}
		slices.Reverse(found.ids)
		if !found.isAscending(0) {
			return errUnordered
		}
		if found.total >= smallPortal && len(found.ids) > 0 {
			f.top = &found
		}
		return f.cut(ctx)
	}
}

// cut parts the ids between the lowest and the highest, once both are known.
func (f *finder) cut(ctx context.Context) error {
	if f.top == nil || len(f.left) != 1 || f.left[0].From == 0 {
		return nil
	}
	ids := f.top.ids
	f.top = nil
	first, lowest := f.left[0], ids[0]-1
	width := (lowest - first.From) / rangesCut
	if width <= 0 {
		return nil
	}
	first.To = first.From + width
	for i := range int64(rangesCut - 1) {
		f.left = append(f.left, &stretch{From: first.To + i*width, To: first.To + (i+1)*width})
	}
	f.left[rangesCut-1].To = lowest
	f.left = append(f.left, &stretch{From: ids[len(ids)-1]})
	return f.send(ctx, round{ids: ids})
}

// send hands a round over with what is left after it.
func (f *finder) send(ctx context.Context, found round) error {
	found.left = f.place()
	select {
	case f.to <- found:
		return nil
	case <-ctx.Done():
		return context.Cause(ctx)
	}
}

// searchesAtOnce are as many as keep the searches' limit used: five in a second,
// however many seconds one takes.
func (p *pace) searchesAtOnce() int {
	return searchesMost * (1 + int(p.quickest.Load()/int64(searchesLength)))
}
