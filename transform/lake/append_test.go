package lake

import (
	"context"
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/apache/arrow-go/v18/arrow"

	"merit/connectors"
	"merit/connectors/fault"
)

func TestADatasetNeverReadHasAZeroCheckpoint(t *testing.T) {
	c := head(t, openLake(t).Dataset("crm", "deals"))
	if !c.IsZero() || c.Cursor != "" {
		t.Errorf("got %+v", c)
	}
}

func TestAppendKeepsRowsAndCursorTogether(t *testing.T) {
	l := openLake(t)
	c, seen := appendDeals(t, l,
		page("1", deals("d1|Alpha|1050|1000|false", "d2|Beta||2000|false"), history("d1|new")),
		page("2", history("d1|won", "d2|new")))

	same(t, "cursor", c.Cursor, connectors.Cursor("2"))
	same(t, "progress", seen["deals"], Progress{Table: "deals", Read: 2, New: 2})
	same(t, "deals", lines(t, pinned(t, c, "deals"), "id", "name", "amount", "modified_at", "merit_deleted"), []string{
		"d1|Alpha|1050|1000000|false", "d2|Beta||2000000|false"})
	same(t, "history", lines(t, pinned(t, c, "deal_history"), "id", "stage"), []string{"d1|new", "d1|won", "d2|new"})
	same(t, "order", lines(t, pinned(t, c, "deal_history"), OrderColumn), []string{"1", "2", "3"})

	again := head(t, l.Dataset("crm", "deals"))
	same(t, "head's cursor", again.Cursor, c.Cursor)
	same(t, "head's files", again.Tables[1].Files, c.Tables[1].Files)
	if main := pinned(t, again, "deals"); main.Rows != 2 || main.Version != "modified_at" || main.Key[0] != "id" {
		t.Errorf("pinned %+v", main)
	}
}

func TestReadingGoesOnWhereItEnded(t *testing.T) {
	l := openLake(t)
	appendDeals(t, l, page("1", deals("d1|Alpha|1|1000|")))
	c, _ := appendDeals(t, l, page("2", deals("d2|Beta|2|2000|")))
	same(t, "cursor", c.Cursor, connectors.Cursor("2"))
	same(t, "deals", lines(t, pinned(t, c, "deals"), OrderColumn, "id"), []string{"1|d1", "2|d2"})
}

func TestACursorThatMovesWithoutRowsIsKept(t *testing.T) {
	l := openLake(t)
	first, _ := appendDeals(t, l, page("1", deals("d1|Alpha|1|1000|")))
	moved, _ := appendDeals(t, l, page("2"))
	same(t, "cursor", moved.Cursor, connectors.Cursor("2"))
	same(t, "files", pinned(t, moved, "deals").Files, pinned(t, first, "deals").Files)

	still, _ := appendDeals(t, l, page("2"))
	same(t, "snapshot when nothing moved", pinned(t, still, "deals").Snapshot, pinned(t, moved, "deals").Snapshot)
}

func TestAnEmptyFirstReadIsACheckpointOnceTheCursorMoves(t *testing.T) {
	l := openLake(t)
	if c, _ := appendDeals(t, l); !c.IsZero() {
		t.Errorf("nothing was read, and the checkpoint is %+v", c)
	}
	c, _ := appendDeals(t, l, page("1"))
	same(t, "cursor", c.Cursor, connectors.Cursor("1"))
	same(t, "rows", pinned(t, c, "deal_history").Rows, int64(0))
}

func TestAnOverlapBringsNothingNew(t *testing.T) {
	l := openLake(t)
	all := func() connectors.Page {
		return page("1", deals("d1|Alpha|1|1000|", "d2|Beta|2|2000|"), history("d1|new", "d2|new"))
	}
	appendDeals(t, l, all())
	overlap := all()
	overlap.Next = "2"
	c, seen := appendDeals(t, l, overlap)
	same(t, "deals", seen["deals"], Progress{Table: "deals", Read: 2, New: 0})
	same(t, "history", seen["deal_history"], Progress{Table: "deal_history", Read: 2, New: 0})
	same(t, "rows", pinned(t, c, "deals").Rows, int64(2))
}

