package lake

import (
	"context"
	"errors"
	"fmt"
	"iter"
	"os"
	"slices"
	"strconv"
	"testing"

	"pgregory.net/rapid"

	"merit/connectors"
)

// A ledger is a CRM told as the list of all that ever happened in it: the cursor
// is how much of it was read.
type ledger struct {
	events []event
}

type event struct {
	id              string
	amount, version int
	deleted         bool
	stage           string
}

func (e event) deal() string {
	return fmt.Sprintf("%s|deal %s|%d|%d|%t", e.id, e.id, e.amount, e.version, e.deleted)
}

// deals are the deals as they stand after the first events.
func (l ledger) deals(upTo int) map[string]event {
	found := map[string]event{}
	for _, e := range l.events[:upTo] {
		found[e.id] = e
	}
	return found
}

func (l ledger) history(upTo int) map[string]string {
	found := map[string]string{}
	for _, e := range l.events[:upTo] {
		found[e.id+"|"+e.stage] = e.id
	}
	return found
}

// read yields, in pages of random size, the deals that changed since a cursor as
// they are now, which is all that a CRM tells, and their history; some that
// changed before it too. It breaks off after some pages if it should.
func (l ledger) read(t *rapid.T, since connectors.Cursor, breakAfter int) iter.Seq2[connectors.Page, error] {
	begin, _ := strconv.Atoi(string(since))
	start := max(0, begin-rapid.IntRange(0, 5).Draw(t, "overlap"))
	now := l.deals(len(l.events))
	return func(yield func(connectors.Page, error) bool) {
		for start < len(l.events) {
			if breakAfter == 0 {
				yield(connectors.Page{}, errSource)
				return
			}
			breakAfter--
			end := min(len(l.events), start+rapid.IntRange(1, 7).Draw(t, "page"))
			var dealLines, historyLines []string
			for _, e := range l.events[start:end] {
				dealLines = append(dealLines, now[e.id].deal())
				historyLines = append(historyLines, e.id+"|"+e.stage)
			}
			next := strconv.Itoa(max(begin, end))
			if !yield(page(next, deals(dealLines...), history(historyLines...)), nil) {
				return
			}
			start = end
		}
	}
}

// happen lets something happen in the CRM. Versions rise with time and may be the
// same for events in a row; so a later event of one version counts, as read.
func (l *ledger) happen(t *rapid.T) {
	version := 1
	if len(l.events) > 0 {
		version = l.events[len(l.events)-1].version
	}
	for range rapid.IntRange(0, 12).Draw(t, "events") {
		version += rapid.IntRange(0, 1).Draw(t, "later")
		l.events = append(l.events, event{
			id:      fmt.Sprint("d", rapid.IntRange(0, 6).Draw(t, "deal")),
			amount:  rapid.IntRange(1, 3).Draw(t, "amount"),
			version: version,
			deleted: rapid.IntRange(0, 5).Draw(t, "deleted") == 0,
			stage:   rapid.SampledFrom([]string{"new", "talk", "won"}).Draw(t, "stage"),
		})
	}
}

// TestWhateverHappensTheLakeEqualsTheCRM runs random increments of which many are
// broken off by the source or by the death of the process.
func TestWhateverHappensTheLakeEqualsTheCRM(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		root, err := os.MkdirTemp(quickFolder(), "lake")
		if err != nil {
			t.Fatal(err)
		}
		defer os.RemoveAll(root)
		var crm ledger
		for range rapid.IntRange(1, 5).Draw(t, "runs") {
			crm.happen(t)
			runOnce(t, root, crm, rapid.IntRange(-1, 3).Draw(t, "pages before the source breaks"),
				rapid.IntRange(0, 200).Draw(t, "changes of the disk before death"))
		}
		c := runOnce(t, root, crm, -1, -1)
		if want := strconv.Itoa(len(crm.events)); len(crm.events) > 0 && string(c.Cursor) != want {
			t.Fatalf("the cursor is %s after a clean run, not %s", c.Cursor, want)
		}
	})
}

