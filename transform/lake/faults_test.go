package lake

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"merit/connectors"
	"merit/connectors/fault"
)

var errFault = errors.New("a fault of the test")

// during lets a fault happen in l while the function runs. It is asked before each
// change of the disk, as the disk itself would be.
func during(l *Lake, fault func(operation, path string) error, do func()) {
	l.disk.(*disk).before = fault
	defer func() { l.disk.(*disk).before = nil }()
	do()
}

// dyingAt is a process that is killed at its n-th change of the disk: it does
// nothing after that.
func dyingAt(n int) func(operation, path string) error {
	var mutex sync.Mutex
	return func(string, string) error {
		mutex.Lock()
		defer mutex.Unlock()
		n--
		if n < 0 {
			return errFault
		}
		return nil
	}
}

// failingAt fails the n-th change of the disk and no other.
func failingAt(n int, failed *string) func(operation, path string) error {
	var mutex sync.Mutex
	return func(operation, path string) error {
		mutex.Lock()
		defer mutex.Unlock()
		n--
		if n == -1 {
			*failed = operation + " " + path
			return errFault
		}
		return nil
	}
}

// publishing a table's version is the moment that a commit becomes true.
func beforePublishing(table string) func(operation, path string) error {
	return func(operation, path string) error {
		inTable := filepath.Base(filepath.Dir(filepath.Dir(path))) == table
		if operation == "link" && inTable {
			return errFault
		}
		return nil
	}
}

func TestACrashBetweenCompanionAndMainIsReadAgain(t *testing.T) {
	for _, first := range []bool{true, false} {
		t.Run(fmt.Sprintf("first read %v", first), func(t *testing.T) {
			l := openLake(t)
			d := l.Dataset("crm", "deals")
			var before Checkpoint
			if first {
				// The tables are there, and empty: only commits are left to go wrong.
				appendDeals(t, l)
			} else {
				before, _ = appendDeals(t, l, page("1", deals("d1|A|1|1000|"), history("d1|new")))
			}
			lost := func() connectors.Page {
				return page("2", deals("d2|B|1|2000|"), history("d1|won", "d2|new"))
			}
			during(l, beforePublishing("deals"), func() {
				if _, err := d.Append(context.Background(), dealsStream(), reads(nil, lost()), nil); !errors.Is(err, errFault) {
					t.Fatalf("the error is %v", err)
				}
			})
			companion, err := d.load(context.Background(), "deal_history")
			if err != nil || companion.CurrentSnapshot() == nil || summaryOf(companion.CurrentSnapshot())[orderProperty] == "1" {
				t.Fatalf("the companion was not committed, so this shows nothing: %v", err)
			}
			same(t, "head", head(t, d), before, sameCheckpoint()...)

			after, seen := appendDeals(t, l, lost())
			same(t, "history: the rows were there", seen["deal_history"].New, int64(0))
			wantHistory, wantDeals := []string{"d1|won", "d2|new"}, []string{"d2"}
			if !first {
				wantHistory, wantDeals = append([]string{"d1|new"}, wantHistory...), append([]string{"d1"}, wantDeals...)
			}
			same(t, "history", lines(t, pinned(t, after, "deal_history"), "id", "stage"), wantHistory)
			same(t, "deals", lines(t, pinned(t, after, "deals"), "id"), wantDeals)
		})
	}
}

// allPages is a read of two pages from a cursor on.
func pagesFrom(cursor connectors.Cursor) []connectors.Page {
	all := []connectors.Page{
		page("1", deals("d1|A|1|1000|", "d2|B|1|1000|"), history("d1|new", "d2|new")),
		page("2", deals("d1|A|2|2000|", "d3|C|1|2000|"), history("d1|won", "d3|new")),
	}
	switch cursor {
	case "":
		return all
	case "1":
		return all[1:]
	}
	return nil
}

func TestEveryChangeOfTheDiskMayFailOrBeTheLast(t *testing.T) {
	kinds := map[string]func(n int, failed *string) func(string, string) error{
		"fails": failingAt,
		"dies":  func(n int, _ *string) func(string, string) error { return dyingAt(n) },
	}
	for kind, fault := range kinds {
		t.Run(kind, func(t *testing.T) {
			finished := false
			step, first := 1, 0
			if os.Getenv("MERIT_SOAK") == "" { // every third, another third each time
				step, first = 3, rand.IntN(3)
			}
			for n := first; !finished; n += step {
				if n > 2000 {
					t.Fatal("the faults never end")
				}
				l := openLakeInMemory(t)
				l.limits.rows = 1 // a commit after each page
				d := l.Dataset("crm", "deals")
				failed := ""
				during(l, fault(n, &failed), func() {
					_, err := d.Append(context.Background(), dealsStream(), reads(nil, pagesFrom("")...), nil)
					finished = err == nil && failed == ""
					if err != nil && !errors.Is(err, errFault) {
						t.Fatalf("change %d: the error is %v", n, err)
					}
					if err == nil && failed != "" && !strings.Contains(failed, "version-hint") && !strings.HasPrefix(failed, "remove ") {
						t.Errorf("change %d, %s, failed and nobody was told", n, failed)
					}
				})
				l, err := Open(l.root) // a dead process forgets what it had in memory
				if err != nil {
					t.Fatal(err)
				}
				d = l.Dataset("crm", "deals")
				wholeAt(t, n, head(t, d))
				c, _ := appendDeals(t, l, pagesFrom(head(t, d).Cursor)...)
				same(t, "cursor", c.Cursor, connectors.Cursor("2"))
				wholeAt(t, n, c)
			}
		})
	}
}

