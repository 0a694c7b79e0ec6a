package duckdb

import (
	"context"
	"database/sql"
	"fmt"
	"slices"
	"strings"

	"merit/transform/warehouse"
)

// Build replaces a table or view by a query, all or nothing. The query begins on
// the statement's first line, so that DuckDB's line numbers are the file's.
func (db *DB) Build(ctx context.Context, r warehouse.Relation, query string) error {
	create := func(conn *sql.Conn) error { return create(ctx, conn, r, query) }
	err := db.together(ctx, create)
	if isOtherKind(err) {
		err = db.together(ctx, func(conn *sql.Conn) error {
			if err := makeRoom(ctx, conn, r); err != nil {
				return err
			}
			return create(conn)
		})
	}
	if err != nil {
		return fmt.Errorf("build %s: %w", r, classified(err))
	}
	return nil
}

func create(ctx context.Context, conn *sql.Conn, r warehouse.Relation, query string) error {
	if _, err := conn.ExecContext(ctx, "create schema if not exists "+name(r.Schema)); err != nil {
		return err
	}
	table := name(r.Schema, r.Name)
	if _, err := conn.ExecContext(ctx, "create or replace "+kindOf(r)+" "+table+" as "+shaped(r, query)); err != nil {
		return err
	}
	if err := sameColumns(ctx, conn, r); err != nil {
		return err
	}
	if about := comments(table, r); about != "" {
		_, err := conn.ExecContext(ctx, about)
		return err
	}
	return nil
}

func kindOf(r warehouse.Relation) string {
	if r.IsView {
		return "view"
	}
	return "table"
}

// makeRoom drops a view where a table is to be, and the other way round: DuckDB
// replaces like by like only. To ask what is there before each table takes longer than
// to create a small one.
func makeRoom(ctx context.Context, conn *sql.Conn, r warehouse.Relation) error {
	other := r
	other.IsView = !r.IsView
	_, err := conn.ExecContext(ctx, "drop "+kindOf(other)+" "+name(r.Schema, r.Name))
	return err
}

// shaped casts the columns that have a type.
func shaped(r warehouse.Relation, query string) string {
	if !slices.ContainsFunc(r.Columns, func(c warehouse.Column) bool { return c.Type != "" }) {
		return query
	}
	list := make([]string, len(r.Columns))
	for i, column := range r.Columns {
		list[i] = name(column.Name)
		if column.Type != "" {
			list[i] = fmt.Sprintf("cast(%s as %s) as %s", list[i], column.Type, list[i])
		}
	}
	// The query's last line may end in a comment.
	return "with given as (" + query + "\n) select " + strings.Join(list, ", ") + " from given"
}

func sameColumns(ctx context.Context, conn *sql.Conn, r warehouse.Relation) error {
	if len(r.Columns) == 0 {
		return nil
	}
	rows, err := conn.QueryContext(ctx, "select * from "+name(r.Schema, r.Name)+" limit 0")
	if err != nil {
		return err
	}
	defer rows.Close()
	given, err := rows.Columns()
	if err != nil {
		return err
	}
	declared := make([]string, len(r.Columns))
	for i, column := range r.Columns {
		declared[i] = column.Name
	}
	if !slices.Equal(given, declared) {
		return fmt.Errorf("the query gives the columns (%s), declared are (%s)", strings.Join(given, ", "), strings.Join(declared, ", "))
	}
	return nil
}

// columnsOf lists a table's or view's columns with DuckDB's names of their types.
func columnsOf(ctx context.Context, conn *sql.Conn, schema, table string) ([]warehouse.Column, error) {
	rows, err := conn.QueryContext(ctx, `select column_name, data_type from information_schema.columns
		where table_catalog = current_database() and table_schema = ? and table_name = ? order by ordinal_position`, schema, table)
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	var columns []warehouse.Column
	for rows.Next() {
		var c warehouse.Column
		if err := rows.Scan(&c.Name, &c.Type); err != nil {
			return nil, err
		}
		columns = append(columns, c)
	}
	return columns, rows.Err()
}

func comments(table string, r warehouse.Relation) string {
	var b strings.Builder
	if r.Comment != "" {
		fmt.Fprintf(&b, "comment on %s %s is %s;\n", kindOf(r), table, text(r.Comment))
	}
	for _, column := range r.Columns {
		if column.Comment != "" {
			fmt.Fprintf(&b, "comment on column %s.%s is %s;\n", table, name(column.Name), text(column.Comment))
		}
	}
	return b.String()
}
