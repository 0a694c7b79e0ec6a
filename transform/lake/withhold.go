package lake

import (
	"context"
	"slices"

	"github.com/apache/arrow-go/v18/arrow"
	"github.com/apache/arrow-go/v18/arrow/array"
	"github.com/apache/arrow-go/v18/arrow/bitutil"
	"github.com/apache/arrow-go/v18/arrow/memory"
)

// A Withhold tells which values of a table's rows may not lie in the lake, and what takes
// their place; nil is nothing. Columns that a file lacks are nil.
type Withhold func(table string, fields []arrow.Field, columns []arrow.Array, put func(at int, changed map[int]*string))

// Withhold takes values out of a source's tables, in every snapshot, as Erase takes
// people out. The rule is not kept: what is read from now on is for the reader to guard.
func (l *Lake) Withhold(ctx context.Context, source string, rule Withhold) (Erased, error) {
	l.withheld.Store(source, rule)
	defer l.withheld.Delete(source)
	return l.Erase(ctx, source)
}

// Withheld counts the values that Withhold would take out.
func (l *Lake) Withheld(ctx context.Context, source string, rule Withhold) (Erased, error) {
	l.withheld.Store(source, rule)
	defer l.withheld.Delete(source)
	return l.Mentioned(ctx, source)
}

// withhold adds to an erasure what the rule takes out.
func (s *tableWriter) withhold(columns []arrow.Array, e *erasure) {
	rule, isGiven := s.dataset.lake.withheld.Load(s.dataset.source)
	if !isGiven {
		return
	}
	rule.(Withhold)(s.spec.Name, s.shape.arrow.Fields(), columns, func(at int, changed map[int]*string) {
		for row, text := range changed {
			e.put(at, row, text)
		}
	})
}

// WithValues is a column with other values in some rows; nil is none, which is all that
// a column of another type than text can get.
func WithValues(column arrow.Array, changed map[int]*string) arrow.Array {
	if texts, isText := column.(*array.String); isText {
		return withTexts(texts, changed)
	}
	from := column.Data()
	bits := memory.NewResizableBuffer(memory.DefaultAllocator)
	defer bits.Release()
	bits.Resize(int(bitutil.BytesForBits(int64(from.Offset() + column.Len()))))
	for row := range column.Len() {
		_, gone := changed[row]
		bitutil.SetBitTo(bits.Bytes(), from.Offset()+row, column.IsValid(row) && !gone)
	}
	buffers := append([]*memory.Buffer{bits}, slices.Clone(from.Buffers())[1:]...)
	made := array.NewData(column.DataType(), column.Len(), buffers, from.Children(), array.UnknownNullCount, from.Offset())
	defer made.Release()
	return array.MakeFromData(made)
}
