package duckdb

import (
	"context"
	"database/sql"
	"database/sql/driver"
	"fmt"
	"iter"
	"strings"

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
		cell, err := warehouse.TextOf(r.Columns[i], value)
		if err != nil {
			return nil, err
		}
		if !cell.IsNull {
			texts[i] = cell.Text
		}
	}
	return texts, nil
}
