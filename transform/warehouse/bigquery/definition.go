package bigquery

import (
	"fmt"
	"maps"
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
}

// instants are the columns by which a table is parted, where it has one: what is
// asked of it is mostly a quarter's.
var instants = []string{"occurred_at", "changed_at", "entered_at", "moved_at", "starts_at"}

// Limits of BigQuery's documentation ("Quotas and limits": clustered tables,
// length of descriptions).
const (
	mostClustered   = 4
	longestColumn   = 1024
	longestOfTables = 16384
)

// create is the statement up to its query.
func (d definition) create() string {
	list := make([]string, len(d.columns))
	for i, column := range d.columns {
		list[i] = "    " + identifier(column.Name) + " " + column.Type
		if column.Comment != "" {
			list[i] += " options(description = " + text(cut(column.Comment, longestColumn)) + ")"
		}
	}
	var b strings.Builder
	fmt.Fprintf(&b, "create or replace table %s (\n%s\n)", d.name, strings.Join(list, ",\n"))
	parted := d.parted()
	if parted != "" {
		fmt.Fprintf(&b, "\npartition by timestamp_trunc(%s, month)", identifier(parted))
	}
	if by := d.clustered(parted); len(by) > 0 {
		fmt.Fprintf(&b, "\ncluster by %s", strings.Join(by, ", "))
	}
	fmt.Fprintf(&b, "\noptions(description = %s, labels = [%s])", text(cut(d.comment, longestOfTables)), pairs(d.labels))
	return b.String()
}

// parted is the instant by whose month the table is parted, "" for none.
func (d definition) parted() string {
	for _, name := range instants {
		for _, column := range d.columns {
			if column.Name == name && column.Type == "timestamp" {
				return name
			}
		}
	}
	return ""
}

// clustered are the key's columns that BigQuery can sort by.
func (d definition) clustered(parted string) []string {
	var by []string
	for _, name := range d.key {
		i := slices.IndexFunc(d.columns, func(c warehouse.Column) bool { return c.Name == name })
		if i < 0 || name == parted || d.columns[i].Type == "float64" || d.columns[i].Type == "time" || len(by) == mostClustered {
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
