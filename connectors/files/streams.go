package files

import (
	"context"
	"fmt"

	"github.com/apache/arrow-go/v18/arrow"

	"merit/connectors"
	"merit/connectors/decode"
	"merit/connectors/fault"
)

// Columns that say where a row came from.
const (
	fileColumn    = "file_name"    // from the folder on
	contentColumn = "file_content" // SHA-256 of the file, the first half of it
	lineColumn    = "file_line"    // on which the row begins; of Parquet, the row's number
	listedColumn  = "listed_at"    // which listing of the folder a file is in
)

// listingOf is the table of the files that count for a table.
func listingOf(table string) string { return table + "_files" }

// Streams are all tables of the contract: a table whose last file is taken away
// must still be read, to know it.
func (d *drop) Streams(ctx context.Context) ([]connectors.Stream, error) {
	if _, err := d.list(); err != nil {
		return nil, err
	}
	streams := make([]connectors.Stream, len(d.tables))
	for i, t := range d.tables {
		rows, err := rowsTable(t)
		if err != nil {
			return nil, err
		}
		streams[i] = connectors.Stream{Name: t.Name, Tables: []connectors.Table{rows, listingTable(t.Name)}}
	}
	return streams, ctx.Err()
}

// rowsTable has a row for each row of each content that a file ever had. Its key
// is the row's place, not the contract's: two files may tell the same deal.
func rowsTable(t Table) (connectors.Table, error) {
	fields := []arrow.Field{
		{Name: fileColumn, Type: arrow.BinaryTypes.String, Nullable: true},
		{Name: contentColumn, Type: arrow.BinaryTypes.String, Nullable: true},
		{Name: lineColumn, Type: arrow.PrimitiveTypes.Int64, Nullable: true},
	}
	for _, c := range t.Columns {
		kind, err := arrowType(c.Type)
		if err != nil {
			return connectors.Table{}, fmt.Errorf("table %s, column %s: %w", t.Name, c.Name, err)
		}
		fields = append(fields, arrow.Field{Name: c.Name, Type: kind, Nullable: true})
	}
	return connectors.Table{Name: t.Name, Key: []string{fileColumn, contentColumn, lineColumn}, Schema: arrow.NewSchema(fields, nil)}, nil
}

// listingTable has a row for each file of each listing. A folder without a file
// for the table is a row without a name.
func listingTable(table string) connectors.Table {
	return connectors.Table{
		Name: listingOf(table),
		Key:  []string{listedColumn, fileColumn},
		Schema: arrow.NewSchema([]arrow.Field{
			{Name: listedColumn, Type: arrow.PrimitiveTypes.Int64, Nullable: true},
			{Name: fileColumn, Type: arrow.BinaryTypes.String, Nullable: true},
			{Name: contentColumn, Type: arrow.BinaryTypes.String, Nullable: true},
		}, nil),
	}
}

// arrowType is what a type of the contract is between the file and the lake.
func arrowType(kind string) (arrow.DataType, error) {
	switch kind {
	case "varchar":
		return arrow.BinaryTypes.String, nil
	case "bigint":
		return arrow.PrimitiveTypes.Int64, nil
	case "double":
		return arrow.PrimitiveTypes.Float64, nil
	case "boolean":
		return arrow.FixedWidthTypes.Boolean, nil
	case "date":
		return arrow.FixedWidthTypes.Date32, nil
	case "timestamp with time zone":
		return arrow.FixedWidthTypes.Timestamp_us, nil
	}
	var precision, scale int32
	if n, _ := fmt.Sscanf(kind, "numeric(%d, %d)", &precision, &scale); n == 2 {
		return decode.Decimal(), nil // the lake keeps what the file says; staging rounds it to the contract's digits
	}
	return nil, fault.Errorf(fault.Us, "files know no type %s", kind)
}
