package hubspot

import (
	"context"
	"slices"
)

// Nobody promises that a list comes in the order of ids. What the finder's list
// gave is counted by a search, and where that counts more, searches do the range
// again, and the list is used no more.

// countedPages of the list are counted at once.
const countedPages = 20

// A lister is where the finder's list stands.
type lister struct {
	asked  listing
	own    *stretch // the range that it is in; nil: the list is not used
	isBusy bool     // a page is under way
	mark   string   // the list's own mark of the next page
	marks  rounds
	last   int64 // id that it gave last
	from   int64 // up to here it was counted
	count  int64 // of ids since
	pages  int   // since
}

// scanned is how far a scan is: the ranges that are left, and where the list
// stands in one of them.
type scanned struct {
	Left  []stretch `json:"left"`
	Mark  string    `json:"mark,omitempty"` // "": the list is not used
	Last  int64     `json:"last,omitempty"`
	From  int64     `json:"from,omitempty"`
	Count int64     `json:"count,omitempty"`
}

// place is how far the scan is.
func (f *finder) place() scanned {
	var at scanned
	for _, s := range f.left {
		at.Left = append(at.Left, *s)
	}
	if l := &f.lister; l.own != nil && l.mark != "" {
		at.Mark, at.Last, at.From, at.Count = l.mark, l.last, l.from, l.count
	}
	return at
}

// resume lets the list begin, or go on where it was.
func (f *finder) resume(at *scanned) {
	l := &f.lister
	l.mark, l.last, l.from, l.count = at.Mark, at.Last, at.From, at.Count
	isNew := len(f.left) == 1 && f.left[0].From == 0
	if !l.asked.isWhole || at.Mark == "" && !isNew {
		return
	}
	for _, s := range f.left {
		if s.From == l.last {
			s.busy, l.own = true, s
		}
	}
}

// turn asks for a page of the list.
func (f *finder) turn(mark string) func(context.Context) taking {
	return func(ctx context.Context) taking {
		body, found, err := f.r.portal.list(ctx, f.r.object, f.lister.asked, mark)
		return func(ctx context.Context) error {
			l := &f.lister
			l.isBusy = false
			switch {
			case err != nil:
				return err
			case l.own == nil: // given up meanwhile
				return nil
			case !found.isAscending(l.last) || found.after != "" && l.marks.isRepeated(found.after):
				f.giveUp()
				return nil
			}
			within := f.advance(found)
			isOver := found.after == "" || l.own.To > 0 && l.last >= l.own.To
			if l.pages++; isOver || l.pages == countedPages {
				f.countUp(ctx)
			}
			if isOver {
				f.leave()
			}
			if err := f.send(ctx, round{ids: within, body: body}); err != nil {
				return err
			}
			return f.cut(ctx)
		}
	}
}

// advance moves the list on, into the next range if nobody is there, and gives the
// ids that were still to be found.
func (f *finder) advance(found finding) []int64 {
	l := &f.lister
	l.mark = found.after
	if len(found.ids) == 0 {
		return nil
	}
	l.last = found.ids[len(found.ids)-1]
	for l.own.To > 0 && l.last >= l.own.To {
		next := slices.IndexFunc(f.left, func(s *stretch) bool { return !s.busy && s.From == l.own.To })
		if next < 0 {
			break
		}
		l.own.To = f.left[next].To
		f.remove(f.left[next])
	}
	within, at := found.ids, l.last
	if l.own.To > 0 && at > l.own.To {
		at = l.own.To
		past, _ := slices.BinarySearch(within, at+1)
		within = within[:past]
	}
	l.own.From = at
	l.count += int64(len(within))
	return within
}

// leave ends the list: what is still left of its range is searched.
func (f *finder) leave() {
	own := f.lister.own
	f.lister.own = nil
	if own.busy = false; own.To > 0 && own.From >= own.To {
		f.remove(own)
	}
}

// giveUp leaves what was not counted to the searches.
func (f *finder) giveUp() {
	if own := f.lister.own; own != nil {
		own.From = f.lister.from
		f.leave()
	}
}

// countUp has a search count what the list gave since it was last counted.
func (f *finder) countUp(ctx context.Context) {
	l := &f.lister
	s, count := &stretch{From: l.from, To: l.own.From, busy: true}, l.count
	l.from, l.count, l.pages = l.own.From, 0, 0
	if s.From == s.To {
		return
	}
	f.insert(s)
	was := *s
	f.call(ctx, func(ctx context.Context) taking {
		found, err := f.r.portal.find(ctx, f.r.object, was.query("ASCENDING", 1))
		return func(context.Context) error {
			if err == nil && found.total > count {
				s.busy = false
				f.giveUp()
			} else if err == nil {
				f.remove(s)
			}
			return err
		}
	})
}
