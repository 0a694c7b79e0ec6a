package bigquery

import (
	"context"
	"errors"
	"fmt"
	"iter"
	"math/big"
	"strconv"
	"strings"
	"time"

	bq "cloud.google.com/go/bigquery"
	"cloud.google.com/go/civil"
	"google.golang.org/api/iterator"

	"merit/transform/warehouse"
)

// Query yields the rows of an answer and stops at the first error.
func (w *Warehouse) Query(ctx context.Context, question string, args ...any) iter.Seq2[warehouse.Row, error] {
	return func(yield func(warehouse.Row, error) bool) {
		if err := w.eachRow(ctx, question, args, yield); err != nil {
			yield(warehouse.Row{}, fmt.Errorf("warehouse: %w", err))
		}
	}
}

// eachRow gives nil also when the loop was left early: nothing may follow then.
func (w *Warehouse) eachRow(ctx context.Context, question string, args []any, yield func(warehouse.Row, error) bool) error {
	sql, err := w.names.Localise(question)
	if err != nil {
		return err
	}
	parameters := make([]bq.QueryParameter, len(args))
	for i, arg := range args {
		parameters[i] = bq.QueryParameter{Name: fmt.Sprintf("a%d", i+1), Value: arg}
	}
	rows, err := w.query(ctx, "query", sql, parameters)
	if err != nil {
		return err
	}
	var columns []string
	for {
		var cells []bq.Value
		err := rows.Next(&cells)
		if errors.Is(err, iterator.Done) {
			return nil
		}
		if err != nil {
			return told(err)
		}
		if columns == nil {
			for _, field := range rows.Schema {
				columns = append(columns, field.Name)
			}
		}
		values := make([]warehouse.Value, len(cells))
		for i, cell := range cells {
			if values[i], err = valueOf(cell, rows.Schema[i]); err != nil {
				return fmt.Errorf("column %s: %w", columns[i], err)
			}
		}
		if !yield(warehouse.NewRow(columns, values), nil) {
			return nil
		}
	}
}

// valueOf writes a value in the one text form of its type.
func valueOf(cell bq.Value, field *bq.FieldSchema) (warehouse.Value, error) {
	switch v := cell.(type) {
	case nil:
		return warehouse.Value{IsNull: true}, nil
	case string:
		return warehouse.Value{Text: v}, nil
	case bool:
		return warehouse.Value{Text: strconv.FormatBool(v)}, nil
	case int64:
		return warehouse.Value{Text: strconv.FormatInt(v, 10)}, nil
	case float64:
		return warehouse.Value{Text: strconv.FormatFloat(v, 'f', -1, 64)}, nil
	case *big.Rat:
		return warehouse.Value{Text: plain(v, field)}, nil
	case civil.Date:
		return warehouse.Value{Text: v.String()}, nil
	case time.Time:
		return warehouse.Value{Text: v.UTC().Format(time.RFC3339Nano)}, nil
	}
	return warehouse.Value{}, fmt.Errorf("a %s can't be read, cast it in the query", field.Type)
}

// plain writes all digits of a decimal. BigQuery tells its scale only of columns
// that were declared with one; elsewhere no zero ends it.
func plain(v *big.Rat, field *bq.FieldSchema) string {
	const most = 38 // digits after the point of a BIGNUMERIC
	if field.Scale > 0 {
		return v.FloatString(int(field.Scale))
	}
	digits := v.FloatString(most)
	return strings.TrimSuffix(strings.TrimRight(digits, "0"), ".")
}
