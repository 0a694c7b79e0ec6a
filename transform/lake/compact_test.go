package lake

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/apache/arrow-go/v18/arrow"
	"github.com/google/go-cmp/cmp"

	"merit/connectors"
	"merit/connectors/fault"
)

// increments appends n small pages: each updates a deal and brings a new one.
func increments(t *testing.T, l *Lake, from, n int) {
	t.Helper()
	for k := from; k < from+n; k++ {
		appendDeals(t, l, page(fmt.Sprint(k),
			deals(fmt.Sprintf("d%d|Deal|%d|%d|", k, k, 1000*k), fmt.Sprintf("d0|Deal|%d|%d|", k, 1000*k)),
			history(fmt.Sprintf("d%d|new", k), fmt.Sprintf("d0|stage %d", k))))
	}
}

func compact(t *testing.T, l *Lake) Compacted {
	t.Helper()
	done, err := l.Dataset("crm", "deals").Compact(context.Background())
	if err != nil {
		t.Fatal(err)
	}
	return done
}

// everyRow gives a checkpoint's rows as they were read, whatever files they are in.
func everyRow(t *testing.T, c Checkpoint) [][]string {
	t.Helper()
	return [][]string{
		lines(t, pinned(t, c, "deals"), OrderColumn, HashColumn, "id", "name", "amount", "modified_at", "merit_deleted"),
		lines(t, pinned(t, c, "deal_history"), OrderColumn, HashColumn, "id", "stage"),
	}
}

func TestCompactionChangesFilesAndNothingElse(t *testing.T) {
	l := openLakeInMemory(t)
	increments(t, l, 1, 12)
	before := head(t, l.Dataset("crm", "deals"))
	same(t, "compacted", compact(t, l), Compacted{Before: 24, After: 2})
	after := head(t, l.Dataset("crm", "deals"))
	same(t, "cursor", after.Cursor, before.Cursor)
	same(t, "rows", everyRow(t, after), everyRow(t, before))
	same(t, "files", []int{len(after.Tables[0].Files), len(after.Tables[1].Files)}, []int{1, 1})
	if v := verified(t, l); len(v.Damages) > 0 {
		t.Errorf("%v", v.Damages)
	}
	same(t, "again", compact(t, l), Compacted{})

	then, err := l.Dataset("crm", "deals").At(context.Background(), before.At)
	if err != nil {
		t.Fatal(err)
	}
	same(t, "what stood before", then, before, sameCheckpoint()...)
}

func TestACompactedFileIsSortedByKeyVersionAndOrder(t *testing.T) {
	l := openLakeInMemory(t)
	increments(t, l, 1, 12)
	compact(t, l)
	var got []string
	for _, row := range parquetRows(t, head(t, l.Dataset("crm", "deals")).Tables[0].Files[0].Here()) {
		got = append(got, fmt.Sprintf("%s %12s %8s", row["id"], row["modified_at"], row[OrderColumn]))
	}
	same(t, "sorted", got, slices.Sorted(slices.Values(got)))
}

func TestReadingGoesOnAfterCompaction(t *testing.T) {
	l := openLakeInMemory(t)
	increments(t, l, 1, 12)
	compact(t, l)
	last := page("13", deals("d12|Deal|12|12000|", "d13|Deal|13|13000|"), history("d12|new", "d13|new"))
	c, seen := appendDeals(t, l, last)
	same(t, "deals: one was there", seen["deals"], Progress{Table: "deals", Read: 2, New: 1})
	same(t, "history: one was there", seen["deal_history"], Progress{Table: "deal_history", Read: 2, New: 1})
	same(t, "orders go on", lines(t, pinned(t, c, "deals"), OrderColumn)[24:], []string{"25"})
}

func TestOldAndNewColumnsAreCompactedTogether(t *testing.T) {
	l := openLakeInMemory(t)
	d := l.Dataset("crm", "deals")
	narrow, wide := dealsOfOldColumns(), dealsOfNewColumns()
	for k := range 5 {
		appendTo(t, d, streamOf(narrow), page(fmt.Sprint("n", k), rows(narrow, fmt.Sprintf("n%d|A|%d|1000||%d", k, k, k))))
	}
	for k := range 5 {
		appendTo(t, d, streamOf(wide), page(fmt.Sprint("w", k), rows(wide, fmt.Sprintf("w%d|B|%d|2000||5000000000|20000", k, k))))
	}
	before := head(t, d)
	compact(t, l)
	after := head(t, d)
	columns := []string{OrderColumn, HashColumn, "id", "amount", "seats", "closes_on"}
	same(t, "rows", lines(t, after.Tables[0], columns...), lines(t, before.Tables[0], columns...))
	if v := verified(t, l); len(v.Damages) > 0 {
		t.Errorf("%v", v.Damages)
	}
}

