package lake

import (
	"context"
	"slices"
	"strings"
	"testing"

	"github.com/apache/arrow-go/v18/arrow"
	"github.com/apache/iceberg-go/table"

	"merit/connectors"
)

// reservedTable has every name that Iceberg or the lake keeps for itself, in a key and
// in a version too.
func reservedTable() connectors.Table {
	fields := []arrow.Field{{Name: "_pos", Type: arrow.BinaryTypes.String, Nullable: true}, {Name: "_row_id", Type: arrow.PrimitiveTypes.Int64, Nullable: true}}
	for _, name := range append(slices.Clone(reservedColumns), "_File", OrderColumn, HashColumn, "_file__c", "__file") {
		if name != "_pos" && name != "_row_id" {
			fields = append(fields, arrow.Field{Name: name, Type: arrow.BinaryTypes.String, Nullable: true})
		}
	}
	return connectors.Table{Name: "odd", Key: []string{"_pos"}, Version: "_row_id", Schema: arrow.NewSchema(fields, nil)}
}

func TestColumnsWithReservedNamesAreRenamed(t *testing.T) {
	l := openLake(t)
	odd := reservedTable()
	line := func(key, version, value string) string {
		return key + "|" + version + strings.Repeat("|"+value, odd.Schema.NumFields()-2)
	}
	d := l.Dataset("crm", "odd")
	appendTo(t, d, streamOf(odd), page("1", rows(odd, line("a", "1", "x"), line("b", "1", "x"))))
	_, seen := appendTo(t, d, streamOf(odd), page("2", rows(odd, line("a", "1", "x"), line("b", "2", "y"))))
	if seen["odd"].New != 1 {
		t.Errorf("%d rows were new", seen["odd"].New)
	}
	p := pinned(t, head(t, d), "odd")
	var columns []string
	for _, field := range p.Schema.Fields() {
		columns = append(columns, field.Name)
		if isReserved(field.Name) {
			t.Errorf("a column is called %s", field.Name)
		}
	}
	same(t, "key and version", []string{p.Key[0], p.Version}, []string{"_pos_", "_row_id_"})
	same(t, "columns", columns, strings.Fields("_pos_ _row_id_ _file_ _deleted_ _spec_id_ _partition_ _last_updated_sequence_number_ "+
		"_change_type_ _change_ordinal_ _commit_snapshot_id_ _File_ _order_ _hash_ _file__c __file _order _hash"))
	same(t, "rows", latestLines(t, p, "_row_id_", "_File_"), map[string]string{"a": "1|x", "b": "2|y"})
	isWhole(t, l)
}

func TestARenamedColumnThatIsThereAlreadyIsRefused(t *testing.T) {
	odd := connectors.Table{Name: "odd", Key: []string{"id"}, Schema: arrow.NewSchema([]arrow.Field{
		{Name: "id", Type: arrow.BinaryTypes.String}, {Name: "_file", Type: arrow.BinaryTypes.String}, {Name: "_file_", Type: arrow.BinaryTypes.String},
	}, nil)}
	_, err := openLake(t).Dataset("crm", "odd").Append(context.Background(), streamOf(odd), reads(nil), nil)
	if err == nil || !strings.Contains(err.Error(), "two columns _file_") {
		t.Errorf("got %v", err)
	}
}

// A lake whose columns have reserved names is read under the new ones before and after
// the next reading renames them, without a row lost or told twice.
func TestReservedNamesOfAnEarlierLakeAreMovedOn(t *testing.T) {
	root := t.TempDir()
	earlierLake(t, root)
	l, err := Open(root)
	if err != nil {
		t.Fatal(err)
	}
	l.SetFence(9)
	before := whatIsIn(t, l)
	same(t, "before", before["now positions rows"], []string{
		"1|-2087221671182798165|p0|||||false|0", "2|-1831301596593481808|p1|||||false|1",
	})
	if v := isWhole(t, l); len(v.Outdated) != 4 || !strings.Contains(v.Outdated[3].String(), "_pos has a name that Iceberg reserves and will be _pos_") {
		t.Errorf("verify tells %v", v.Outdated)
	}
	// The same rows come again, before any upgrade, from a connector with the new names.
	again := connectors.Table{Name: "positions", Key: []string{"id"}, Schema: arrow.NewSchema([]arrow.Field{
		{Name: "id", Type: arrow.BinaryTypes.String, Nullable: true},
		{Name: "_pos", Type: arrow.PrimitiveTypes.Int64, Nullable: true},
		{Name: connectors.DeletedColumn, Type: arrow.FixedWidthTypes.Boolean, Nullable: true},
	}, nil)}
	_, seen := appendTo(t, l.Dataset("crm", "positions"), streamOf(again), page("3", rows(again, "p0|0|false", "p1|1|false", "p1|7|true")))
	if seen["positions"].New != 1 {
		t.Errorf("%d rows were new, one was", seen["positions"].New)
	}
	same(t, "deals", whatIsIn(t, l)["now deals rows"], before["now deals rows"])
	if _, err := l.Upgrade(context.Background()); err != nil {
		t.Fatal(err)
	}
	if v := isWhole(t, reopen(t, l)); len(v.Outdated) > 0 {
		t.Errorf("verify tells %v after the upgrade", v.Outdated)
	}
	same(t, "after the upgrade", whatIsIn(t, reopen(t, l))["now deals rows"], before["now deals rows"])
	same(t, "as of the second day", whatIsIn(t, reopen(t, l))["then deals rows"], before["then deals rows"])
	err = l.eachTable(context.Background(), func(opened *table.Table) error {
		for _, field := range opened.Schema().Fields() {
			if isReserved(field.Name) {
				t.Errorf("%s has a column %s", opened.Identifier(), field.Name)
			}
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	increments(t, l, 100, 110) // enough small files
	compact(t, l)
	isWhole(t, reopen(t, l))
}
