package warehousetest

import (
	"bytes"
	"context"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/apache/arrow-go/v18/arrow"
	"github.com/apache/arrow-go/v18/arrow/array"
	"github.com/apache/arrow-go/v18/arrow/memory"
	"github.com/apache/arrow-go/v18/parquet/pqarrow"
	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"merit/transform/lake"
	"merit/transform/warehouse"
)

// dealFields are the columns of raw deals as the lake writes them; earlier files
// lack the stage.
var dealFields = []arrow.Field{
	{Name: "Id", Type: arrow.BinaryTypes.String, Nullable: true},
	{Name: "SystemModstamp", Type: &arrow.TimestampType{Unit: arrow.Microsecond, TimeZone: "UTC"}, Nullable: true},
	{Name: "Amount", Type: &arrow.Decimal128Type{Precision: 18, Scale: 2}, Nullable: true},
	{Name: "_order", Type: arrow.PrimitiveTypes.Int64},
	{Name: "_hash", Type: arrow.PrimitiveTypes.Int64},
	{Name: "Stage", Type: arrow.BinaryTypes.String, Nullable: true},
}

var (
	dealsNow    = arrow.NewSchema(dealFields, nil)
	dealsBefore = arrow.NewSchema(dealFields[:5], nil)
)

// A deal is a raw row in JSON's terms: nil is null, an absent member too.
type deal map[string]any

// fileOf writes rows to a Parquet file, as an independent writer would.
func fileOf(t testing.TB, folder string, schema *arrow.Schema, deals []deal) lake.File {
	t.Helper()
	builder := array.NewRecordBuilder(memory.DefaultAllocator, schema)
	defer builder.Release()
	for _, d := range deals {
		var members []string
		for _, field := range schema.Fields() {
			switch v := d[field.Name].(type) {
			case nil:
				members = append(members, fmt.Sprintf("%q: null", field.Name))
			case string:
				members = append(members, fmt.Sprintf("%q: %q", field.Name, v))
			default:
				members = append(members, fmt.Sprintf("%q: %v", field.Name, v))
			}
		}
		if err := builder.UnmarshalJSON([]byte("{" + strings.Join(members, ", ") + "}")); err != nil {
			t.Fatal(err)
		}
	}
	batch := builder.NewRecordBatch()
	defer batch.Release()
	var content bytes.Buffer
	writer, err := pqarrow.NewFileWriter(schema, &content, nil, pqarrow.DefaultWriterProps())
	if err != nil {
		t.Fatal(err)
	}
	if err := writer.Write(batch); err != nil {
		t.Fatal(err)
	}
	if err := writer.Close(); err != nil {
		t.Fatal(err)
	}
	file, err := os.CreateTemp(folder, "*.parquet")
	if err != nil {
		t.Fatal(err)
	}
	defer file.Close()
	if _, err := file.Write(content.Bytes()); err != nil {
		t.Fatal(err)
	}
	return lake.File{Path: file.Name(), Bytes: int64(content.Len()), Rows: int64(len(deals))}
}

func pinnedDeals(files ...lake.File) lake.Pinned {
	return lake.Pinned{Table: "Deal", Key: []string{"Id"}, Version: "SystemModstamp", Snapshot: 1, Files: files, Schema: dealsNow}
}

// at is an instant of 2026 by its second.
func at(second int) string { return fmt.Sprintf("2026-01-01T00:00:%02dZ", second) }

// load shows the pinned tables in a folder whose name is full of what SQL and
// globs mean something by.
func load(t testing.TB, wh warehouse.Warehouse, tables ...lake.Pinned) {
	t.Helper()
	if err := wh.Load(context.Background(), "raw_crm", tables); err != nil {
		t.Fatal(err)
	}
}

func folderOf(t testing.TB) string {
	t.Helper()
	folder := filepath.Join(t.TempDir(), "o'hara [1] lake")
	if err := os.Mkdir(folder, 0o700); err != nil {
		t.Fatal(err)
	}
	return folder
}

const allDeals = `select "Id", "SystemModstamp", "Amount", "Stage" from raw_crm."Deal" order by "Id" nulls last`