func TestCompactionMayBreakOffAnywhere(t *testing.T) {
	if testing.Short() {
		t.Skip("takes long; make test runs it")
	}
	finished := false
	for n := 0; !finished; n += times(5, 1) {
		l := openLakeInMemory(t)
		increments(t, l, 1, 8)
		d := l.Dataset("crm", "deals")
		want := everyRow(t, head(t, d))
		during(l, dyingAt(n), func() {
			_, err := d.Compact(context.Background())
			if err != nil && !errors.Is(err, errFault) {
				t.Fatal(err)
			}
			finished = err == nil
		})
		l, err := Open(l.root)
		if err != nil {
			t.Fatal(err)
		}
		same(t, fmt.Sprintf("rows after death at change %d", n), everyRow(t, head(t, l.Dataset("crm", "deals"))), want)
		if _, err := l.CleanUp(context.Background(), 0); err != nil {
			t.Fatal(err)
		}
		if v := verified(t, l); len(v.Damages) > 0 {
			t.Fatalf("change %d: %v", n, v.Damages)
		}
		compact(t, l)
		increments(t, l, 9, 1)
		same(t, "cursor", head(t, l.Dataset("crm", "deals")).Cursor, connectors.Cursor("9"))
	}
}

func TestHistoryIsKeptAsLongAsItIsWantedAndNoLonger(t *testing.T) {
	l := openLakeInMemory(t)
	day := time.Date(2026, 3, 1, 12, 0, 0, 0, time.UTC)
	l.now = func() time.Time { return day }
	var checkpoints []Checkpoint
	d := l.Dataset("crm", "deals")
	for k := range 12 {
		increments(t, l, k, 1)
		checkpoints = append(checkpoints, head(t, d))
		day = day.Add(24 * time.Hour)
	}
	compact(t, l)
	ctx := context.Background()
	gone, err := d.Expire(ctx, History{Keep: 5*24*time.Hour + time.Hour}) // since the 8th at 11:00: what stood then is of the 7th
	if err != nil {
		t.Fatal(err)
	}
	same(t, "expired: the 1st to the 6th", gone, 6)
	cleaned, err := l.CleanUp(ctx, 0)
	if err != nil {
		t.Fatal(err)
	}
	if cleaned.Files == 0 {
		t.Error("no file was cleaned up")
	}
	for i, c := range checkpoints {
		then, err := d.At(ctx, c.At)
		if i < 6 {
			if fault.WhoMends(err) != fault.You || !strings.Contains(err.Error(), "is no longer kept: its oldest checkpoint is of 2026-03-07") {
				t.Errorf("checkpoint %d should have expired: %v", i, err)
			}
			continue
		}
		if err != nil {
			t.Fatal(err)
		}
		same(t, fmt.Sprint("checkpoint ", i), then, c, sameCheckpoint()...)
		same(t, fmt.Sprint("rows of checkpoint ", i), len(everyRow(t, then)[0]), 2*(i+1))
	}
	v := verified(t, l)
	if len(v.Damages) > 0 {
		t.Errorf("%v", v.Damages)
	}
	same(t, "files left", len(lakeFiles(t, l)), v.Files)
}

func TestOlderCheckpointsAreThinnedToOneADay(t *testing.T) {
	l := openLakeInMemory(t)
	at := time.Date(2026, 3, 1, 0, 0, 0, 0, time.UTC)
	l.now = func() time.Time { return at }
	for k := range 12 { // every eight hours, four days
		at = time.Date(2026, 3, 1, 8*k, 0, 0, 0, time.UTC)
		increments(t, l, k, 1)
	}
	gone, err := l.Dataset("crm", "deals").Expire(context.Background(), History{Keep: 100 * 24 * time.Hour, Every: 30 * time.Hour})
	if err != nil {
		t.Fatal(err)
	}
	same(t, "the first two of each of three days", gone, 6)
	then, err := l.Dataset("crm", "deals").At(context.Background(), time.Date(2026, 3, 2, 23, 0, 0, 0, time.UTC))
	if err != nil {
		t.Fatal(err)
	}
	same(t, "the end of the second day", then.Cursor, connectors.Cursor("5"))
}

