package lake

import (
	"fmt"
	"slices"
	"strconv"

	"github.com/apache/arrow-go/v18/arrow"
	"github.com/apache/arrow-go/v18/arrow/array"
	"github.com/apache/arrow-go/v18/arrow/memory"
	"github.com/apache/iceberg-go"
	"github.com/apache/iceberg-go/table"

	"merit/connectors"
	"merit/connectors/fault"
)

// Columns that the lake adds to every table.
const (
	// OrderColumn numbers a table's rows 1, 2, 3 … as they were read: among rows
	// of one key and version the highest counts.
	OrderColumn = "_order"
	// HashColumn is a hash of all the other columns' values, by which a row that
	// is read again is known.
	HashColumn = "_hash"
)

// A shape is how a table's columns lie in the lake: all that it ever had, in the
// order in which they came, then _order and _hash among them.
type shape struct {
	ice   *iceberg.Schema
	arrow *arrow.Schema // the same, with Iceberg's field ids for Parquet
}

func shapeOf(schema *iceberg.Schema) (shape, error) {
	columns, err := table.SchemaToArrowSchema(schema, nil, true, false)
	return shape{ice: schema, arrow: columns}, err
}

// nameOf is what a file's column is called in the table: Iceberg knows columns by
// their ids, and names may have changed since the file was written.
func (s shape) nameOf(id int, name string) string {
	if field, there := s.ice.FindFieldByID(id); there {
		return field.Name
	}
	return name
}

// namesIn is the schema of a file with the names that its columns have in the table.
func (s shape) namesIn(file *arrow.Schema) *arrow.Schema {
	fields := slices.Clone(file.Fields())
	for i, field := range fields {
		text, _ := field.Metadata.GetValue(table.ArrowParquetFieldIDKey)
		if id, err := strconv.Atoi(text); err == nil {
			fields[i].Name = s.nameOf(id, field.Name)
		}
	}
	return arrow.NewSchema(fields, nil)
}

// plain is the shape as the lake's readers see it, without field ids, and with the
// names that columns have from now on.
func (s shape) plain() *arrow.Schema {
	fields := make([]arrow.Field, s.arrow.NumFields())
	for i, field := range s.arrow.Fields() {
		fields[i] = arrow.Field{Name: currentName(field.Name), Type: field.Type, Nullable: field.Nullable}
	}
	return arrow.NewSchema(fields, nil)
}

// icebergType says what a connector's column becomes.
func icebergType(t arrow.DataType) (iceberg.Type, error) {
	switch t := t.(type) {
	case *arrow.StringType:
		return iceberg.PrimitiveTypes.String, nil
	case *arrow.BinaryType:
		return iceberg.PrimitiveTypes.Binary, nil
	case *arrow.BooleanType:
		return iceberg.PrimitiveTypes.Bool, nil
	case *arrow.Int32Type:
		return iceberg.PrimitiveTypes.Int32, nil
	case *arrow.Int64Type:
		return iceberg.PrimitiveTypes.Int64, nil
	case *arrow.Float32Type:
		return iceberg.PrimitiveTypes.Float32, nil
	case *arrow.Float64Type:
		return iceberg.PrimitiveTypes.Float64, nil
	case *arrow.Decimal128Type:
		return iceberg.DecimalTypeOf(int(t.Precision), int(t.Scale)), nil
	case *arrow.Date32Type:
		return iceberg.PrimitiveTypes.Date, nil
	case *arrow.Time64Type, *arrow.Time32Type:
		return iceberg.PrimitiveTypes.Time, nil
	case *arrow.TimestampType:
		if t.TimeZone == "UTC" {
			return iceberg.PrimitiveTypes.TimestampTz, nil
		}
	}
	return nil, fmt.Errorf("the lake has no place for the type %s", t)
}

// newSchema is a table's first schema. Field ids are numbered from 1.
func newSchema(t connectors.Table) (*iceberg.Schema, error) {
	fields := make([]iceberg.NestedField, 0, t.Schema.NumFields()+2)
	for _, column := range t.Schema.Fields() {
		kind, err := icebergType(column.Type)
		if err != nil {
			return nil, fault.Errorf(fault.Us, "column %s.%s: %w", t.Name, column.Name, err)
		}
		fields = append(fields, iceberg.NestedField{ID: len(fields) + 1, Name: column.Name, Type: kind, Doc: docOf(column)})
	}
	var order int
	for _, own := range []struct{ name, doc string }{
		{OrderColumn, "1, 2, 3 … as rows were read: of rows of one key and version the highest counts"},
		{HashColumn, "hash of all other values of the row"},
	} {
		fields = append(fields, iceberg.NestedField{
			ID: len(fields) + 1, Name: own.name, Type: iceberg.PrimitiveTypes.Int64, Required: true, Doc: own.doc,
		})
		if own.name == OrderColumn {
			order = len(fields)
		}
	}
	// A row is known by its _order. The CRM's key is not enough: a record has a row for
	// each of its versions.
	return iceberg.NewSchemaWithIdentifiers(0, []int{order}, fields...), nil
}