func TestUpdatesAndTombstonesAreRowsToo(t *testing.T) {
	l := openLake(t)
	appendDeals(t, l, page("1", deals("d1|Alpha|1|1000|false", "d2|Beta|2|2000|false")))
	c, seen := appendDeals(t, l, page("2", deals(
		"d1|Alpha|1|1000|false", // read again
		"d1|Alpha|5|3000|false",
		"d2|||2500|true",
		"d2|||2500|true"))) // twice in one page
	same(t, "progress", seen["deals"], Progress{Table: "deals", Read: 4, New: 2})
	same(t, "latest", latestLines(t, pinned(t, c, "deals"), "amount", "merit_deleted"), map[string]string{"d1": "5|false", "d2": "|true"})
}

func TestAnOldVersionThatComesLateDoesNotCount(t *testing.T) {
	l := openLake(t)
	appendDeals(t, l, page("1", deals("d1|New|1|3000|")))
	appendDeals(t, l, page("2", deals("d1|Old|1|1000|", "d2|Other|1|5000|")))
	c, seen := appendDeals(t, l, page("3", deals("d1|New|1|3000|")))
	same(t, "rows that are new", seen["deals"].New, int64(0))
	same(t, "latest", latestLines(t, pinned(t, c, "deals"), "name"), map[string]string{"d1": "New", "d2": "Other"})
}

func TestARowWithoutVersionIsKnownAgain(t *testing.T) {
	l := openLake(t)
	appendDeals(t, l, page("1", deals("d1|A|1||", "d2|B|1|1000|")))
	_, seen := appendDeals(t, l, page("2", deals("d3|C|1|3000|", "d1|A|1||")))
	same(t, "rows that are new", seen["deals"].New, int64(1))
}

func TestValuesThatChangePlacesAreAnotherRow(t *testing.T) {
	l := openLake(t)
	two := connectors.Table{Name: "pairs", Key: []string{"id"}, Schema: arrow.NewSchema([]arrow.Field{
		{Name: "id", Type: arrow.BinaryTypes.String}, {Name: "left", Type: arrow.BinaryTypes.String, Nullable: true},
		{Name: "right", Type: arrow.BinaryTypes.String, Nullable: true}}, nil)}
	s := connectors.Stream{Name: "pairs", Tables: []connectors.Table{two}}
	d := l.Dataset("crm", "pairs")
	appendTo(t, d, s, page("1", rows(two, "p|a|b", "q|a|")))
	_, seen := appendTo(t, d, s, page("2", rows(two, "p|b|a", "q||a")))
	same(t, "rows that are new", seen["pairs"].New, int64(2))
}

func TestAValueThatComesBackIsWrittenAgain(t *testing.T) {
	l := openLake(t)
	appendDeals(t, l, page("1", history("d1|new"), deals("d1|A|1|1000|")))
	c, _ := appendDeals(t, l, page("2", deals("d1|B|1|1000|")), page("3", deals("d1|A|1|1000|", "d1|A|1|1000|")))
	same(t, "deals", lines(t, pinned(t, c, "deals"), "name"), []string{"A", "B", "A"})
}

func TestAValueThatComesBackInAnotherChunkIsWrittenAgain(t *testing.T) {
	l := openLake(t)
	l.limits.chunkRows = 1
	appendDeals(t, l, page("1", deals("d1|A|1|1000|")))
	c, _ := appendDeals(t, l, page("2", deals("d1|B|1|1000|"), deals("d1|A|1|1000|"), deals("d1|A|1|1000|")))
	same(t, "deals", lines(t, pinned(t, c, "deals"), "name"), []string{"A", "B", "A"})
}