// TestAReaderSeesWholeSnapshotsOnly keeps readers going through a hundred publishes,
// compactions and clean-ups among them: what a reader opened at its first look it
// can read to the end, and each look gives both tables of one commit.
func TestAReaderSeesWholeSnapshotsOnly(t *testing.T) {
	if testing.Short() {
		t.Skip("takes long; make test runs it")
	}
	l := openLakeInMemory(t)
	increments(t, l, 1, 1)
	opened := head(t, l.Dataset("crm", "deals"))
	atFirst := everyRow(t, opened)
	stop := make(chan struct{})
	var wait sync.WaitGroup
	looks := 0
	wait.Go(func() {
		for {
			select {
			case <-stop:
				return
			default:
			}
			reader := reopen(t, l)
			c, err := reader.Dataset("crm", "deals").Head(context.Background())
			if err != nil {
				t.Error(err)
				return
			}
			looks++
			reached := string(c.Cursor)
			if want := fmt.Sprint(c.Tables[0].Rows / 2); reached != want || c.Tables[0].Rows != c.Tables[1].Rows {
				t.Errorf("at cursor %s there are %d deals and %d stages", reached, c.Tables[0].Rows, c.Tables[1].Rows)
			}
			fetch(t, reader, c)
			for _, p := range c.Tables {
				if got := len(lines(t, p, OrderColumn)); got != int(p.Rows) {
					t.Errorf("%s has %d rows, not %d", p.Table, got, p.Rows)
				}
			}
		}
	})
	for k := 2; k <= 101; k++ {
		increments(t, l, k, 1)
		if k%10 == 0 {
			compact(t, l)
			if _, err := l.CleanUp(context.Background(), 0); err != nil {
				t.Fatal(err)
			}
		}
	}
	close(stop)
	wait.Wait()
	if diff := cmp.Diff(atFirst, everyRow(t, opened)); diff != "" {
		t.Errorf("what was opened at first changed:\n%s", diff)
	}
	if looks < 10 {
		t.Errorf("only %d looks", looks)
	}
	matrix("I1", "looks of readers while a hundred versions are published, one of which stays open for all of them", looks, failures(t), "each sees one whole snapshot")
	t.Logf("%d looks during 100 publishes", looks)
}

func TestAHolderOfAnOlderLockCantCommit(t *testing.T) {
	l := openLakeInMemory(t)
	l.SetFence(7)
	increments(t, l, 1, 9)
	stale := reopen(t, l)
	stale.SetFence(6)
	d := stale.Dataset("crm", "deals")
	_, err := d.Append(context.Background(), dealsStream(), reads(nil, page("99", deals("x|X|1|1|"))), nil)
	_, errCompact := d.Compact(context.Background())
	_, errExpire := d.Expire(context.Background(), History{})
	for what, err := range map[string]error{"append": err, "compact": errCompact, "expire": errExpire} {
		if !errors.Is(err, ErrOvertaken) {
			t.Errorf("%s: %v", what, err)
		}
	}
	same(t, "cursor", head(t, l.Dataset("crm", "deals")).Cursor, connectors.Cursor("9"))
	next := reopen(t, l)
	next.SetFence(8)
	increments(t, next, 10, 1)
	same(t, "cursor of the next holder", head(t, l.Dataset("crm", "deals")).Cursor, connectors.Cursor("10"))
}

func dealsOfOldColumns() connectors.Table {
	return dealsTable(arrow.Field{Name: "seats", Type: arrow.PrimitiveTypes.Int32, Nullable: true})
}

func dealsOfNewColumns() connectors.Table {
	return dealsTable(arrow.Field{Name: "seats", Type: arrow.PrimitiveTypes.Int64, Nullable: true},
		arrow.Field{Name: "closes_on", Type: arrow.FixedWidthTypes.Date32, Nullable: true})
}
