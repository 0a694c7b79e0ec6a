package model

import (
	"fmt"
	"io/fs"
	"path"
	"regexp"
	"slices"
	"strings"

	"merit/transform/warehouse"
)

var (
	createLine  = regexp.MustCompile(`^create table ([a-z_]+)\.([a-z_]+) \($`)
	declareLine = regexp.MustCompile(`^    ([a-z_]+) (varchar|bigint|double|boolean|date|timestamp with time zone|numeric\(\d+, \d+\))( not null)?,? -- (.+)$`)
)

// Contract reads staging/*.sql and plan/*.sql: the tables that connectors' views
// and the plan fill, and that models may read. Their form is narrow: a sentence,
// a key, and one commented column a line.
func Contract(files fs.FS) ([]warehouse.Relation, error) {
	var relations []warehouse.Relation
	for _, folder := range []string{"staging", "plan"} {
		paths, err := fs.Glob(files, folder+"/*.sql")
		if err != nil {
			return nil, err
		}
		for _, file := range paths {
			text, err := fs.ReadFile(files, file)
			if err != nil {
				return nil, fmt.Errorf("contract %s: %w", file, err)
			}
			r, err := declared(folder, strings.TrimSuffix(path.Base(file), ".sql"), string(text))
			if err != nil {
				return nil, fmt.Errorf("contract %s:%w", file, err)
			}
			relations = append(relations, r)
		}
	}
	return relations, nil
}

func declared(schema, table, text string) (warehouse.Relation, error) {
	r := warehouse.Relation{Schema: schema, Name: table}
	for i, line := range strings.Split(strings.TrimSpace(text), "\n") {
		at := i + 1
		switch comment, isComment := strings.CutPrefix(line, "-- "); {
		case i == 0:
			title, ok := strings.CutPrefix(comment, table+": ")
			if !isComment || !ok {
				return r, fmt.Errorf("%d: the first line reads -- %s: one plain sentence", at, table)
			}
			r.Comment = title
		case isComment:
			key, ok := strings.CutPrefix(comment, "key: ")
			if !ok {
				return r, fmt.Errorf("%d: only -- key: may stand here", at)
			}
			r.Key = strings.Split(key, ", ")
		case strings.HasPrefix(line, "create table"):
			if m := createLine.FindStringSubmatch(line); m == nil || m[1] != schema || m[2] != table {
				return r, fmt.Errorf("%d: it creates %s.%s, as the file is called", at, schema, table)
			}
		case line == ");":
		default:
			m := declareLine.FindStringSubmatch(line)
			if m == nil {
				return r, fmt.Errorf("%d: a column reads: four spaces, name type [not null], -- what it is", at)
			}
			r.Columns = append(r.Columns, warehouse.Column{Name: m[1], Type: m[2], Comment: m[4], Nullable: m[3] == ""})
		}
	}
	for _, column := range r.Key {
		if !slices.ContainsFunc(r.Columns, func(c warehouse.Column) bool { return c.Name == column }) {
			return r, fmt.Errorf("2: the key names a column %s, there is none", column)
		}
	}
	return r, nil
}
