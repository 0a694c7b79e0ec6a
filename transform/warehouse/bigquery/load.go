package bigquery

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"net/http"
	"slices"
	"strings"

	bq "cloud.google.com/go/bigquery"
	"github.com/apache/arrow-go/v18/arrow"
	"github.com/sourcegraph/conc/pool"

	"merit/transform/lake"
	"merit/transform/warehouse"
)

// orderColumn and hashColumn are the lake's own: reading order, and the row's hash.
const (
	orderColumn = "_order"
	hashColumn  = "_hash"
)

// pinnedLabel says which files a raw table was made of.
const pinnedLabel = "pinned"

// Load makes a table for each pinned one: all rows of its files lie in a table beside
// it, and the latest of each key replace it. What was made of the same files already is
// left alone, and only files that are new are loaded.
func (w *Warehouse) Load(ctx context.Context, schema string, tables []lake.Pinned) error {
	if err := w.work(ctx, schema); err != nil {
		return fmt.Errorf("load %s: %w", schema, err)
	}
	tasks := pool.New().WithContext(ctx).WithCancelOnError().WithFirstError().WithMaxGoroutines(w.atOnce)
	for _, table := range tables {
		tasks.Go(func(ctx context.Context) error {
			if err := w.loadTable(ctx, schema, table); err != nil {
				return fmt.Errorf("load %s: %s: %w", schema, table.Table, err)
			}
			return nil
		})
	}
	return tasks.Wait()
}

func (w *Warehouse) loadTable(ctx context.Context, schema string, table lake.Pinned) error {
	fields, err := lakeFields(table.Schema)
	if err != nil {
		return err
	}
	mark := markOf(table, fields)
	isMade, err := w.isMadeOf(ctx, w.table(schema, table.Table), mark)
	if err != nil || isMade {
		return err
	}
	target := definition{name: w.names.table(schema, table.Table), comment: "latest rows of " + table.Table + ", as the CRM names them", key: table.Key, labels: labels()}
	target.labels[pinnedLabel] = mark
	for _, field := range fields {
		if field.Name == orderColumn || field.Name == hashColumn {
			continue
		}
		kind, err := sqlType(field)
		if err != nil {
			return fmt.Errorf("column %s: %w", field.Name, err)
		}
		target.columns = append(target.columns, warehouse.Column{Name: field.Name, Type: kind})
	}
	if len(table.Files) == 0 {
		return w.replace(ctx, "load", target, "")
	}
	rows := w.table(schema, table.Table+rowsBeside)
	if err := w.loadRows(ctx, rows, withFormer(fields, table), table.Files); err != nil {
		return err
	}
	return w.replace(ctx, "load", target, latest(target.columns, table, w.names.table(schema, rows.TableID)))
}

// latest selects the newest row of each key: highest version, nulls lowest, then
// latest in reading order. Descending, BigQuery puts nulls last by itself.
func latest(columns []warehouse.Column, table lake.Pinned, rows string) string {
	values := make([]string, len(columns))
	for i, column := range columns {
		values[i] = identifier(column.Name)
		if value := columnValue(column.Name, table); value != values[i] {
			values[i] = value + " as " + values[i]
		}
	}
	query := "select " + strings.Join(values, ", ") + "\nfrom " + rows
	if len(table.Key) == 0 {
		return query
	}
	by := identifier(orderColumn) + " desc"
	if table.Version != "" {
		by = columnValue(table.Version, table) + " desc, " + by
	}
	keys := make([]string, len(table.Key))
	for i, column := range table.Key {
		keys[i] = columnValue(column, table)
	}
	return query + "\nwhere true\nqualify row_number() over (partition by " + strings.Join(keys, ", ") + " order by " + by + ") = 1"
}

// columnValue is a column's value, under whichever of its names a row's file had it.
func columnValue(column string, table lake.Pinned) string {
	if len(table.Former[column]) == 0 {
		return identifier(column)
	}
	return "coalesce(" + quotedNames(append([]string{column}, table.Former[column]...)) + ")"
}

