package lake

import (
	"slices"

	"github.com/apache/arrow-go/v18/arrow"
	"github.com/apache/arrow-go/v18/arrow/array"
	"github.com/apache/arrow-go/v18/arrow/memory"
	"github.com/apache/iceberg-go"
	"github.com/apache/iceberg-go/table"

	"merit/connectors"
)

// docOf says for people what a column holds.
func docOf(column arrow.Field) string {
	if column.Name == connectors.DeletedColumn {
		return "true: the record is gone at the source"
	}
	doc, _ := column.Metadata.GetValue(connectors.DocKey)
	return doc
}

// sortOrder is how compaction sorts files, and how other engines should: by key, version
// and _order. False when a column of the key has a type without an order.
func sortOrder(t connectors.Table, schema *iceberg.Schema) (table.SortOrder, bool) {
	columns, err := shapeOf(schema)
	if err != nil {
		return table.UnsortedSortOrder, false
	}
	var fields []table.SortField
	for _, name := range append(slices.Clone(t.Key), t.Version, OrderColumn) {
		if name == "" {
			continue
		}
		field, there := schema.FindFieldByName(name)
		at := columns.arrow.FieldIndices(name)
		if !there || len(at) == 0 {
			return table.UnsortedSortOrder, false
		}
		if _, err := ranks(array.MakeArrayOfNull(memory.DefaultAllocator, columns.arrow.Field(at[0]).Type, 0)); err != nil {
			return table.UnsortedSortOrder, false
		}
		fields = append(fields, table.SortField{SourceIDs: []int{field.ID}, Transform: iceberg.IdentityTransform{}, Direction: table.SortASC, NullOrder: table.NullsFirst})
	}
	order, err := table.NewSortOrder(1, fields)
	return order, err == nil
}

// sortOrderID is the table's order when that is the one in which rows were just sorted;
// 0 says unsorted: an earlier version made the table, or somebody gave it another order.
func (s *tableWriter) sortOrderID() int {
	order, sorts := sortOrder(s.spec, s.table.Schema())
	its := s.table.SortOrder()
	if !sorts || order.Len() != its.Len() {
		return 0
	}
	for i := range order.Len() {
		a, b := order.Field(i), its.Field(i)
		if !slices.Equal(a.SourceIDs, b.SourceIDs) || a.Direction != b.Direction || a.NullOrder != b.NullOrder || a.Transform.String() != b.Transform.String() {
			return 0
		}
	}
	return its.OrderID()
}
