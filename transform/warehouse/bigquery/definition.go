package bigquery

import (
	"context"
	"fmt"
	"maps"
	"regexp"
	"slices"
	"strings"

	"merit/transform/warehouse"
)

// A definition is a table as create or replace says it. Types are BigQuery's.
type definition struct {
	name    string // in SQL
	comment string
	columns []warehouse.Column
	key     []string
	labels  map[string]string
	// isChecked: columns that are not nullable are declared so.
	isChecked bool
}

// Limits of BigQuery's documentation ("Quotas and limits": clustered tables,
// length of descriptions).
const (
	mostClustered   = 4
	longestColumn   = 1024
	longestOfTables = 16384
)

// create is the statement up to its query. Tables have no partitions: they are replaced
// whole, so that partitions would save nothing, be counted against the quota of changed
// partitions, and let a dataset's default expiration drop history.
func (d definition) create() string {
	list := make([]string, len(d.columns))
	for i, column := range d.columns {
		list[i] = "    " + identifier(column.Name) + " " + column.Type
		if d.isChecked && !column.Nullable {
			list[i] += " not null"
		}
		list[i] += described(column)
	}
	var b strings.Builder
	fmt.Fprintf(&b, "create or replace table %s (\n%s\n)", d.name, strings.Join(list, ",\n"))
	if by := d.clustered(); len(by) > 0 {
		fmt.Fprintf(&b, "\ncluster by %s", strings.Join(by, ", "))
	}
	fmt.Fprintf(&b, "\noptions(description = %s, labels = [%s])", text(cut(d.comment, longestOfTables)), pairs(d.labels))
	return b.String()
}

// clustered are the key's columns that BigQuery can sort by.
func (d definition) clustered() []string {
	var by []string
	for _, name := range d.key {
		i := slices.IndexFunc(d.columns, func(c warehouse.Column) bool { return c.Name == name })
		if i < 0 || d.columns[i].Type == "float64" || d.columns[i].Type == "time" || len(by) == mostClustered {
			continue
		}
		by = append(by, identifier(name))
	}
	return by
}

func pairs(labels map[string]string) string {
	var list []string
	for _, name := range slices.Sorted(maps.Keys(labels)) {
		list = append(list, "("+text(name)+", "+text(labels[name])+")")
	}
	return strings.Join(list, ", ")
}

// cut shortens a text to so many bytes, between letters.
func cut(s string, most int) string {
	if len(s) <= most {
		return s
	}
	return strings.ToValidUTF8(s[:most-len("…")], "") + "…"
}

// otherSpec is how BigQuery refuses to replace a table that is partitioned or clustered
// otherwise.
var otherSpec = regexp.MustCompile(`(?i)cannot replace a table with a different (partitioning|clustering)`)

// replace makes a work table anew, of a query's rows or of none. A table that an earlier
// version clustered otherwise has to be dropped first; only Merit reads it.
func (w *Warehouse) replace(ctx context.Context, step string, d definition, rows string) error {
	sql := d.create()
	if rows != "" {
		sql += " as\n" + rows
	}
	_, err := w.query(ctx, step, sql, nil)
	if err == nil || !otherSpec.MatchString(err.Error()) {
		return err
	}
	if _, err := w.query(ctx, step, "drop table "+d.name, nil); err != nil {
		return err
	}
	_, err = w.query(ctx, step, sql, nil)
	return err
}
