package sfserver

import (
	"fmt"
	"slices"
	"strings"
	"time"
)

// An answer is the rows of a query at one instant. The rows are not kept: a mark
// every so many rows says where to go on, and a page is rendered from there. So a
// job over millions of rows costs the sandbox next to no memory.
type answer struct {
	query   *query
	view    *view
	late    time.Duration
	deleted bool // queryAll: with deleted and archived rows
	blocks  int  // the story is gone through in so many blocks, in no order of time; 1: from first to last
	total   int
	marks   []mark
	sorted  []mark // each row, for ORDER BY
}

// A mark is a place in the story: a part of it, and which of its rows.
type mark struct{ place, row int }

const rowsAMark = 2000

// answer runs a query and counts its rows.
func (a *API) answer(q *query, deleted bool, blocks int) *answer {
	ans := &answer{query: q, view: a.look(), late: a.trouble.now().Late, deleted: deleted, blocks: blocks}
	if len(q.order) > 0 && !ans.inOrder() {
		ans.sort()
		return ans
	}
	skip := q.offset
	ans.scan(mark{}, func(at mark, _ *record) bool {
		if skip > 0 {
			skip--
			return true
		}
		if q.limit >= 0 && ans.total == q.limit {
			return false
		}
		if ans.total%rowsAMark == 0 {
			ans.marks = append(ans.marks, at)
		}
		ans.total++
		return true
	})
	return ans
}

// inOrder tells whether going through the story gives the order asked for: by id.
func (ans *answer) inOrder() bool {
	order := ans.query.order
	return len(order) == 1 && order[0].field.name == "Id" && !order[0].descending && ans.query.object.ordered
}

// part gives which part of the story comes at a place.
func (ans *answer) part(place, size int) int {
	if ans.blocks <= 1 || size < ans.blocks {
		return place
	}
	// Block after block, each a fixed step on: as many steps as there are blocks, which is prime.
	length := (size + ans.blocks - 1) / ans.blocks
	block := place / length
	return (block*7+3)%ans.blocks*length + place%length
}

// places is how many places there are; some may have no part of the story.
func (ans *answer) places(size int) int {
	if ans.blocks <= 1 || size < ans.blocks {
		return size
	}
	return (size + ans.blocks - 1) / ans.blocks * ans.blocks
}

// scan calls with each row that belongs to the answer, from a mark on, until told to stop.
func (ans *answer) scan(from mark, with func(mark, *record) bool) {
	object := ans.query.object
	size := object.size(ans.view.story)
	var rows []record
	for place := from.place; place < ans.places(size); place++ {
		part := ans.part(place, size)
		if part >= size {
			continue
		}
		rows = object.load(ans.view, part, rows[:0])
		for i := range rows {
			if place == from.place && i < from.row || !ans.has(&rows[i]) {
				continue
			}
			if !with(mark{place, i}, &rows[i]) {
				return
			}
		}
	}
}

func (ans *answer) has(r *record) bool {
	if !ans.sees(r) || !ans.deleted && (r.deleted || r.archived) {
		return false
	}
	return ans.query.where == nil || ans.query.where.holds(ans.view, r)
}

// page calls with the rows [from, from+count).
func (ans *answer) page(from, count int, with func(*record)) {
	count = min(count, ans.total-from)
	if count <= 0 {
		return
	}
	if ans.sorted != nil {
		var rows []record
		for _, at := range ans.sorted[from : from+count] {
			rows = ans.query.object.load(ans.view, at.place, rows[:0])
			with(&rows[at.row])
		}
		return
	}
	skip := from % rowsAMark
	ans.scan(ans.marks[from/rowsAMark], func(_ mark, r *record) bool {
		if skip > 0 {
			skip--
			return true
		}
		with(r)
		count--
		return count > 0
	})
}

// sort finds the order of the rows once; an ORDER BY over millions is the client's own doing.
func (ans *answer) sort() {
	type keyed struct {
		at   mark
		keys []string
	}
	var found []keyed
	ans.scan(mark{}, func(at mark, r *record) bool {
		keys := make([]string, len(ans.query.order))
		for i, o := range ans.query.order {
			keys[i] = sortKey(o.field.get(ans.view, r))
		}
		found = append(found, keyed{at, keys})
		return true
	})
	slices.SortStableFunc(found, func(a, b keyed) int {
		for i, o := range ans.query.order {
			if order := o.compare(a.keys[i], b.keys[i]); order != 0 {
				return order
			}
		}
		return 0
	})
	found = found[min(ans.query.offset, len(found)):]
	if ans.query.limit >= 0 {
		found = found[:min(ans.query.limit, len(found))]
	}
	ans.total = len(found)
	ans.sorted = make([]mark, len(found))
	for i, f := range found {
		ans.sorted[i] = f.at
	}
}

// compare orders two keys; nulls come first unless the query says otherwise.
func (o ordering) compare(a, b string) int {
	switch {
	case a == b:
		return 0
	case a == "" || b == "":
		if (a == "") != o.nullsLast {
			return -1
		}
		return 1
	case o.descending:
		return strings.Compare(b, a)
	}
	return strings.Compare(a, b)
}

// sortKey is a text that orders as the value does; "" is null.
func sortKey(v value) string {
	switch v.kind {
	case null:
		return ""
	case integer, instant, boolean:
		return fmt.Sprintf("%020d", v.number+1<<62)
	case decimal:
		whole, fraction, _ := strings.Cut(v.text, ".")
		if strings.HasPrefix(whole, "-") {
			return "-" // amounts below nothing are not told apart
		}
		return fmt.Sprintf("0%020s.%s", whole, fraction)
	case plain:
		return strings.ToLower(v.text) + "\x00" + v.text
	}
	return string(v.appendText(nil, restZone))
}