func TestRejectsAreKept(t *testing.T) {
	l := openLake(t)
	bad := page("1", deals("d1|Alpha||1000|"))
	bad.Rejects = []connectors.Reject{{Table: "deals", Key: "d1", Column: "amount", Value: "12,5", Reason: "not a decimal"}}
	c, _ := appendDeals(t, l, bad)
	want := []string{"deals|d1|amount|12,5|not a decimal"}
	same(t, "rejects", lines(t, pinned(t, c, "deals_rejects"), rejectColumns()...), want)

	bad.Batches, bad.Next = nil, "2"
	c, _ = appendDeals(t, l, bad)
	same(t, "rejects after they came again", lines(t, pinned(t, c, "deals_rejects"), rejectColumns()...), want)
}

func TestAnErrorKeepsTheCompletePages(t *testing.T) {
	l := openLake(t)
	d := l.Dataset("crm", "deals")
	c, err := d.Append(context.Background(), dealsStream(),
		reads(errSource, page("1", deals("d1|A|1|1000|")), page("2", deals("d2|B|1|2000|"))), nil)
	if !errors.Is(err, errSource) {
		t.Errorf("the error is %v", err)
	}
	same(t, "cursor", c.Cursor, connectors.Cursor("2"))
	same(t, "head", head(t, d).Cursor, connectors.Cursor("2"))
	same(t, "deals", lines(t, pinned(t, c, "deals"), "id"), []string{"d1", "d2"})
}

func TestCallingOffKeepsTheCompletePages(t *testing.T) {
	d := openLake(t).Dataset("crm", "deals")
	ctx, cancel := context.WithCancel(context.Background())
	_, err := d.Append(ctx, dealsStream(), func(yield func(connectors.Page, error) bool) {
		if !yield(page("1", deals("d1|A|1|1000|")), nil) {
			return
		}
		cancel()
		yield(connectors.Page{}, ctx.Err())
	}, nil)
	if !errors.Is(err, context.Canceled) {
		t.Errorf("the error is %v", err)
	}
	same(t, "head", head(t, d).Cursor, connectors.Cursor("1"))
}

func TestSchemaGrowsAndWidens(t *testing.T) {
	l := openLake(t)
	d := l.Dataset("crm", "deals")
	narrow := dealsTable(arrow.Field{Name: "seats", Type: arrow.PrimitiveTypes.Int32, Nullable: true})
	stream := connectors.Stream{Name: "deals", Tables: []connectors.Table{narrow}}
	appendTo(t, d, stream, page("1", rows(narrow, "d1|A|1|1000||7")))

	wide := dealsTable(
		arrow.Field{Name: "seats", Type: arrow.PrimitiveTypes.Int64, Nullable: true},
		arrow.Field{Name: "closes_on", Type: arrow.FixedWidthTypes.Date32, Nullable: true})
	wide.Schema = withType(wide.Schema, "amount", &arrow.Decimal128Type{Precision: 20, Scale: 2})
	stream.Tables = []connectors.Table{wide}
	c, seen := appendTo(t, d, stream, page("2", rows(wide, "d1|A|1|1000||7", "d2|B|99999999999999999|2000||5000000000|20000")))
	same(t, "progress: the old row is known in its wider form", seen["deals"].New, int64(1))
	same(t, "rows", lines(t, pinned(t, c, "deals"), "id", "seats", "closes_on"), []string{"d1|7|", "d2|5000000000|20000"})
	field, _ := pinned(t, c, "deals").Schema.FieldsByName("seats")
	same(t, "type", field[0].Type.String(), "int64")

	// The column goes away at the source: the table keeps it, null from then on.
	stream.Tables = []connectors.Table{dealsTable()}
	c, _ = appendTo(t, d, stream, page("3", deals("d3|C|1|3000|")))
	same(t, "rows", lines(t, pinned(t, c, "deals"), "id", "seats"), []string{"d1|7", "d2|5000000000", "d3|"})
}

