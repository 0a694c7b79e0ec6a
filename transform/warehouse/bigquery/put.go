package bigquery

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"iter"
	"regexp"
	"strconv"
	"strings"
	"time"

	bq "cloud.google.com/go/bigquery"

	"merit/transform/warehouse"
)

// Put replaces a table by rows, in one load job, which BigQuery does whole or not
// at all. Every value is checked here first: a load rounds decimals in silence.
func (w *Warehouse) Put(ctx context.Context, r warehouse.Relation, rows iter.Seq[[]any]) error {
	if err := w.put(ctx, r, rows); err != nil {
		return fmt.Errorf("put %s: %w", r, err)
	}
	return nil
}

func (w *Warehouse) put(ctx context.Context, r warehouse.Relation, rows iter.Seq[[]any]) error {
	var lines bytes.Buffer
	number := 0
	for row := range rows {
		number++
		if err := ctx.Err(); err != nil {
			return context.Cause(ctx)
		}
		if err := writeLine(&lines, r, row); err != nil {
			return fmt.Errorf("row %d: %w", number, err)
		}
	}
	fields, err := fieldsOf(r.Columns)
	if err != nil {
		return err
	}
	if err := w.work(ctx, r.Schema); err != nil {
		return err
	}
	if number == 0 { // nothing says that an upload of no bytes is taken
		d := definition{name: w.names.table(r.Schema, r.Name), comment: r.Comment, labels: labels(), isChecked: true}
		for i, field := range fields {
			column := r.Columns[i]
			if column.Type, err = sqlType(field); err != nil {
				return err
			}
			d.columns = append(d.columns, column)
		}
		return w.replace(ctx, "put", d, "")
	}
	_, err = w.run(ctx, newID("put"), jobStart{bytes: int64(lines.Len()), start: func(ctx context.Context, id bq.JobIDConfig) (*bq.Job, error) {
		source := bq.NewReaderSource(bytes.NewReader(lines.Bytes()))
		source.SourceFormat = bq.JSON
		source.Schema = fields
		load := w.table(r.Schema, r.Name).LoaderFrom(source)
		load.JobIDConfig = id
		load.WriteDisposition = bq.WriteTruncate
		load.Labels = labels()
		return load.Run(ctx)
	}})
	if err != nil {
		return err
	}
	return w.attempt(ctx, func(ctx context.Context, _ int) error {
		change := bq.TableMetadataToUpdate{Description: cut(r.Comment, longestOfTables)}
		for name, value := range labels() {
			change.SetLabel(name, value)
		}
		_, err := w.table(r.Schema, r.Name).Update(ctx, change, "")
		return told(err)
	})
}

// writeLine writes a row as a line of JSON, every value as text.
func writeLine(lines *bytes.Buffer, r warehouse.Relation, row []any) error {
	if len(row) != len(r.Columns) {
		return fmt.Errorf("%d values for %d columns", len(row), len(r.Columns))
	}
	members := make(map[string]string, len(row))
	for i, value := range row {
		cell, err := warehouse.TextOf(r.Columns[i], value)
		if err != nil {
			return err
		}
		if cell.IsNull {
			continue
		}
		if members[r.Columns[i].Name], err = exactly(cell.Text, r.Columns[i]); err != nil {
			return err
		}
	}
	return json.NewEncoder(lines).Encode(members)
}

var plainDecimal = regexp.MustCompile(`^-?\d+(\.\d*)?$`)

// exactly is a value's text in the one form that a load reads without doubt.
func exactly(value string, column warehouse.Column) (string, error) {
	wrong := func(err error) (string, error) {
		return "", fmt.Errorf("%s: %q is no %s: %w", column.Name, value, column.Type, err)
	}
	if precision, scale, isNumeric := warehouse.NumericOf(column.Type); isNumeric {
		whole, _, _ := strings.Cut(strings.TrimLeft(strings.TrimPrefix(value, "-"), "0"), ".")
		if !plainDecimal.MatchString(value) {
			return "", fmt.Errorf("%s: %q is no plain decimal", column.Name, value)
		}
		if most := min(precision-scale, 29); len(whole) > most {
			return "", fmt.Errorf("%s: %s has more than %d digits before the point", column.Name, value, most)
		}
		return value, nil
	}
	switch column.Type {
	case "bigint":
		if _, err := strconv.ParseInt(value, 10, 64); err != nil {
			return wrong(err)
		}
	case "double":
		if _, err := strconv.ParseFloat(value, 64); err != nil {
			return wrong(err)
		}
	case "boolean":
		is, err := strconv.ParseBool(value)
		if err != nil {
			return wrong(err)
		}
		return strconv.FormatBool(is), nil
	case "date":
		if _, err := time.Parse(time.DateOnly, value); err != nil {
			return wrong(err)
		}
	case "timestamp with time zone":
		at, err := instant(value)
		if err != nil {
			return wrong(err)
		}
		return at.UTC().Format("2006-01-02T15:04:05.999999Z"), nil
	}
	return value, nil
}

// instant reads what DuckDB's cast does of an instant with its zone.
func instant(value string) (time.Time, error) {
	at, err := time.Parse(time.RFC3339Nano, value)
	if err == nil {
		return at, nil
	}
	for _, layout := range []string{"2006-01-02 15:04:05Z07:00", "2006-01-02 15:04:05Z07", time.DateOnly} {
		if at, other := time.Parse(layout, value); other == nil {
			return at, nil
		}
	}
	return at, err
}

// fieldTypes are the API's names of the contract's types.
var fieldTypes = map[string]bq.FieldType{
	"varchar": bq.StringFieldType, "bigint": bq.IntegerFieldType, "double": bq.FloatFieldType, "boolean": bq.BooleanFieldType,
	"date": bq.DateFieldType, "timestamp with time zone": bq.TimestampFieldType,
}

func fieldsOf(columns []warehouse.Column) (bq.Schema, error) {
	var fields bq.Schema
	for _, column := range columns {
		field := &bq.FieldSchema{
			Name: column.Name, Type: fieldTypes[column.Type], Required: !column.Nullable, Description: cut(column.Comment, longestColumn),
		}
		if precision, scale, isNumeric := warehouse.NumericOf(column.Type); isNumeric {
			field.Type, field.Precision, field.Scale = decimalField(int64(precision), int64(scale))
		}
		if field.Type == "" {
			return nil, fmt.Errorf("column %s: %q is no type of the contract", column.Name, column.Type)
		}
		fields = append(fields, field)
	}
	return fields, nil
}
