package duckdb

import (
	"context"
	"database/sql"
	"fmt"
	"slices"
	"strings"

	"github.com/apache/arrow-go/v18/arrow"

	"merit/transform/lake"
)

// orderColumn and hashColumn are the lake's own: reading order, and the row's hash.
const (
	orderColumn = "_order"
	hashColumn  = "_hash"
)

// Load makes a view for each pinned table. A view costs nothing until it is
// asked, and then reads only the columns that are asked for.
func (db *DB) Load(ctx context.Context, schema string, tables []lake.Pinned) error {
	err := db.together(ctx, func(conn *sql.Conn) error {
		if _, err := conn.ExecContext(ctx, "create schema if not exists "+name(schema)); err != nil {
			return err
		}
		for _, table := range tables {
			if err := loadTable(ctx, conn, schema, table); err != nil {
				return fmt.Errorf("%s: %w", table.Table, err)
			}
		}
		return nil
	})
	if err != nil {
		return fmt.Errorf("load %s: %w", schema, err)
	}
	return nil
}

func loadTable(ctx context.Context, conn *sql.Conn, schema string, table lake.Pinned) error {
	var held map[string]bool
	if len(table.Files) > 0 {
		var err error
		if held, err = columnsIn(ctx, conn, table); err != nil {
			return err
		}
	}
	query, err := latest(table, held)
	if err != nil {
		return err
	}
	_, err = conn.ExecContext(ctx, "create or replace view "+name(schema, table.Table)+" as "+query)
	return err
}

// columnsIn are the columns that at least one of the files has: a column that the
// CRM got today may be in none of them.
func columnsIn(ctx context.Context, conn *sql.Conn, table lake.Pinned) (map[string]bool, error) {
	rows, err := conn.QueryContext(ctx, "select * from "+files(table)+" limit 0")
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	columns, err := rows.Columns()
	if err != nil {
		return nil, err
	}
	held := make(map[string]bool, len(columns))
	for _, column := range columns {
		held[column] = true
	}
	return held, rows.Err()
}

// files reads exactly the pinned files, by column name: older ones have fewer.
func files(table lake.Pinned) string {
	paths := make([]string, len(table.Files))
	for i, file := range table.Files {
		paths[i] = text(file.Here())
	}
	return "read_parquet([" + strings.Join(paths, ", ") + "], union_by_name = true, hive_partitioning = false)"
}

// latest selects the newest row of each key. The keys are settled first, over
// the few columns that decide, and the whole rows are then taken by their
// reading order: a third of the memory of sorting whole rows, and right where
// arg_max is not, since that skips a value that was cleared.
func latest(table lake.Pinned, held map[string]bool) (string, error) {
	columns, err := columnList(table, held)
	if err != nil {
		return "", err
	}
	if len(table.Files) == 0 {
		return "select " + columns + " where false", nil
	}
	if len(table.Key) == 0 {
		return "select " + columns + " from " + files(table), nil
	}
	for _, column := range append([]string{orderColumn, table.Version}, table.Key...) {
		if column != "" && columnValue(column, table, held) == "null" {
			return "", fmt.Errorf("its files have no column %q, which says what is latest", column)
		}
	}
	keys := make([]string, len(table.Key))
	for i, column := range table.Key {
		keys[i] = columnValue(column, table, held)
	}
	key := strings.Join(keys, ", ")
	newest := fmt.Sprintf("select max(%s) from %s group by %s", name(orderColumn), files(table), key)
	if table.Version != "" {
		newest = fmt.Sprintf(`select %[1]s from (
    select %[1]s, row_number() over (partition by %[2]s order by %[3]s desc nulls last, %[1]s desc) as place
    from %[4]s
) as placed where place = 1`, name(orderColumn), key, columnValue(table.Version, table, held), files(table))
	}
	return fmt.Sprintf("select %s from %s where %s in (%s)", columns, files(table), name(orderColumn), newest), nil
}

func columnList(table lake.Pinned, held map[string]bool) (string, error) {
	var list []string
	for _, field := range table.Schema.Fields() {
		if field.Name == orderColumn || field.Name == hashColumn {
			continue
		}
		kind, err := sqlType(field.Type)
		if err != nil {
			return "", fmt.Errorf("column %s: %w", field.Name, err)
		}
		list = append(list, fmt.Sprintf("cast(%s as %s) as %s", columnValue(field.Name, table, held), kind, name(field.Name)))
	}
	if len(list) == 0 {
		return "", fmt.Errorf("it has no columns")
	}
	return strings.Join(list, ", "), nil
}

// columnValue is a column's value, under whichever of its names a row's file has it; null
// when no file has it.
func columnValue(column string, table lake.Pinned, held map[string]bool) string {
	var values []string
	for _, known := range append([]string{column}, table.Former[column]...) {
		if held[known] {
			values = append(values, name(known))
		}
	}
	switch len(values) {
	case 0:
		return "null"
	case 1:
		return values[0]
	}
	return "coalesce(" + strings.Join(values, ", ") + ")"
}

// sqlType is the type that a column of the lake has here.
func sqlType(kind arrow.DataType) (string, error) {
	switch kind := kind.(type) {
	case *arrow.StringType, *arrow.LargeStringType:
		return "varchar", nil
	case *arrow.BooleanType:
		return "boolean", nil
	case *arrow.Int32Type:
		return "integer", nil
	case *arrow.Int64Type:
		return "bigint", nil
	case *arrow.Float64Type:
		return "double", nil
	case *arrow.Decimal128Type:
		return fmt.Sprintf("decimal(%d, %d)", kind.Precision, kind.Scale), nil
	case *arrow.Date32Type:
		return "date", nil
	case *arrow.Time64Type:
		return "time", nil
	case *arrow.TimestampType:
		// No zone and another zone than UTC would both be read as something else.
		if slices.Contains([]string{"UTC", "Etc/UTC", "+00:00"}, kind.TimeZone) {
			return "timestamp with time zone", nil
		}
	}
	return "", fmt.Errorf("the lake's type %s has no place in the warehouse", kind)
}