func withType(s *arrow.Schema, name string, kind arrow.DataType) *arrow.Schema {
	fields := append([]arrow.Field{}, s.Fields()...)
	fields[s.FieldIndices(name)[0]].Type = kind
	return arrow.NewSchema(fields, nil)
}

func TestARetypedColumnIsRefused(t *testing.T) {
	l := openLake(t)
	d := l.Dataset("crm", "deals")
	appendDeals(t, l, page("1", deals("d1|A|1|1000|")))
	for _, kind := range []arrow.DataType{
		arrow.BinaryTypes.String, arrow.PrimitiveTypes.Float64, &arrow.Decimal128Type{Precision: 18, Scale: 4},
	} {
		retyped := dealsTable()
		retyped.Schema = withType(retyped.Schema, "amount", kind)
		s := connectors.Stream{Name: "deals", Tables: []connectors.Table{retyped}}
		_, err := d.Append(context.Background(), s, reads(nil, page("2")), nil)
		if err == nil || !strings.Contains(err.Error(), "deals.amount") || fault.WhoMends(err) != fault.You {
			t.Errorf("amount as %s: %v", kind, err)
		}
	}
	same(t, "cursor", head(t, d).Cursor, connectors.Cursor("1"))
}

func TestNamesCantLeaveTheLake(t *testing.T) {
	l := openLake(t)
	for _, name := range []string{"../x", "a/b", "", "a.b", ".", "a b"} {
		if _, err := l.Dataset(name, "deals").Head(context.Background()); err == nil {
			t.Errorf("source %q was taken", name)
		}
		s := dealsStream()
		s.Tables[0].Name = name
		if _, err := l.Dataset("crm", "deals").Append(context.Background(), s, reads(nil), nil); err == nil {
			t.Errorf("table %q was taken", name)
		}
	}
}

func TestAFolderWithASpaceIsTaken(t *testing.T) {
	l, err := Open(filepath.Join(t.TempDir(), "Maria's läke"))
	if err != nil {
		t.Fatal(err)
	}
	c, _ := appendDeals(t, l, page("1", deals("d1|A|1|1000|")))
	same(t, "deals", lines(t, pinned(t, c, "deals"), "id"), []string{"d1"})
	same(t, "head", head(t, l.Dataset("crm", "deals")).Tables[0].Files, c.Tables[0].Files)
}

func TestFilesAreTheOwnersAlone(t *testing.T) {
	l := openLake(t)
	appendDeals(t, l, page("1", deals("d1|A|1|1000|")))
	err := filepath.WalkDir(filepath.Join(l.root, "crm"), func(path string, entry os.DirEntry, err error) error {
		if err != nil {
			return err
		}
		info, err := entry.Info()
		if err != nil {
			return err
		}
		if info.Mode().Perm()&0o077 != 0 {
			t.Errorf("%s is %s", path, info.Mode())
		}
		if strings.HasSuffix(path, partSuffix) {
			t.Errorf("%s was left behind", path)
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
}

func TestDatasetsAreListed(t *testing.T) {
	l := openLake(t)
	appendDeals(t, l, page("1", deals("d1|A|1|1000|")))
	stages := connectors.Table{Name: "pipeline_stages", Key: []string{"id"}, Schema: historyTable().Schema}
	appendTo(t, l.Dataset("hub", "pipelines"), connectors.Stream{Name: "pipelines", Tables: []connectors.Table{stages}}, page("1", rows(stages, "s|new")))
	found, err := l.Datasets(context.Background())
	if err != nil {
		t.Fatal(err)
	}
	var names []string
	for _, d := range found {
		names = append(names, d.Source()+"."+d.Stream())
	}
	same(t, "datasets", names, []string{"crm.deals", "hub.pipelines"})
	same(t, "a main table of another name", head(t, l.Dataset("hub", "pipelines")).Cursor, connectors.Cursor("1"))
}