// withFormer are the fields of all files: older ones have columns under former names.
func withFormer(fields bq.Schema, table lake.Pinned) bq.Schema {
	all := slices.Clone(fields)
	for _, field := range fields {
		for _, former := range table.Former[field.Name] {
			older := *field
			older.Name = former
			all = append(all, &older)
		}
	}
	return all
}

func quotedNames(names []string) string {
	quoted := make([]string, len(names))
	for i, name := range names {
		quoted[i] = identifier(name)
	}
	return strings.Join(quoted, ", ")
}

// markOf is of all that a raw table depends on: files of the lake never change.
func markOf(table lake.Pinned, fields bq.Schema) string {
	sum := sha256.New()
	paths := make([]string, len(table.Files))
	for i, file := range table.Files {
		paths[i] = fmt.Sprintf("%q %d %d", file.Path, file.Bytes, file.Rows)
	}
	slices.Sort(paths)
	fmt.Fprintf(sum, "%q %q %q\n", table.Key, table.Version, paths)
	for _, field := range fields {
		fmt.Fprintf(sum, "%q %s %d %d\n", field.Name, field.Type, field.Precision, field.Scale)
	}
	return hex.EncodeToString(sum.Sum(nil))[:24]
}

func (w *Warehouse) isMadeOf(ctx context.Context, table *bq.Table, mark string) (bool, error) {
	var about *bq.TableMetadata
	err := w.attempt(ctx, func(ctx context.Context, _ int) (err error) {
		about, err = table.Metadata(ctx)
		return err
	})
	if hasStatus(err, http.StatusNotFound) {
		return false, nil
	}
	if err != nil {
		return false, told(err)
	}
	return about.Labels[pinnedLabel] == mark, nil
}

// ReadsFrom tells that files in Google's buckets need not be brought here.
func (w *Warehouse) ReadsFrom(location string) bool { return strings.HasPrefix(location, "gs://") }

// lakeFields are the lake's columns in BigQuery. All may be null: earlier files
// lack the later columns.
func lakeFields(schema *arrow.Schema) (bq.Schema, error) {
	var fields bq.Schema
	for _, column := range schema.Fields() {
		field := &bq.FieldSchema{Name: column.Name}
		switch kind := column.Type.(type) {
		case *arrow.StringType, *arrow.LargeStringType:
			field.Type = bq.StringFieldType
		case *arrow.BooleanType:
			field.Type = bq.BooleanFieldType
		case *arrow.Int32Type, *arrow.Int64Type:
			field.Type = bq.IntegerFieldType
		case *arrow.Float64Type:
			field.Type = bq.FloatFieldType
		case *arrow.Date32Type:
			field.Type = bq.DateFieldType
		case *arrow.Time64Type:
			field.Type = bq.TimeFieldType
		case *arrow.Decimal128Type:
			field.Type, field.Precision, field.Scale = decimalField(int64(kind.Precision), int64(kind.Scale))
		case *arrow.TimestampType:
			// No zone and another zone than UTC would both be read as something else.
			if slices.Contains([]string{"UTC", "Etc/UTC", "+00:00"}, kind.TimeZone) {
				field.Type = bq.TimestampFieldType
			}
		}
		if field.Type == "" {
			return nil, fmt.Errorf("column %s: the lake's type %s has no place in the warehouse", column.Name, column.Type)
		}
		fields = append(fields, field)
	}
	return fields, nil
}

// decimalField is a decimal's type, with at least one digit before the point (API:
// TableFieldSchema.precision, 1 <= precision - scale).
func decimalField(precision, scale int64) (bq.FieldType, int64, int64) {
	precision = max(precision, scale+1)
	if scale > 9 || precision-scale > 29 {
		return bq.BigNumericFieldType, precision, scale
	}
	return bq.NumericFieldType, precision, scale
}
