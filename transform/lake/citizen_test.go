package lake

import (
	"testing"

	"github.com/apache/arrow-go/v18/arrow"
	"github.com/apache/iceberg-go"

	"merit/connectors"
)

// What other engines are told of a table: which column knows a row, how files are sorted,
// what columns hold.
func TestATableTellsOtherEnginesWhatItIs(t *testing.T) {
	l := openLake(t)
	one := dealsTable()
	fields := one.Schema.Fields()
	for i := range fields {
		if fields[i].Name == "name" {
			fields[i].Metadata = arrow.NewMetadata([]string{connectors.DocKey}, []string{"Opportunity Name"})
		}
	}
	one.Schema = arrow.NewSchema(fields, nil)
	for _, cursor := range []string{"1", "2", "3", "4", "5", "6", "7", "8"} {
		appendTo(t, l.Dataset("crm", "deals"), streamOf(one), page(cursor, rows(one, "d"+cursor+"|A|1|1000|")))
	}
	compact(t, l)
	made := loaded(t, reopen(t, l), "deals")
	schema := made.Schema()
	order, _ := schema.FindFieldByName(OrderColumn)
	same(t, "identifier fields", schema.IdentifierFieldIDs, []int{order.ID})
	name, _ := schema.FindFieldByName("name")
	same(t, "the column's doc", name.Doc, "Opportunity Name")
	same(t, "the key", made.Properties()[keyProperty], "id")
	var columns []string
	for i := range made.SortOrder().Len() {
		field, _ := schema.FindFieldByID(made.SortOrder().Field(i).SourceIDs[0])
		columns = append(columns, field.Name)
	}
	same(t, "the sort order", columns, []string{"id", "modified_at", OrderColumn})
	err := l.eachFile(t.Context(), made, made.CurrentSnapshot(), func(f iceberg.DataFile) {
		if id := f.SortOrderID(); id == nil || *id != made.SortOrder().OrderID() {
			t.Errorf("the compacted file says that its order is %v", id)
		}
	})
	if err != nil {
		t.Fatal(err)
	}
}
