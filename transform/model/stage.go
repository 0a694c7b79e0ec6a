package model

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"strings"
	"time"

	"merit/connectors/fault"
	"merit/transform/sqltext"
	"merit/transform/warehouse"
)

// A Staged source is what Stage reads: the schema with the source's raw tables,
// and its connector's views, one NAME.sql for each staging table it can fill.
type Staged struct {
	Source    string // its name in merit.yml
	RawSchema string // where Load put its tables; views say raw.
	Views     fs.FS
	Rejects   string    // a query of staging.rejects' columns for what the lake keeps beside its tables; "" is none
	ReadAt    time.Time // when the lake's newest rows of it were read: its stamps of later are not believed; zero: unknown
}

// Stage builds each staging table of the contract from all sources' views, cast
// to the contract. A table that no source fills is there, and empty. plan.as_of is
// there before, since views may use the functions fn.*.
func Stage(ctx context.Context, wh warehouse.Warehouse, contract []warehouse.Relation, sources []Staged) error {
	if err := declare(ctx, wh); err != nil {
		return err
	}
	for _, table := range contract {
		if table.Schema != "staging" {
			continue
		}
		var parts []string
		for _, source := range sources {
			view, err := viewOf(source, table, wh.Dialect())
			if err != nil {
				return err
			}
			if view != "" {
				parts = append(parts, view)
			}
		}
		if len(parts) == 0 {
			parts = []string{noRows(table)}
		}
		if err := wh.Build(ctx, table, strings.Join(parts, "\nunion all\n")); err != nil {
			return fmt.Errorf("stage: %w", staleLake(err))
		}
	}
	return setAside(ctx, wh, contract, sources)
}

// viewRows names a source's view where its columns are cast to the contract.
const viewRows = "view_rows"

// staleLake says what to do about a lake that was read before the connector had a
// column that its view reads now.
func staleLake(err error) error {
	var missing *warehouse.NoColumn
	if !errors.As(err, &missing) || missing.Table == viewRows { // that is a view of ours without a column of the contract
		return err
	}
	return fault.Errorf(fault.You, "the lake has no column %s, which this version of merit reads: an older version wrote it, and `merit run` reads it again: %w", missing.Column, err)
}

// viewOf is one source's view with its source's name; "" when it has none.
func viewOf(source Staged, table warehouse.Relation, dialect string) (string, error) {
	if table.Name == rejectsTable.Name {
		return source.Rejects, nil
	}
	file := table.Name + ".sql"
	text, err := fs.ReadFile(source.Views, file)
	if errors.Is(err, fs.ErrNotExist) {
		return "", nil
	}
	if err != nil {
		return "", fmt.Errorf("stage %s from %s: %w", table, source.Source, err)
	}
	query, err := OfSource(string(text), source.RawSchema)
	if err == nil {
		query, err = withSafeCasts(query, dialect)
	}
	if err != nil {
		return "", fmt.Errorf("stage %s from %s: %w", table, source.Source, err)
	}
	list := make([]string, len(table.Columns))
	for i, column := range table.Columns {
		from := viewRows + "." + column.Name
		if column.Name == "source" {
			from = sqlText(source.Source)
		}
		list[i] = fmt.Sprintf("%s(%s as %s) as %s", safeCast(dialect), from, column.Type, column.Name)
	}
	return fmt.Sprintf("select %s from (\n%s\n) as %s", strings.Join(list, ", "), query, viewRows), nil
}

// OfSource is a view's SQL with the source's own schema where the view says raw.
func OfSource(view, schema string) (string, error) {
	tokens, err := sqltext.Tokenize(view)
	if err != nil {
		return "", err
	}
	return sqltext.Rewrite(view, tokens, func(i int) (string, int) {
		t := tokens[i]
		switch {
		case t.Is("raw") && sqltext.At(tokens, i+1).Is(".") && !sqltext.At(tokens, i-1).Is("."):
			return `"` + strings.ReplaceAll(schema, `"`, `""`) + `"`, 1
		case t.Is(";"):
			return "", 1
		}
		return "", 0
	}), nil
}

// safeCast is a dialect's cast that gives null for what does not fit, where cast
// raises: no value of one record may stop the others.
func safeCast(dialect string) string {
	if dialect == "bigquery" {
		return "safe_cast"
	}
	return "try_cast"
}

func isCast(tokens []sqltext.Token, i int) bool {
	return tokens[i].Is("cast") && sqltext.At(tokens, i+1).Is("(") && !sqltext.At(tokens, i-1).Is(".")
}

func withSafeCasts(query, dialect string) (string, error) {
	tokens, err := sqltext.Tokenize(query)
	if err != nil {
		return "", err
	}
	return sqltext.Rewrite(query, tokens, func(i int) (string, int) {
		if isCast(tokens, i) {
			return safeCast(dialect), 1
		}
		return "", 0
	}), nil
}

// noRows is a query of the table's columns and no rows.
func noRows(table warehouse.Relation) string {
	list := make([]string, len(table.Columns))
	for i, column := range table.Columns {
		list[i] = fmt.Sprintf("cast(null as %s) as %s", column.Type, column.Name)
	}
	return "select " + strings.Join(columnNames(table), ", ") + " from (select " + strings.Join(list, ", ") + ") as none where 1 = 0"
}

func columnNames(table warehouse.Relation) []string {
	names := make([]string, len(table.Columns))
	for i, column := range table.Columns {
		names[i] = column.Name
	}
	return names
}
