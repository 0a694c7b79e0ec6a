package warehouse

import (
	"fmt"
	"slices"
	"strconv"
	"time"
)

// A Row is one row of an answer. Every value is kept as text in one form for
// each type, so that a decimal never passes through a float: plain digits for
// numbers, true and false, 2026-03-31 for a date, RFC 3339 in UTC for an instant.
// Whether zeros end a decimal is the engine's: 1.50 and 1.5 are one value.
//
// Asking for a column that the query does not give, or for a number where there
// is none, is a mistake in our own SQL: it panics.
type Row struct {
	columns []string
	values  []Value
}

// A Value is one cell of a row.
type Value struct {
	Text   string // "" when null
	IsNull bool
}

// NewRow is for engines: columns is shared by all rows of an answer.
func NewRow(columns []string, values []Value) Row {
	if len(columns) != len(values) {
		panic(fmt.Sprintf("a row of %d values for %d columns", len(values), len(columns)))
	}
	return Row{columns: columns, values: values}
}

// Columns are the names, in the query's order.
func (r Row) Columns() []string { return r.columns }

// At is the value at a position, the first being 0.
func (r Row) At(position int) Value { return r.values[position] }

// Value is the cell of a column.
func (r Row) Value(column string) Value {
	i := slices.Index(r.columns, column)
	if i < 0 {
		panic(fmt.Sprintf("no column %q among %q", column, r.columns))
	}
	return r.values[i]
}

// Text is the value's text, "" when it is null.
func (r Row) Text(column string) string { return r.Value(column).Text }

// IsNull tells whether there is no value.
func (r Row) IsNull(column string) bool { return r.Value(column).IsNull }

// Int is a whole number, 0 when it is null.
func (r Row) Int(column string) int64 {
	return parsed(r, column, func(text string) (int64, error) { return strconv.ParseInt(text, 10, 64) })
}

// Float is a number for charts and attainments, 0 when it is null. Money is Text.
func (r Row) Float(column string) float64 {
	return parsed(r, column, func(text string) (float64, error) { return strconv.ParseFloat(text, 64) })
}

// Bool is false when the value is null.
func (r Row) Bool(column string) bool { return parsed(r, column, strconv.ParseBool) }

// Time is an instant or a date at midnight UTC, the zero time when it is null.
func (r Row) Time(column string) time.Time {
	return parsed(r, column, func(text string) (time.Time, error) {
		if len(text) == len(time.DateOnly) {
			return time.Parse(time.DateOnly, text)
		}
		return time.Parse(time.RFC3339Nano, text)
	})
}

func parsed[T any](r Row, column string, parse func(string) (T, error)) T {
	var none T
	cell := r.Value(column)
	if cell.IsNull {
		return none
	}
	value, err := parse(cell.Text)
	if err != nil {
		panic(fmt.Sprintf("column %q holds %q: %v", column, cell.Text, err))
	}
	return value
}
