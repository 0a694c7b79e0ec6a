package incremental

import (
	"strconv"
	"time"

	"github.com/apache/arrow-go/v18/arrow"

	"merit/connectors"
	"merit/connectors/decode"
)

// A Count is how many records a CRM says that it has of an object.
type Count struct {
	Object string
	Date   string    // the column by which it was counted
	Until  time.Time // records dated up to then
	At     time.Time // when it was counted
	// Moves: the date moves with each change, or people may set it, so that a record may
	// have been dated otherwise when it was counted.
	Moves bool
	// DeletedAt is set where records that are deleted are not counted: the column that says
	// since when one is.
	DeletedAt string
	Records   int64
}

// CountsTable is the table of what a CRM counts, as pipelines read it.
func CountsTable() connectors.Table {
	of := func(name string, kind arrow.DataType) arrow.Field {
		return arrow.Field{Name: name, Type: kind, Nullable: true}
	}
	instant := &arrow.TimestampType{Unit: arrow.Millisecond, TimeZone: "UTC"}
	return connectors.Table{
		Name: connectors.CountsTable, Key: []string{"object_name", "counted_on"},
		Schema: arrow.NewSchema([]arrow.Field{
			of("object_name", arrow.BinaryTypes.String), of("counted_on", arrow.FixedWidthTypes.Date32),
			of("date_column", arrow.BinaryTypes.String), of("created_until", instant), of("records", arrow.PrimitiveTypes.Int64),
			of("counted_at", instant), of("date_moves", arrow.FixedWidthTypes.Boolean), of("deleted_at_column", arrow.BinaryTypes.String),
		}, nil),
	}
}

// WriteCount adds a count to the rows of that table.
func WriteCount(b *decode.Builder, c Count) {
	at := c.At.UTC()
	for column, text := range map[string]string{
		"object_name": c.Object, "counted_on": at.Format(time.DateOnly), "date_column": c.Date,
		"created_until": c.Until.UTC().Format(time.RFC3339), "records": strconv.FormatInt(c.Records, 10),
		"counted_at": at.Format(time.RFC3339), "date_moves": strconv.FormatBool(c.Moves), "deleted_at_column": c.DeletedAt,
	} {
		b.Set(b.Column(column), []byte(text))
	}
	b.EndRow()
}
