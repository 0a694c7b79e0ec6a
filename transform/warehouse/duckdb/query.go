package duckdb

import (
	"context"
	"database/sql"
	"database/sql/driver"
	"fmt"
	"iter"
	"math/big"
	"strconv"
	"time"

	duck "github.com/duckdb/duckdb-go/v2"

	"merit/transform/warehouse"
)

// Query yields the rows of an answer and stops at the first error. It holds a
// connection until the loop is left.
func (db *DB) Query(ctx context.Context, question string, args ...any) iter.Seq2[warehouse.Row, error] {
	return func(yield func(warehouse.Row, error) bool) {
		rows, err := db.pool.QueryContext(ctx, question, args...)
		if err != nil {
			yield(warehouse.Row{}, fmt.Errorf("warehouse: %w", told(err)))
			return
		}
		defer rows.Close()
		if err := eachRow(rows, yield); err != nil {
			yield(warehouse.Row{}, fmt.Errorf("warehouse: %w", told(err)))
		}
	}
}

// Tables are the tables and views in the database.
func (db *DB) Tables(ctx context.Context) (map[string]bool, error) {
	there := map[string]bool{}
	for row, err := range db.Query(ctx, "select table_schema || '.' || table_name as name from information_schema.tables where table_catalog = current_database()") {
		if err != nil {
			return nil, err
		}
		there[row.Text("name")] = true
	}
	return there, nil
}

// eachRow gives nil also when the loop was left early: nothing may follow then.
func eachRow(rows *sql.Rows, yield func(warehouse.Row, error) bool) error {
	columns, err := rows.Columns()
	if err != nil {
		return err
	}
	types, err := rows.ColumnTypes()
	if err != nil {
		return err
	}
	cells := make([]any, len(columns))
	into := make([]any, len(columns))
	for i := range cells {
		into[i] = &cells[i]
	}
	for rows.Next() {
		if err := rows.Scan(into...); err != nil {
			return err
		}
		values := make([]warehouse.Value, len(cells))
		for i, cell := range cells {
			values[i], err = valueOf(cell, types[i].DatabaseTypeName())
			if err != nil {
				return fmt.Errorf("column %s: %w", columns[i], err)
			}
		}
		if !yield(warehouse.NewRow(columns, values), nil) {
			return nil
		}
	}
	return rows.Err()
}

// valueOf writes a driver's value in the one text form of its type.
func valueOf(cell driver.Value, kind string) (warehouse.Value, error) {
	switch v := cell.(type) {
	case nil:
		return warehouse.Value{IsNull: true}, nil
	case string:
		return warehouse.Value{Text: v}, nil
	case bool:
		return warehouse.Value{Text: strconv.FormatBool(v)}, nil
	case int8, int16, int32, int64, uint8, uint16, uint32, uint64:
		return warehouse.Value{Text: fmt.Sprint(v)}, nil
	case *big.Int:
		return warehouse.Value{Text: v.String()}, nil
	case float32:
		return warehouse.Value{Text: strconv.FormatFloat(float64(v), 'f', -1, 32)}, nil
	case float64:
		return warehouse.Value{Text: strconv.FormatFloat(v, 'f', -1, 64)}, nil
	case duck.Decimal:
		return warehouse.Value{Text: plain(v.Value, int(v.Scale))}, nil
	case time.Time:
		if kind == "DATE" {
			return warehouse.Value{Text: v.Format(time.DateOnly)}, nil
		}
		return warehouse.Value{Text: v.UTC().Format(time.RFC3339Nano)}, nil
	}
	return warehouse.Value{}, fmt.Errorf("a %s can't be read, cast it in the query", kind)
}

// plain writes all digits of unscaled / 10^scale: 1250 at scale 2 is 12.50.
func plain(unscaled *big.Int, scale int) string {
	if scale == 0 {
		return unscaled.String()
	}
	digits := new(big.Int).Abs(unscaled).String()
	for len(digits) <= scale {
		digits = "0" + digits
	}
	sign := ""
	if unscaled.Sign() < 0 {
		sign = "-"
	}
	point := len(digits) - scale
	return sign + digits[:point] + "." + digits[point:]
}
