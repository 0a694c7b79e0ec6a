package bigquery

import (
	"context"
	"fmt"
	"slices"
	"strings"

	bq "cloud.google.com/go/bigquery"

	"merit/transform/warehouse"
)

// Build replaces a table by what a query gives. BigQuery does a create or replace
// whole or not at all; what the query gives is known before, from a dry run, so
// that other columns than declared change nothing.
func (w *Warehouse) Build(ctx context.Context, r warehouse.Relation, query string) error {
	if err := w.build(ctx, r, query); err != nil {
		return fmt.Errorf("build %s: %w", r, classified(err))
	}
	return nil
}

func (w *Warehouse) build(ctx context.Context, r warehouse.Relation, query string) error {
	sql, err := w.names.Localise(query)
	if err != nil {
		return err
	}
	given, err := w.given(ctx, sql)
	if err != nil {
		return err
	}
	if len(r.Columns) > 0 && !slices.EqualFunc(given, r.Columns, func(f *bq.FieldSchema, c warehouse.Column) bool { return f.Name == c.Name }) {
		return fmt.Errorf("the query gives the columns (%s), declared are (%s)", listed(given), strings.Join(namesOf(r.Columns), ", "))
	}
	columns, err := typed(r, given)
	if err != nil {
		return err
	}
	if err := w.work(ctx, r.Schema); err != nil {
		return err
	}
	t := definition{name: w.names.table(r.Schema, r.Name), comment: r.Comment, columns: columns, key: r.Key, labels: labels()}
	return w.replace(ctx, "build", t, shaped(columns, sql))
}

// given are the columns of a query's answer.
func (w *Warehouse) given(ctx context.Context, sql string) (bq.Schema, error) {
	tried, err := w.dryRun(ctx, sql)
	if err != nil {
		return nil, err
	}
	if len(tried.Schema) > 0 {
		return tried.Schema, nil
	}
	// A server that tells nothing of a dry run tells it of no rows.
	rows, err := w.query(ctx, "describe", "select * from (\n"+sql+"\n) limit 0", nil)
	if err != nil {
		return nil, err
	}
	return rows.Schema, nil
}

// dryRun has BigQuery check a query and tell its columns and its bytes; nothing runs.
func (w *Warehouse) dryRun(ctx context.Context, sql string) (*bq.QueryStatistics, error) {
	var job *bq.Job
	err := w.attempt(ctx, func(ctx context.Context, _ int) (err error) {
		q := w.asked(sql, nil)
		q.DryRun = true
		job, err = q.Run(ctx)
		return err
	})
	if err != nil {
		return nil, told(err)
	}
	status := job.LastStatus()
	if status == nil || status.Statistics == nil {
		return &bq.QueryStatistics{}, nil
	}
	if err := status.Err(); err != nil {
		return nil, told(err)
	}
	if query, ok := status.Statistics.Details.(*bq.QueryStatistics); ok {
		return query, nil
	}
	return &bq.QueryStatistics{TotalBytesProcessed: status.Statistics.TotalBytesProcessed}, nil
}

// leastBilled is what a query bills at least for each table that it names ("Pricing":
// on-demand compute).
const leastBilled = 10 << 20

// Estimate is what a query would read, and what BigQuery would bill for it.
func (w *Warehouse) Estimate(ctx context.Context, query string) (warehouse.Estimate, error) {
	sql, err := w.names.Localise(query)
	if err != nil {
		return warehouse.Estimate{}, fmt.Errorf("warehouse: %w", err)
	}
	tried, err := w.dryRun(ctx, sql)
	if err != nil {
		return warehouse.Estimate{}, fmt.Errorf("warehouse: %w", err)
	}
	bytes := tried.TotalBytesProcessed
	return warehouse.Estimate{Read: bytes, Billed: max(bytes, leastBilled*int64(len(tried.ReferencedTables)))}, nil
}

// typed gives the columns BigQuery's types: declared, or as the query gives them.
func typed(r warehouse.Relation, given bq.Schema) ([]warehouse.Column, error) {
	columns := make([]warehouse.Column, len(given))
	for i, field := range given {
		columns[i] = warehouse.Column{Name: field.Name, Nullable: true}
		if len(r.Columns) > 0 {
			columns[i] = r.Columns[i]
		}
		if declared := columns[i].Type; declared != "" {
			columns[i].Type = warehouse.TypeIn("bigquery", declared)
			continue
		}
		kind, err := sqlType(field)
		if err != nil {
			return nil, fmt.Errorf("column %s: %w", field.Name, err)
		}
		columns[i].Type = kind
	}
	return columns, nil
}

// sqlTypes are SQL's names of the API's types.
var sqlTypes = map[bq.FieldType]string{
	bq.StringFieldType: "string", bq.IntegerFieldType: "int64", bq.FloatFieldType: "float64", bq.BooleanFieldType: "bool",
	bq.DateFieldType: "date", bq.TimestampFieldType: "timestamp", bq.TimeFieldType: "time", bq.NumericFieldType: "numeric", bq.BigNumericFieldType: "bignumeric",
}

func sqlType(field *bq.FieldSchema) (string, error) {
	kind, known := sqlTypes[field.Type]
	if !known || field.Repeated {
		return "", fmt.Errorf("its type %s has no place in a table that others read; cast it", field.Type)
	}
	if field.Precision > 0 {
		return fmt.Sprintf("%s(%d, %d)", kind, field.Precision, field.Scale), nil
	}
	return kind, nil
}

// shaped selects the columns from a query, cast to their types.
func shaped(columns []warehouse.Column, sql string) string {
	list := make([]string, len(columns))
	for i, column := range columns {
		list[i] = fmt.Sprintf("cast(given.%[1]s as %[2]s) as %[1]s", identifier(column.Name), column.Type)
	}
	// The query's last line may end in a comment.
	return "select " + strings.Join(list, ", ") + "\nfrom (\n" + sql + "\n) as given"
}

func namesOf(columns []warehouse.Column) []string {
	names := make([]string, len(columns))
	for i, column := range columns {
		names[i] = column.Name
	}
	return names
}

func listed(fields bq.Schema) string {
	names := make([]string, len(fields))
	for i, field := range fields {
		names[i] = field.Name
	}
	return strings.Join(names, ", ")
}
