package bigquery

import (
	"slices"
	"strings"

	bq "cloud.google.com/go/bigquery"

	"merit/transform/warehouse"
)

// widens are the types that a column's type may be changed to where it stands ("alter
// column set data type"): each holds every value of those before it.
var widens = map[string][]string{
	"int64":   {"numeric", "bignumeric", "float64"},
	"numeric": {"bignumeric", "float64"},
}

// bare is a type without its digits.
func bare(kind string) string {
	name, _, _ := strings.Cut(kind, "(")
	return name
}

// fieldNamed is a column of the readers' table as it is, with its type.
func (s showing) fieldNamed(name string) (kind string, isThere bool) {
	at := slices.IndexFunc(s.before.Schema, func(f *bq.FieldSchema) bool { return f.Name == name })
	if at < 0 {
		return "", false
	}
	kind, err := sqlType(s.before.Schema[at])
	if err != nil {
		return "a type that nothing becomes", true
	}
	return kind, true
}

// columnsBefore are the statements that give the readers' table the columns that it lacks.
// Readers see them empty until the commit. A column whose type can't be widened is dropped
// and added: until the commit readers see it empty.
func (s showing) columnsBefore() []string {
	if s.before == nil {
		return nil
	}
	var drops, adds, widened []string
	for _, column := range s.columns {
		kind, isThere := s.fieldNamed(column.Name)
		add := "add column " + identifier(column.Name) + " " + column.Type + described(column)
		switch {
		case !isThere:
			adds = append(adds, add)
		case kind == column.Type, kind == bare(column.Type): // a type without digits has room for any
		case bare(kind) == bare(column.Type):
			widened = append(widened, s.altered(column.Name, bare(kind)))
		case slices.Contains(widens[bare(kind)], bare(column.Type)):
			widened = append(widened, s.altered(column.Name, column.Type))
		default:
			drops, adds = append(drops, "drop column "+identifier(column.Name)), append(adds, add)
		}
	}
	var statements []string
	for _, list := range [][]string{drops, adds} {
		if len(list) > 0 {
			statements = append(statements, "alter table "+s.name+" "+strings.Join(list, ", "))
		}
	}
	return append(statements, widened...)
}

func (s showing) altered(column, kind string) string {
	return "alter table " + s.name + " alter column " + identifier(column) + " set data type " + kind
}

// columnsAfter is the statement that takes the columns away that are no more.
func (s showing) columnsAfter() string {
	var list []string
	for _, field := range s.before.Schema {
		if !slices.ContainsFunc(s.columns, func(c warehouse.Column) bool { return c.Name == field.Name }) {
			list = append(list, "drop column "+identifier(field.Name))
		}
	}
	if len(list) == 0 {
		return ""
	}
	return "alter table " + s.name + " " + strings.Join(list, ", ")
}

func described(column warehouse.Column) string {
	if column.Comment == "" {
		return ""
	}
	return " options(description = " + text(cut(column.Comment, longestColumn)) + ")"
}