// latestRows holds the engine against a loop over all rows ever written: null
// versions, ties, rows out of order and in any file, columns that came later.
func latestRows(t *testing.T, wh warehouse.Warehouse) {
	folder := folderOf(t)
	rapid.Check(t, func(draw *rapid.T) {
		written := rapid.IntRange(1, 40).Draw(draw, "rows")
		perFile := rapid.IntRange(1, 15).Draw(draw, "rows a file")
		var all, part []deal
		var files []lake.File
		for order := 1; order <= written; order++ {
			d := deal{"_order": order, "_hash": order * 7}
			d["Id"] = rapid.SampledFrom([]any{"a", "b", "c", "d", "e", nil}).Draw(draw, "id")
			if second := rapid.IntRange(0, 6).Draw(draw, "version"); second > 0 {
				d["SystemModstamp"] = at(second)
			}
			if cents := rapid.IntRange(0, 999).Draw(draw, "amount"); cents > 300 {
				d["Amount"] = fmt.Sprintf("%d.%02d", cents/100, cents%100)
			}
			isLater := len(files) > 0
			if isLater && rapid.Bool().Draw(draw, "has a stage") {
				d["Stage"] = fmt.Sprint("stage ", order)
			}
			all, part = append(all, d), append(part, d)
			if len(part) == perFile || order == written {
				schema := dealsBefore
				if isLater {
					schema = dealsNow
				}
				files, part = append(files, fileOf(t, folder, schema, part)), nil
			}
		}
		// Files come in no order that means anything.
		files = rapid.Permutation(files).Draw(draw, "files")
		load(t, wh, pinnedDeals(files...))
		if diff := cmp.Diff(latestByLoop(all), answer(t, wh, allDeals)); diff != "" {
			draw.Fatalf("(-loop +engine)\n%s", diff)
		}
	})
}

// latestByLoop says slowly what latest means.
func latestByLoop(all []deal) [][]string {
	won := map[string]deal{}
	for _, d := range all {
		id := shown(d["Id"])
		before, seen := won[id]
		version, versionBefore := "", ""
		if seen {
			version, _ = d["SystemModstamp"].(string)
			versionBefore, _ = before["SystemModstamp"].(string)
		}
		if !seen || version >= versionBefore { // a later row of the same version wins
			won[id] = d
		}
	}
	var got [][]string
	for _, d := range won {
		got = append(got, []string{shown(d["Id"]), shown(d["SystemModstamp"]), shown(d["Amount"]), shown(d["Stage"])})
	}
	slices.SortFunc(got, func(a, b []string) int { return strings.Compare(a[0], b[0]) })
	return got
}

func shown(value any) string {
	if value == nil {
		return "∅"
	}
	return plain(fmt.Sprint(value))
}

func clearedValues(t *testing.T, wh warehouse.Warehouse) {
	folder := folderOf(t)
	load(t, wh, pinnedDeals(fileOf(t, folder, dealsNow, []deal{
		{"Id": "a", "SystemModstamp": at(1), "Amount": "100.00", "Stage": "Won", "_order": 1, "_hash": 1},
		{"Id": "a", "SystemModstamp": at(2), "_order": 2, "_hash": 2},
	})))
	expect(t, wh, allDeals, [][]string{{"a", "2026-01-01T00:00:02Z", "∅", "∅"}})
}

func laterColumns(t *testing.T, wh warehouse.Warehouse) {
	folder := folderOf(t)
	old := fileOf(t, folder, dealsBefore, []deal{{"Id": "a", "Amount": "1.00", "_order": 1, "_hash": 1}})
	load(t, wh, pinnedDeals(old))
	expect(t, wh, allDeals, [][]string{{"a", "∅", "1.00", "∅"}})
	load(t, wh, pinnedDeals(old, fileOf(t, folder, dealsNow, []deal{{"Id": "b", "Stage": "Won", "_order": 2, "_hash": 2}})))
	expect(t, wh, allDeals, [][]string{{"a", "∅", "1.00", "∅"}, {"b", "∅", "∅", "Won"}})
}

func emptyTable(t *testing.T, wh warehouse.Warehouse) {
	load(t, wh, pinnedDeals())
	expect(t, wh, allDeals, nil)
	expect(t, wh, `select sum("Amount") as total, count(*) as n from raw_crm."Deal"`, [][]string{{"∅", "0"}})
}

func keylessTable(t *testing.T, wh warehouse.Warehouse) {
	row := deal{"Id": "a", "_order": 1, "_hash": 1}
	again := deal{"Id": "a", "_order": 2, "_hash": 1}
	pinned := pinnedDeals(fileOf(t, folderOf(t), dealsNow, []deal{row, again}))
	pinned.Key, pinned.Version = nil, ""
	load(t, wh, pinned)
	expect(t, wh, allDeals, [][]string{{"a", "∅", "∅", "∅"}, {"a", "∅", "∅", "∅"}})
	pinned.Key = []string{"Id"}
	load(t, wh, pinned)
	expect(t, wh, allDeals, [][]string{{"a", "∅", "∅", "∅"}})
}

func loadAgain(t *testing.T, wh warehouse.Warehouse) {
	folder := folderOf(t)
	one := fileOf(t, folder, dealsNow, []deal{{"Id": "a", "_order": 1, "_hash": 1}})
	two := fileOf(t, folder, dealsNow, []deal{{"Id": "b", "_order": 2, "_hash": 2}})
	load(t, wh, pinnedDeals(one, two))
	load(t, wh, pinnedDeals(one))
	expect(t, wh, allDeals, [][]string{{"a", "∅", "∅", "∅"}})
}