// checkTable refuses what a connector may not hand over.
func checkTable(t connectors.Table) error {
	if err := checkName("table", t.Name); err != nil {
		return err
	}
	wanted := append([]string{}, t.Key...)
	if t.Version != "" {
		wanted = append(wanted, t.Version)
	}
	if len(t.Key) == 0 {
		return fault.Errorf(fault.Us, "table %s has no key", t.Name)
	}
	for _, name := range wanted {
		if !t.Schema.HasField(name) {
			return fault.Errorf(fault.Us, "table %s has no column %s, which is in its key or its version", t.Name, name)
		}
	}
	if t.Version != "" {
		kind := t.Schema.Field(t.Schema.FieldIndices(t.Version)[0]).Type
		if _, err := ranks(array.MakeArrayOfNull(memory.DefaultAllocator, kind, 0)); err != nil {
			return fault.Errorf(fault.Us, "table %s, version %s: %w", t.Name, t.Version, err)
		}
	}
	seen := map[string]bool{OrderColumn: true, HashColumn: true}
	for _, column := range t.Schema.Fields() {
		if seen[column.Name] {
			return fault.Errorf(fault.Us, "table %s has two columns %s", t.Name, column.Name)
		}
		seen[column.Name] = true
	}
	return nil
}

// additions are the columns of t that the table lacks or holds in a narrower
// type. A column that became something else is refused: whoever reads the lake
// must not find numbers where there was text.
func (s shape) additions(source string, t connectors.Table) (*iceberg.Schema, error) {
	var fields []iceberg.NestedField
	for _, column := range t.Schema.Fields() {
		kind, err := icebergType(column.Type)
		if err != nil {
			return nil, fault.Errorf(fault.Us, "column %s.%s: %w", t.Name, column.Name, err)
		}
		held, there := s.ice.FindFieldByName(column.Name)
		switch {
		case !there:
			fields = append(fields, iceberg.NestedField{ID: len(fields) + 1, Name: column.Name, Type: kind, Doc: docOf(column)})
		case widens(kind, held.Type):
			// the lake is wide enough
		case widens(held.Type, kind):
			fields = append(fields, iceberg.NestedField{ID: len(fields) + 1, Name: column.Name, Type: kind})
		case isDecimal(held.Type) && kind.Equals(everyDecimal):
			// The table is of an older version. Iceberg lets no column keep more digits after the
			// point than it began with: the lake's stay, and what is finer is rounded to them.
			wider := iceberg.DecimalTypeOf(mostDigits, held.Type.(iceberg.DecimalType).Scale())
			if !held.Type.Equals(wider) {
				fields = append(fields, iceberg.NestedField{ID: len(fields) + 1, Name: column.Name, Type: wider})
			}
		default:
			return nil, fault.Errorf(fault.You,
				"%s: %s.%s is %s in the lake and %s at the source now; give the field its old type back or read it under another name",
				source, t.Name, column.Name, held.Type, kind)
		}
	}
	if len(fields) == 0 {
		return nil, nil
	}
	return iceberg.NewSchema(0, fields...), nil
}

// mostDigits is what a decimal of Iceberg, Parquet and both engines can have.
const mostDigits = 38

// everyDecimal is what connectors hand over for a decimal, whatever the CRM says of
// it. Another one is a column that became something else.
var everyDecimal = iceberg.DecimalTypeOf(mostDigits, 18)

func isDecimal(t iceberg.Type) bool {
	_, is := t.(iceberg.DecimalType)
	return is
}

// widens tells whether every value of a type is a value of another, as Iceberg
// allows a column to be promoted.
func widens(from, to iceberg.Type) bool {
	if from.Equals(to) {
		return true
	}
	switch from := from.(type) {
	case iceberg.Int32Type:
		return to.Equals(iceberg.PrimitiveTypes.Int64)
	case iceberg.Float32Type:
		return to.Equals(iceberg.PrimitiveTypes.Float64)
	case iceberg.DecimalType:
		wider, ok := to.(iceberg.DecimalType)
		return ok && wider.Scale() == from.Scale() && wider.Precision() >= from.Precision()
	}
	return false
}

// arrange gives the columns of a batch as the lake has them, null where the batch has
// none; _order and _hash are left out (nil). The receiver releases them.
func (s shape) arrange(records arrow.RecordBatch) ([]arrow.Array, error) {
	columns := make([]arrow.Array, s.arrow.NumFields())
	for i, field := range s.arrow.Fields() {
		if field.Name == OrderColumn || field.Name == HashColumn {
			continue
		}
		at := records.Schema().FieldIndices(field.Name)
		if len(at) == 0 {
			columns[i] = array.MakeArrayOfNull(memory.DefaultAllocator, field.Type, int(records.NumRows()))
			continue
		}
		arranged, err := arrangeColumn(records.Column(at[0]), field.Type)
		if err != nil {
			releaseAll(columns)
			return nil, fmt.Errorf("column %s: %w", field.Name, err)
		}
		columns[i] = arranged
	}
	return columns, nil
}

