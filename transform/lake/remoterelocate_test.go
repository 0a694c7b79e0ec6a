package lake

import (
	"context"
	"strings"
	"testing"

	"github.com/apache/iceberg-go/table"

	"merit/connectors"
	"merit/connectors/fault"
	"merit/transform/lake/laketest"
)

// movedLake is a lake in a bucket whose objects were copied to another folder of it.
func movedLake(t *testing.T, start func() *laketest.Cloud, to string) (*laketest.Cloud, Remote) {
	t.Helper()
	cloud := start()
	t.Cleanup(cloud.Close)
	settings := remoteOf(t, cloud)
	l := enter(t, room{cloud: cloud, settings: settings})
	appendDeals(t, l, page("1", deals("d1|A|1|1000|"), history("d1|new")))
	appendDeals(t, l, page("2", deals("d2|B|1|2000|"), history("d2|new")))
	appendDeals(t, l, page("3", deals("d2|B|2|3000|")))
	empty := historyTable()
	empty.Name = "nothing_yet"
	appendTo(t, l.Dataset("crm", "nothing_yet"), streamOf(empty))
	objects, err := cloud.Objects()
	if err != nil {
		t.Fatal(err)
	}
	settings.Store.Location = strings.TrimSuffix(cloud.Location(), "lake") + to
	settings.Copies = quickTemp(t)
	for _, object := range objects {
		content, err := cloud.Object(object)
		if err != nil {
			t.Fatal(err)
		}
		if err := cloud.Overwrite(settings.Store.Location+strings.TrimPrefix(object, cloud.Location()), content); err != nil {
			t.Fatal(err)
		}
		if err := cloud.Overwrite(object, []byte("nobody may read this any more")); err != nil {
			t.Fatal(err)
		}
	}
	return cloud, settings
}

func TestALakeInABucketIsRelocated(t *testing.T) {
	for kind, start := range kinds {
		t.Run(kind, func(t *testing.T) {
			cloud, settings := movedLake(t, start, "restored ä/lake 2")
			open := func() *Lake { return enter(t, room{cloud: cloud, settings: settings}) }
			_, err := open().Dataset("crm", "deals").Head(context.Background())
			if fault.WhoMends(err) != fault.You || !strings.Contains(err.Error(), "merit relocate") {
				t.Errorf("before it was relocated it said %v", err)
			}
			if n, err := open().Relocate(context.Background()); err != nil || n != 3 {
				t.Fatalf("%d tables were relocated: %v", n, err)
			}
			if n, err := open().Relocate(context.Background()); err != nil || n != 0 {
				t.Errorf("%d tables were relocated twice: %v", n, err)
			}
			isRelocated(t, open)
		})
	}
}

// isRelocated expects all that movedLake made, under the paths where it lies.
func isRelocated(t *testing.T, open func() *Lake) {
	t.Helper()
	l := open()
	isWhole(t, l)
	same(t, "rows", latestLines(t, pinned(t, head(t, l.Dataset("crm", "deals")), "deals"), "amount"), map[string]string{"d1": "1", "d2": "2"})
	same(t, "cursor", head(t, l.Dataset("crm", "deals")).Cursor, connectors.Cursor("3"))
	err := l.eachTable(context.Background(), func(one *table.Table) error {
		if name := one.Identifier()[1]; name == "deals" && len(one.Metadata().Snapshots()) != 3 {
			t.Errorf("%s has %d checkpoints", name, len(one.Metadata().Snapshots()))
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	eachName(t, l, func(written string) {
		if !strings.HasPrefix(written, l.root+"/") {
			t.Errorf("%s is written, which is not in %s", written, l.root)
		}
	})
	if _, err := l.CleanUp(context.Background(), 0); err != nil {
		t.Error(err)
	}
	appendDeals(t, open(), page("4", deals("d4|D|1|4000|"), history("d4|new")))
	isWhole(t, open())
}

// Each call to the catalog may fail once; the next relocation ends what was begun.
func TestARelocationInABucketThatBreaksOffIsDoneByTheNext(t *testing.T) {
	for n := 0; ; n++ {
		cloud, settings := movedLake(t, laketest.NewS3, "restored/lake")
		open := func() *Lake { return enter(t, room{cloud: cloud, settings: settings}) }
		cloud.CatalogTrouble.Begin(laketest.Fails, laketest.Every, n, -1)
		_, err := open().Relocate(context.Background())
		cloud.CatalogTrouble.End()
		if err == nil {
			if n < 10 {
				t.Errorf("a relocation asks the catalog %d times only", n)
			}
			return
		}
		if _, err := open().Relocate(context.Background()); err != nil {
			t.Fatalf("after call %d failed: %v", n+1, err)
		}
		isRelocated(t, open)
	}
}

func TestARelocationWithoutAllFilesChangesNothing(t *testing.T) {
	cloud, settings := movedLake(t, laketest.NewS3, "restored/lake")
	l := enter(t, room{cloud: cloud, settings: settings})
	for object, err := range l.disk.(*remoteFiles).store.List(context.Background(), "crm/deals/data/") {
		if err != nil {
			t.Fatal(err)
		}
		if err := l.disk.(*remoteFiles).store.Remove(context.Background(), object.Key); err != nil {
			t.Fatal(err)
		}
		break
	}
	commits := cloud.Tables.Commits
	_, err := l.Relocate(context.Background())
	if fault.WhoMends(err) != fault.You || !strings.Contains(err.Error(), "is not there") || cloud.Tables.Commits != commits {
		t.Errorf("it made %d commits and said %v", cloud.Tables.Commits-commits, err)
	}
}