// runOnce is one process: it reads until it is done, the source breaks off or it
// dies (never: -1), and then another looks at what is there.
func runOnce(t *rapid.T, root string, crm ledger, breakAfter, dieAfter int) Checkpoint {
	ctx := context.Background()
	l, err := Open(root)
	if err != nil {
		t.Fatal(err)
	}
	l.limits = limits{
		rows: int64(rapid.IntRange(1, 10).Draw(t, "rows before a commit")), bytes: 1 << 30, every: 1 << 60,
		chunkRows: rapid.IntRange(1, 10).Draw(t, "rows of a chunk"), chunkBytes: 1 << 30,
	}
	d := l.Dataset("crm", "deals")
	before, err := d.Head(ctx)
	if err != nil {
		t.Fatal(err)
	}
	append1 := func() {
		c, err := d.Append(ctx, dealsStream(), crm.read(t, before.Cursor, breakAfter), nil)
		if err != nil && !errors.Is(err, errSource) && !errors.Is(err, errFault) {
			t.Fatal(err)
		}
		if err == nil && !c.IsZero() && c.Cursor == before.Cursor && string(c.Cursor) != strconv.Itoa(len(crm.events)) {
			t.Fatalf("a run without an error stayed at %s", c.Cursor)
		}
	}
	if dieAfter < 0 {
		append1()
	} else {
		during(l, dyingAt(dieAfter), append1)
	}
	return looksWhole(t, root, crm)
}

// stoodSince tells whether a deal was as line says after upTo events or more.
func (l ledger) stoodSince(upTo int, id, line string) bool {
	for ; upTo <= len(l.events); upTo++ {
		e, there := l.deals(upTo)[id]
		e.version *= 1000 // the lake keeps microseconds
		if there && e.deal() == line {
			return true
		}
	}
	return false
}

// looksWhole opens the lake again and compares it with the CRM at its cursor.
func looksWhole(t *rapid.T, root string, crm ledger) Checkpoint {
	l, err := Open(root)
	if err != nil {
		t.Fatal(err)
	}
	c, err := l.Dataset("crm", "deals").Head(context.Background())
	if err != nil || c.IsZero() {
		if err != nil {
			t.Fatal(err)
		}
		return c
	}
	upTo, err := strconv.Atoi(string(c.Cursor))
	if err != nil {
		t.Fatal(err)
	}
	got := latestLines(quiet{rapid: t}, c.Tables[0], "id", "name", "amount", "modified_at", "merit_deleted")
	for id := range crm.deals(upTo) {
		if _, there := got[id]; !there {
			t.Fatalf("at %d deal %s is missing", upTo, id)
		}
	}
	for id, line := range got { // as it was at the cursor, or later
		if !crm.stoodSince(upTo, id, line) {
			t.Fatalf("at %d deal %s is %s, which it was not then nor later", upTo, id, line)
		}
	}
	// A page that was broken off may have left history that is ahead of the cursor:
	// it is true all the same.
	got = latestLines(quiet{rapid: t}, c.Tables[1], "id")
	for key, id := range crm.history(upTo) {
		if got[key] != id {
			t.Fatalf("history at %d lacks %s", upTo, key)
		}
	}
	all := crm.history(len(crm.events))
	for key := range got {
		if _, true := all[key]; !true {
			t.Fatalf("history has %s, which never happened", key)
		}
	}
	var orders []int64
	for _, line := range lines(quiet{rapid: t}, c.Tables[0], OrderColumn) {
		order, _ := strconv.ParseInt(line, 10, 64)
		orders = append(orders, order)
	}
	if slices.Sort(orders); len(slices.Compact(orders)) != int(c.Tables[0].Rows) {
		t.Fatalf("orders repeat: %v", orders)
	}
	return c
}

// quiet lets the helpers of the stories fail a rapid test.
type quiet struct {
	testing.TB // nil: only what is below is asked for
	rapid      *rapid.T
}

func (q quiet) Helper()                           {}
func (q quiet) Fatal(args ...any)                 { q.rapid.Fatal(args...) }
func (q quiet) Fatalf(format string, args ...any) { q.rapid.Fatalf(format, args...) }
func (q quiet) Errorf(format string, args ...any) { q.rapid.Fatalf(format, args...) }
