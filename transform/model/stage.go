package model

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"maps"
	"slices"
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
	Contents  map[string]string // of each raw table, a text that is another one when its rows are others
	Rejects   string            // a query of staging.rejects' columns for what the lake keeps beside its tables; "" is none
	ReadAt    time.Time         // when the lake's newest rows of it were read: its stamps of later are not believed; zero: unknown
}

// Stage builds each staging table of the contract from all sources' views, cast
// to the contract. A table that no source fills is there, and empty. plan.as_of is
// there before, since views may use the functions fn.*. Nothing is built where all
// of it would be made of the same as before.
func Stage(ctx context.Context, memory *Memory, contract []warehouse.Relation, sources []Staged) error {
	declared, declarations, err := readFunctions(ctx, memory.wh)
	if err != nil {
		return err
	}
	tables, err := stagings(memory.wh.Dialect(), contract, sources, declared)
	if err != nil {
		return err
	}
	names, changed := make([]string, len(tables)), false
	for i, t := range tables {
		names[i] = t.String()
		memory.made[t.String()] = t.of
		changed = changed || !memory.holds(t.String(), t.of)
	}
	if !changed {
		return nil
	}
	if err := memory.forget(ctx, names...); err != nil {
		return err
	}
	if err := memory.wh.Exec(ctx, declarations); err != nil {
		return err
	}
	if err := sideBySide(ctx, memory.wh, tables, func(ctx context.Context, t staging) error {
		return memory.wh.Build(ctx, t.Relation, t.query)
	}); err != nil {
		return fmt.Errorf("stage: %w", staleLake(err))
	}
	if err := setAside(ctx, memory.wh, contract, sources); err != nil {
		return err
	}
	for _, t := range tables {
		memory.madeOf(t.String(), t.of)
	}
	return memory.write(ctx)
}

// A staging is one staging table, its query, and what it is made of.
type staging struct {
	warehouse.Relation
	query, of string
}

func stagings(dialect string, contract []warehouse.Relation, sources []Staged, declared functions) ([]staging, error) {
	var tables []staging
	for _, table := range contract {
		if table.Schema != "staging" {
			continue
		}
		var parts []string
		of := []string{madeBy(), described(table)}
		for _, source := range sources {
			view, reads, err := viewOf(source, table, dialect)
			if err != nil {
				return nil, err
			}
			if view == "" {
				continue
			}
			parts = append(parts, view)
			for _, name := range reads {
				of = append(of, source.Source, name, source.Contents[name])
			}
		}
		if len(parts) == 0 {
			parts = []string{noRows(table)}
		}
		query := strings.Join(parts, "\nunion all\n")
		used, err := declared.usedBy(query)
		if err != nil {
			return nil, fmt.Errorf("stage %s: %w", table, err)
		}
		of = append(append(of, query), used...)
		for _, i := range implausibilities(table, nil) { // what it says of the time of a reading changes the rejects only
			of = append(of, i.takeOut(table))
		}
		tables = append(tables, staging{table, query, fingerprint(of...)})
	}
	return withRejects(tables, sources), nil
}

// withRejects lets the table of what came and is not believed stand on all that it speaks of.
func withRejects(tables []staging, sources []Staged) []staging {
	var all []string
	for _, t := range tables {
		all = append(all, t.of)
	}
	for _, source := range sources {
		all = append(all, source.ReadAt.UTC().String())
		for _, name := range slices.Sorted(maps.Keys(source.Contents)) {
			all = append(all, name, source.Contents[name])
		}
	}
	for i, t := range tables {
		if t.Name == rejectsTable.Name {
			tables[i].of = fingerprint(all...)
		}
	}
	return tables
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

// viewOf is one source's view with its source's name, and the raw tables that it
// reads; "" when it has none.
func viewOf(source Staged, table warehouse.Relation, dialect string) (view string, reads []string, err error) {
	if table.Name == rejectsTable.Name {
		return source.Rejects, nil, nil
	}
	file := table.Name + ".sql"
	text, err := fs.ReadFile(source.Views, file)
	if errors.Is(err, fs.ErrNotExist) {
		return "", nil, nil
	}
	if err != nil {
		return "", nil, fmt.Errorf("stage %s from %s: %w", table, source.Source, err)
	}
	about, err := sqltext.ReadView(string(text))
	var query string
	if err == nil {
		query, err = OfSource(string(text), source.RawSchema)
	}
	if err == nil {
		query, err = withSafeCasts(query, dialect)
	}
	if err != nil {
		return "", nil, fmt.Errorf("stage %s from %s: %w", table, source.Source, err)
	}
	list := make([]string, len(table.Columns))
	for i, column := range table.Columns {
		from := viewRows + "." + column.Name
		if column.Name == "source" {
			from = sqlText(source.Source)
		}
		list[i] = fmt.Sprintf("%s(%s as %s) as %s", safeCast(dialect), from, column.Type, column.Name)
	}
	return fmt.Sprintf("select %s from (\n%s\n) as %s", strings.Join(list, ", "), query, viewRows), about.Tables, nil
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
