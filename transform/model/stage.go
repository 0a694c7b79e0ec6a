package model

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"io/fs"
	"regexp"
	"strings"

	"merit/connectors/fault"
	"merit/transform/warehouse"
)

// A Staged source is what Stage reads: the schema with the source's raw tables,
// and its connector's views, one NAME.sql for each staging table it can fill.
type Staged struct {
	Source    string // its name in merit.yml
	RawSchema string // where Load put its tables; views say raw.
	Views     fs.FS
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
			view, err := viewOf(source, table)
			if err != nil {
				return err
			}
			if view != "" {
				parts = append(parts, view)
			}
		}
		if len(parts) == 0 {
			parts = []string{nothing(table)}
		}
		if err := wh.Build(ctx, table, strings.Join(parts, "\nunion all\n")); err != nil {
			return fmt.Errorf("stage: %w", older(err))
		}
	}
	return nil
}

// missingColumn is how DuckDB and BigQuery tell of a column that a table lacks.
var missingColumn = regexp.MustCompile(`Referenced column "([^"]+)" not found|Table "[^"]+" does not have a column named "([^"]+)"|Unrecognized name: (\w+)|Name (\w+) not found inside \w+`)

// older says what to do about a lake that was read before the connector had a column
// that its view reads now.
func older(err error) error {
	found := missingColumn.FindStringSubmatch(err.Error())
	if found == nil || strings.Contains(found[0], "view_rows") { // that is a view of ours without a column of the contract
		return err
	}
	return fault.Errorf(fault.You, "the lake has no column %s, which this version of merit reads: it was read by an older one, and `merit run` reads it anew: %w",
		cmp.Or(found[1:]...), err)
}

// viewOf is one source's view with its source's name; "" when it has none.
func viewOf(source Staged, table warehouse.Relation) (string, error) {
	file := table.Name + ".sql"
	text, err := fs.ReadFile(source.Views, file)
	if errors.Is(err, fs.ErrNotExist) {
		return "", nil
	}
	if err != nil {
		return "", fmt.Errorf("stage %s from %s: %w", table, source.Source, err)
	}
	query, err := ofSource(string(text), source.RawSchema)
	if err != nil {
		return "", fmt.Errorf("stage %s from %s: %w", table, source.Source, err)
	}
	list := make([]string, len(table.Columns))
	for i, column := range table.Columns {
		from := "view_rows." + column.Name
		if column.Name == "source" {
			from = sqlText(source.Source)
		}
		list[i] = fmt.Sprintf("cast(%s as %s) as %s", from, column.Type, column.Name)
	}
	return fmt.Sprintf("select %s from (\n%s\n) as view_rows", strings.Join(list, ", "), query), nil
}

// ofSource says the source's own schema where a view says raw.
func ofSource(view, schema string) (string, error) {
	tokens, err := tokenize(view)
	if err != nil {
		return "", err
	}
	var b strings.Builder
	from := 0
	for i, t := range tokens {
		switch {
		case t.is(";"):
			b.WriteString(view[from:t.start])
			from = t.end
		case t.is("raw") && at(tokens, i+1).is(".") && !at(tokens, i-1).is("."):
			b.WriteString(view[from:t.start] + `"` + strings.ReplaceAll(schema, `"`, `""`) + `"`)
			from = t.end
		}
	}
	b.WriteString(view[from:])
	return b.String(), nil
}

// nothing is a query of the table's columns and no rows.
func nothing(table warehouse.Relation) string {
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