func releaseAll(columns []arrow.Array) {
	for _, column := range columns {
		if column != nil {
			column.Release()
		}
	}
}

// arrangeColumn gives a column in the lake's type. It never changes a value, except
// that a decimal is rounded, half away from zero, to the digits after the point that
// the table began with.
func arrangeColumn(column arrow.Array, as arrow.DataType) (arrow.Array, error) {
	if arrow.TypeEqual(column.DataType(), as) {
		column.Retain()
		return column, nil
	}
	switch from := column.(type) {
	case *array.Timestamp:
		return arrangeInstants(from, as)
	case *array.Time32:
		factor := int64(1000) // milliseconds
		if from.DataType().(*arrow.Time32Type).Unit == arrow.Second {
			factor *= 1000
		}
		return scaled(from, as, func(i int) (int64, bool) { return int64(from.Value(i)) * factor, true })
	case *array.Time64: // nanoseconds: Iceberg keeps microseconds
		return scaled(from, as, func(i int) (int64, bool) { v := int64(from.Value(i)); return v / 1000, v%1000 == 0 })
	case *array.Int32:
		return scaled(from, as, func(i int) (int64, bool) { return int64(from.Value(i)), true })
	case *array.Float32:
		return arrangeFloats(from)
	case *array.Decimal128:
		to, ok := as.(*arrow.Decimal128Type)
		if !ok {
			break
		}
		if to.Scale != from.DataType().(*arrow.Decimal128Type).Scale {
			return rescale(from, to)
		}
		// the same 128 bits in a wider type
		data := from.Data().(*array.Data)
		wider := array.NewData(as, data.Len(), data.Buffers(), nil, data.NullN(), data.Offset())
		defer wider.Release()
		return array.MakeFromData(wider), nil
	}
	return nil, fmt.Errorf("%s does not become %s", column.DataType(), as)
}

// rescale rounds decimals to another number of digits after the point.
func rescale(from *array.Decimal128, to *arrow.Decimal128Type) (arrow.Array, error) {
	more := to.Scale - from.DataType().(*arrow.Decimal128Type).Scale
	b := array.NewDecimal128Builder(memory.DefaultAllocator, to)
	defer b.Release()
	for i := range from.Len() {
		if from.IsNull(i) {
			b.AppendNull()
			continue
		}
		value := from.Value(i)
		if more < 0 {
			value = value.ReduceScaleBy(-more, true)
		} else {
			value = value.IncreaseScaleBy(more)
		}
		if !value.FitsInPrecision(to.Precision) || more > 0 && value.ReduceScaleBy(more, false) != from.Value(i) {
			return nil, fmt.Errorf("%s has more digits than %s", from.ValueStr(i), to)
		}
		b.Append(value)
	}
	return b.NewArray(), nil
}

func arrangeInstants(from *array.Timestamp, as arrow.DataType) (arrow.Array, error) {
	factor := int64(1000)
	switch from.DataType().(*arrow.TimestampType).Unit {
	case arrow.Second:
		factor = 1_000_000
	case arrow.Nanosecond:
		return scaled(from, as, func(i int) (int64, bool) { v := int64(from.Value(i)); return v / 1000, v%1000 == 0 })
	}
	return scaled(from, as, func(i int) (int64, bool) {
		value := int64(from.Value(i))
		return value * factor, value*factor/factor == value
	})
}

// scaled builds a column of 64-bit integers of some type; a value for which to
// says no does not fit and is an error.
func scaled(from arrow.Array, as arrow.DataType, to func(i int) (int64, bool)) (arrow.Array, error) {
	values := memory.NewResizableBuffer(memory.DefaultAllocator)
	defer values.Release()
	values.Resize(from.Len() * arrow.Int64SizeBytes)
	numbers := arrow.Int64Traits.CastFromBytes(values.Bytes())
	for i := range numbers {
		numbers[i] = 0
		if from.IsNull(i) {
			continue
		}
		number, fits := to(i)
		if !fits {
			return nil, fmt.Errorf("%s in row %d does not fit %s", from.ValueStr(i), i+1, as)
		}
		numbers[i] = number
	}
	var nulls *memory.Buffer
	if from.NullN() > 0 {
		nulls = bitmapOf(from)
		defer nulls.Release()
	}
	data := array.NewData(as, from.Len(), []*memory.Buffer{nulls, values}, nil, from.NullN(), 0)
	defer data.Release()
	return array.MakeFromData(data), nil
}

func arrangeFloats(from *array.Float32) (arrow.Array, error) {
	built := array.NewFloat64Builder(memory.DefaultAllocator)
	defer built.Release()
	built.Reserve(from.Len())
	for i := range from.Len() {
		if from.IsNull(i) {
			built.AppendNull()
		} else {
			built.Append(float64(from.Value(i)))
		}
	}
	return built.NewArray(), nil
}
