package duckdb

import (
	"context"
	"database/sql"
	"database/sql/driver"
	"fmt"
	"iter"
	"strconv"
	"strings"
	"time"

	duck "github.com/duckdb/duckdb-go/v2"

	"merit/transform/warehouse"
)

// Put replaces a table by rows. They come in as text and are cast once, so that a
// decimal is exact and every wrong value is told in the same way.
func (db *DB) Put(ctx context.Context, r warehouse.Relation, rows iter.Seq[[]any]) error {
	err := db.together(ctx, func(conn *sql.Conn) error {
		if _, err := conn.ExecContext(ctx, "create schema if not exists "+name(r.Schema)+"; "+declaration(r)); err != nil {
			return err
		}
		if err := appendTexts(ctx, conn, r, rows); err != nil {
			return err
		}
		table := name(r.Schema, r.Name)
		casts := make([]string, len(r.Columns))
		for i, column := range r.Columns {
			casts[i] = fmt.Sprintf("cast(%s as %s)", name(column.Name), column.Type)
		}
		_, err := conn.ExecContext(ctx, fmt.Sprintf("insert into %s select %s from temp.merit_put; drop table temp.merit_put; %s",
			table, strings.Join(casts, ", "), comments(table, r)))
		return err
	})
	if err != nil {
		return fmt.Errorf("put %s: %w", r, err)
	}
	return nil
}

// declaration makes the table, and beside it one of the same columns as text.
func declaration(r warehouse.Relation) string {
	typed, texts := make([]string, len(r.Columns)), make([]string, len(r.Columns))
	for i, column := range r.Columns {
		typed[i] = name(column.Name) + " " + column.Type
		if !column.Nullable {
			typed[i] += " not null"
		}
		texts[i] = name(column.Name) + " varchar"
	}
	return fmt.Sprintf("create or replace table %s (%s); create or replace temp table merit_put (%s)",
		name(r.Schema, r.Name), strings.Join(typed, ", "), strings.Join(texts, ", "))
}

func appendTexts(ctx context.Context, conn *sql.Conn, r warehouse.Relation, rows iter.Seq[[]any]) error {
	return conn.Raw(func(raw any) (err error) {
		appender, err := duck.NewAppender(raw.(driver.Conn), "temp", "main", "merit_put")
		if err != nil {
			return err
		}
		defer func() {
			if closed := appender.Close(); err == nil {
				err = closed
			}
		}()
		number := 0
		for row := range rows {
			number++
			if err := ctx.Err(); err != nil {
				return err
			}
			texts, err := textsOf(r, row)
			if err != nil {
				return fmt.Errorf("row %d: %w", number, err)
			}
			if err := appender.AppendRow(texts...); err != nil {
				return fmt.Errorf("row %d: %w", number, err)
			}
		}
		return nil
	})
}

func textsOf(r warehouse.Relation, row []any) ([]driver.Value, error) {
	if len(row) != len(r.Columns) {
		return nil, fmt.Errorf("%d values for %d columns", len(row), len(r.Columns))
	}
	texts := make([]driver.Value, len(row))
	for i, value := range row {
		column := r.Columns[i]
		switch v := value.(type) {
		case nil:
			if !column.Nullable {
				return nil, fmt.Errorf("%s has no value", column.Name)
			}
			continue
		case string:
			texts[i] = v
		case int:
			texts[i] = strconv.Itoa(v)
		case int64:
			texts[i] = strconv.FormatInt(v, 10)
		case float64:
			texts[i] = strconv.FormatFloat(v, 'g', -1, 64)
		case bool:
			texts[i] = strconv.FormatBool(v)
		case time.Time:
			texts[i] = v.UTC().Format(time.RFC3339Nano)
			if column.Type == "date" {
				texts[i] = v.Format(time.DateOnly)
			}
		default:
			return nil, fmt.Errorf("%s: a %T is no value for a table", column.Name, value)
		}
		if err := fits(texts[i].(string), column); err != nil {
			return nil, err
		}
	}
	return texts, nil
}

// fits refuses digits after the point that the column would round away: DuckDB's
// cast rounds them in silence.
func fits(value string, column warehouse.Column) error {
	var precision, scale int
	if n, _ := fmt.Sscanf(column.Type, "numeric(%d, %d)", &precision, &scale); n != 2 {
		return nil
	}
	if strings.ContainsAny(value, "eE") {
		return fmt.Errorf("%s: %s is no plain decimal", column.Name, value)
	}
	_, fraction, _ := strings.Cut(value, ".")
	if len(strings.TrimRight(fraction, "0")) > scale {
		return fmt.Errorf("%s: %s has more than %d digits after the point", column.Name, value, scale)
	}
	return nil
}
