package lake

import (
	"context"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/apache/arrow-go/v18/arrow"
	"github.com/apache/iceberg-go"
	"github.com/apache/iceberg-go/table"

	"merit/connectors"
	"merit/connectors/fault"
	"merit/transform/lake/laketest"
)

// commitUpdates changes a table's metadata past Merit.
func commitUpdates(t *testing.T, l *Lake, name string, updates ...table.Update) {
	t.Helper()
	if _, _, err := l.catalog.CommitTable(context.Background(), table.Identifier{"crm", name}, nil, updates); err != nil {
		t.Fatal(err)
	}
}

func loaded(t *testing.T, l *Lake, name string) *table.Table {
	t.Helper()
	opened, err := l.catalog.LoadTable(context.Background(), table.Identifier{"crm", name})
	if err != nil {
		t.Fatal(err)
	}
	return opened
}

func threeReadings(t *testing.T, l *Lake) []Checkpoint {
	t.Helper()
	var all []Checkpoint
	for _, cursor := range []string{"1", "2", "3"} {
		c, _ := appendDeals(t, l, page(cursor, deals("d"+cursor+"|A|1|1000|"), history("d"+cursor+"|new")))
		all = append(all, c)
	}
	return all
}

func expireAndCleanUp(t *testing.T, l *Lake) {
	t.Helper()
	if _, err := l.Dataset("crm", "deals").Expire(context.Background(), History{Keep: time.Nanosecond}); err != nil {
		t.Fatal(err)
	}
	if _, err := l.CleanUp(context.Background(), 0); err != nil {
		t.Fatal(err)
	}
}

// Another engine's expire_snapshots leaves the newest snapshots; what was before them
// must not be answered with what is there now.
func TestWhatAnotherEngineExpiredIsRefused(t *testing.T) {
	l := openLake(t)
	all := threeReadings(t, l)
	for _, name := range []string{"deals", "deal_history"} {
		var older []int64
		metadata := loaded(t, l, name).Metadata()
		for _, snapshot := range metadata.Snapshots() {
			if snapshot.SnapshotID != metadata.CurrentSnapshot().SnapshotID {
				older = append(older, snapshot.SnapshotID)
			}
		}
		commitUpdates(t, l, name, table.NewRemoveSnapshotsUpdate(older, false))
	}
	l = reopen(t, l)
	d := l.Dataset("crm", "deals")
	if _, err := d.At(context.Background(), all[0].At); fault.WhoMends(err) != fault.You || !strings.Contains(err.Error(), "no longer kept") {
		t.Errorf("it said %v", err)
	}
	before, err := d.At(context.Background(), all[0].At.Add(-time.Hour))
	if err != nil || !before.IsZero() {
		t.Errorf("before the first reading there was %v, %v", before, err)
	}
	same(t, "cursor", head(t, d).Cursor, connectors.Cursor("3"))
	appendDeals(t, l, page("4", deals("d4|A|1|1000|"), history("d4|new")))
	expireAndCleanUp(t, l)
	isWhole(t, reopen(t, l))
}

func TestATagOfAnotherEngineKeepsItsFiles(t *testing.T) {
	l := openLake(t)
	all := threeReadings(t, l)
	increments(t, l, 4, 10)
	tagged := pinned(t, all[1], "deals").Snapshot
	fetch(t, l, all[1])
	want := lines(t, pinned(t, all[1], "deals"), "id")
	commitUpdates(t, l, "deals", table.NewSetSnapshotRefUpdate("q1", tagged, table.TagRef, 0, 0, 0))
	l = reopen(t, l)
	compact(t, l)
	expireAndCleanUp(t, l)
	l = reopen(t, l)
	then, err := l.Dataset("crm", "deals").At(context.Background(), all[1].At)
	if err != nil {
		t.Fatal(err)
	}
	same(t, "the tagged snapshot", pinned(t, then, "deals").Snapshot, tagged)
	fetch(t, l, then)
	same(t, "its rows", lines(t, pinned(t, then, "deals"), "id"), want)
	for name, ref := range loaded(t, l, "deals").Metadata().Refs() {
		if name == "q1" && ref.SnapshotID == tagged {
			isWhole(t, l)
			return
		}
	}
	t.Error("the tag is gone")
}

// A branch is where a data team tries something; its rows are not what the CRM said.
func TestABranchOfAnotherEngineIsNobodysCheckpoint(t *testing.T) {
	l := openLake(t)
	all := threeReadings(t, l)
	before := loaded(t, l, "deals").CurrentSnapshot().SnapshotID
	byAnotherEngine(t, l, "deals", func(change *table.Transaction) error {
		return appendNothing(context.Background(), change, all[2].Tables[0].Schema, iceberg.Properties{"engine-name": "spark"})
	})
	aside := loaded(t, l, "deals").CurrentSnapshot().SnapshotID
	commitUpdates(t, l, "deals", table.NewSetSnapshotRefUpdate("trial", aside, table.BranchRef, 0, 0, 0),
		table.NewSetSnapshotRefUpdate(table.MainBranch, before, table.BranchRef, 0, 0, 0))
	l = reopen(t, l)
	d := l.Dataset("crm", "deals")
	same(t, "head", pinned(t, head(t, d), "deals").Snapshot, before)
	then, err := d.At(context.Background(), time.Now().Add(time.Hour))
	if err != nil {
		t.Fatal(err)
	}
	same(t, "as of later", pinned(t, then, "deals").Snapshot, before)
	appendDeals(t, l, page("4", deals("d4|A|1|1000|")))
	expireAndCleanUp(t, l)
	l = reopen(t, l)
	if loaded(t, l, "deals").SnapshotByID(aside) == nil {
		t.Error("the branch lost its snapshot")
	}
	isWhole(t, l)
}