// wholeAt checks that a checkpoint holds all that its cursor says was read.
func wholeAt(t *testing.T, n int, c Checkpoint) {
	t.Helper()
	if c.IsZero() {
		return
	}
	wantDeals := map[string]string{"d1": "1", "d2": "1"}
	wantHistory := map[string]string{"d1|new": "d1", "d2|new": "d2"}
	if c.Cursor == "2" {
		wantDeals["d1"], wantDeals["d3"] = "2", "1"
		wantHistory["d1|won"], wantHistory["d3|new"] = "d1", "d3"
	}
	same(t, fmt.Sprintf("deals after a fault at change %d", n), latestLines(t, pinned(t, c, "deals"), "amount"), wantDeals)
	got := latestLines(t, pinned(t, c, "deal_history"), "id")
	for key, id := range wantHistory { // rows of a page that was not finished may be there too
		if got[key] != id {
			t.Errorf("change %d: history lacks %s", n, key)
		}
	}
	for _, p := range c.Tables {
		for _, f := range p.Files {
			info, err := os.Stat(f.Here())
			if err != nil || info.Size() != f.Bytes {
				t.Errorf("change %d: %s should have %d bytes: %v, %v", n, f.Path, f.Bytes, info, err)
			}
		}
	}
}

func TestASecondWriterLosesCleanly(t *testing.T) {
	l := openLake(t)
	other := reopen(t, l)
	appendDeals(t, l, page("1", deals("d1|A|1|1000|")))
	slow := l.Dataset("crm", "deals")
	_, err := slow.Append(context.Background(), dealsStream(), func(yield func(connectors.Page, error) bool) {
		appendDeals(t, other, page("2", deals("d2|B|1|2000|"), history("d2|new")))
		yield(page("9", deals("d9|Z|1|9000|"), history("d9|new")), nil)
	}, nil)
	if !errors.Is(err, ErrOvertaken) || fault.WhoMends(err) != fault.You {
		t.Errorf("the error is %v", err)
	}
	c := head(t, slow)
	same(t, "cursor", c.Cursor, connectors.Cursor("2"))
	same(t, "deals", lines(t, pinned(t, c, "deals"), "id"), []string{"d1", "d2"})
	after, _ := appendDeals(t, l, page("3", deals("d3|C|1|3000|")))
	same(t, "deals later", lines(t, pinned(t, after, "deals"), OrderColumn, "id"), []string{"1|d1", "2|d2", "3|d3"})
}

func TestTwoWritersAtOnceLoseNothing(t *testing.T) {
	for range 20 {
		l := openLakeInMemory(t)
		appendDeals(t, l, page("0", deals("d0|A|1|1000|")))
		var wait sync.WaitGroup
		won := make([]bool, 2)
		for i := range won {
			other := reopen(t, l)
			wait.Go(func() {
				_, err := other.Dataset("crm", "deals").Append(context.Background(), dealsStream(),
					reads(nil, page(fmt.Sprint("w", i), deals(fmt.Sprintf("w%d|B|1|2000|", i)))), nil)
				won[i] = err == nil
				if err != nil && !errors.Is(err, ErrOvertaken) {
					t.Errorf("the error is %v", err)
				}
			})
		}
		wait.Wait()
		got := latestLines(t, pinned(t, head(t, l.Dataset("crm", "deals")), "deals"), "name")
		for i, w := range won {
			if _, there := got[fmt.Sprint("w", i)]; there != w {
				t.Errorf("writer %d: acknowledged %v, there %v", i, w, there)
			}
		}
		if !won[0] && !won[1] {
			t.Error("nobody won")
		}
	}
}

func TestAtGivesWhatWasThereThen(t *testing.T) {
	l := openLake(t)
	l.now = (&clock{at: time.Date(2026, 3, 1, 0, 0, 0, 0, time.UTC)}).now
	d := l.Dataset("crm", "deals")
	first, _ := appendDeals(t, l, page("1", deals("d1|A|1|1000|"), history("d1|new")))
	second, _ := appendDeals(t, l, page("2", deals("d1|A|2|2000|"), history("d1|won")))
	at := func(when time.Time) Checkpoint {
		c, err := d.At(context.Background(), when)
		if err != nil {
			t.Fatal(err)
		}
		return c
	}
	if c := at(first.At.Add(-time.Nanosecond)); !c.IsZero() {
		t.Errorf("before the first commit: %+v", c)
	}
	same(t, "at the first", at(first.At), first, sameCheckpoint()...)
	same(t, "just before the second", at(second.At.Add(-time.Nanosecond)), first, sameCheckpoint()...)
	same(t, "later", at(second.At.Add(time.Hour)), second, sameCheckpoint()...)
	same(t, "history then", lines(t, pinned(t, at(first.At), "deal_history"), "stage"), []string{"new"})
}

func TestAClockThatGoesBackDoesNotTurnCheckpointsRound(t *testing.T) {
	l := openLake(t)
	l.now = func() time.Time { return time.Date(2026, 3, 1, 0, 0, 0, 0, time.UTC) }
	first, _ := appendDeals(t, l, page("1"))
	second, _ := appendDeals(t, l, page("2"))
	if !second.At.After(first.At) {
		t.Errorf("%s is not after %s", second.At, first.At)
	}
}