// Somebody adds a partition field to a table: files of before and after lie beside each other.
func TestAPartitionFieldOfAnotherEngineStopsNothing(t *testing.T) {
	for what, add := range map[string]func(*table.UpdateSpec) *table.UpdateSpec{
		"the value itself": func(u *table.UpdateSpec) *table.UpdateSpec { return u.AddIdentity("name") },
		"buckets": func(u *table.UpdateSpec) *table.UpdateSpec {
			return u.AddField("id", iceberg.BucketTransform{NumBuckets: 4}, "bucketed")
		},
	} {
		t.Run(what, func(t *testing.T) {
			l := openLake(t)
			fillWithPeople(t, l, 9)
			byAnotherEngine(t, l, "contacts", func(change *table.Transaction) error { return add(change.UpdateSpec(true)).Commit() })
			l = reopen(t, l)
			fillWithPeople(t, l, 9)
			_, found := forgetJane(t, l)
			if len(found) == 0 {
				t.Error("nobody was found")
			}
			isWhole(t, reopen(t, l))
		})
	}
}

// A column, a column's comment and a sort order that somebody adds stay, and stop nothing.
func TestAColumnAndAnOrderOfAnotherEngineStopNothing(t *testing.T) {
	l := openLake(t)
	threeReadings(t, l)
	byAnotherEngine(t, l, "deals", func(change *table.Transaction) error {
		return change.UpdateSchema(true, false).AddColumn([]string{"team_note"}, iceberg.PrimitiveTypes.String, "ours", false, nil).Commit()
	})
	byAnotherEngine(t, l, "deals", func(change *table.Transaction) error {
		order, err := table.NewSortOrder(7, []table.SortField{{SourceIDs: []int{1}, Transform: iceberg.IdentityTransform{}, Direction: table.SortASC, NullOrder: table.NullsFirst}})
		if err != nil {
			return err
		}
		return change.ReplaceSortOrder(order)
	})
	l = reopen(t, l)
	increments(t, l, 4, 12)
	compact(t, l)
	expireAndCleanUp(t, l)
	isWhole(t, reopen(t, l))
	if _, stays := loaded(t, l, "deals").Schema().FindFieldByName("team_note"); !stays {
		t.Error("the column is gone")
	}
}

// Nessie shows the newest snapshot of a table only. A reading that dies between the
// commits of companion and main table is gone on from, wherever it dies.
func TestACatalogThatKeepsOneSnapshotIsGoneOnFrom(t *testing.T) {
	for n := 0; ; n++ {
		cloud := laketest.NewS3()
		cloud.Tables.KeepsOne = true
		l := enter(t, room{cloud: cloud, settings: remoteOf(t, cloud)})
		first, _ := appendDeals(t, l, page("1", deals("d1|A|1|1000|"), history("d1|new")))
		cloud.CatalogTrouble.Begin(laketest.Cut, laketest.Every, n, -1)
		_, err := l.Dataset("crm", "deals").Append(context.Background(), dealsStream(), reads(nil, page("2", deals("d2|A|1|1000|"), history("d2|new"))), nil)
		hit := cloud.CatalogTrouble.End()
		l = reopen(t, l)
		d := l.Dataset("crm", "deals")
		if v, failed := l.Verify(context.Background(), nil); failed != nil || len(v.Damages) > 0 {
			t.Errorf("verify after call %d: %v %v", n, v.Damages, failed)
		}
		c, _ := appendDeals(t, l, page("2", deals("d2|A|1|1000|"), history("d2|new")))
		same(t, "cursor", c.Cursor, connectors.Cursor("2"))
		same(t, fmt.Sprint("history after call ", n), len(distinct(lines(t, pinned(t, c, "deal_history"), "id"))), 2)
		if _, refused := d.At(context.Background(), first.At); fault.WhoMends(refused) != fault.You {
			t.Errorf("as of the first reading it said %v", refused)
		}
		expireAndCleanUp(t, l)
		isWhole(t, reopen(t, l))
		if hit == 0 {
			oneSnapshotGrowsAndErasesNobody(t, l)
		}
		cloud.Close()
		if hit == 0 {
			if err != nil {
				t.Error(err)
			}
			return
		}
	}
}

// oneSnapshotGrowsAndErasesNobody: a new column is taken on Nessie too; nobody can be
// erased there, and that is said with the way out.
func oneSnapshotGrowsAndErasesNobody(t *testing.T, l *Lake) {
	t.Helper()
	one := dealsTable(arrow.Field{Name: "later", Type: arrow.BinaryTypes.String, Nullable: true})
	appendTo(t, l.Dataset("crm", "deals"), connectors.Stream{Name: "deals", Tables: []connectors.Table{one, historyTable()}}, page("3", rows(one, "d3|A|1|1000||x")))
	l = reopen(t, l)
	fillWithPeople(t, l, 1)
	list, err := ParseErasureList([]byte("a key of sixteen and more bytes"), nil)
	if err != nil {
		t.Fatal(err)
	}
	who := Identity{Source: "crm", Value: "jane@acme.example"}
	list.Add(who)
	if _, err := l.Resolve(context.Background(), "crm", list, []Identity{who}); err != nil {
		t.Fatal(err)
	}
	if _, err := l.Erase(context.Background(), "crm"); fault.WhoMends(err) != fault.You || !strings.Contains(err.Error(), "nobody can be erased") {
		t.Errorf("it said %v", err)
	}
}
