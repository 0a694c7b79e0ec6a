package model

import (
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"

	"merit/transform/warehouse"
)

// What a column holds that must hold something and that an example does not
// show: the story's own facts only are in sight.
var unshown = map[string]string{
	"source":       "crm",
	"pipeline_id":  "default",
	"currency":     "USD",
	"role":         "ae",
	"kind":         "call",
	"valid_from":   "2020-01-01",
	"cap":          "120",
	"when_missing": "redistribute",
}

var unshownByType = map[string]string{
	"boolean":                  "false",
	"bigint":                   "0",
	"double":                   "0",
	"date":                     "2026-01-01",
	"timestamp with time zone": "2026-01-01T00:00:00Z",
}

// contractRows are the rows of a contract table, with all its columns.
func (e Example) contractRows(g *Graph, table warehouse.Relation) ([][]any, error) {
	given, isGiven := e.table(table.String())
	if table.String() == "plan.as_of" && !isGiven {
		return [][]any{{e.asOf, e.asOf.In(e.zone).Format(time.DateOnly), e.zone.String(), "USD"}}, nil
	}
	rows := make([][]any, 0, len(given.rows))
	for _, name := range given.columns {
		if !slices.ContainsFunc(table.Columns, func(c warehouse.Column) bool { return c.Name == name }) {
			return nil, fmt.Errorf("%s:%d: %s has no column %s", e.File, given.line, table, name)
		}
	}
	for _, cells := range given.rows {
		row := make([]any, len(table.Columns))
		for i, column := range table.Columns {
			at := slices.Index(given.columns, column.Name)
			switch {
			case at >= 0 && !cells[at].isNull:
				row[i] = cells[at].text
			case at < 0 && !column.Nullable:
				row[i] = e.unshown(column, given.columns, cells)
			}
		}
		rows = append(rows, row)
	}
	if table.String() == "plan.settings" {
		return append(rows, e.defaultSettings(g, given)...), nil
	}
	return rows, nil
}

func (e Example) table(name string) (rowsOf, bool) {
	for _, t := range e.given {
		if t.table == name {
			return t, true
		}
	}
	return rowsOf{}, false
}

// unshown is what stands in a column that must hold something. starts_at,
// ends_at and days follow from the dates beside them.
func (e Example) unshown(column warehouse.Column, shown []string, cells []cell) string {
	day := func(name string) (time.Time, bool) {
		at := slices.Index(shown, name)
		if at < 0 {
			return time.Time{}, false
		}
		t, err := time.ParseInLocation(time.DateOnly, cells[at].text, e.zone)
		return t, err == nil
	}
	first, hasFirst := day("starts_on")
	last, hasLast := day("ends_on")
	switch {
	case column.Name == "starts_at" && hasFirst:
		return first.UTC().Format(time.RFC3339)
	case column.Name == "ends_at" && hasLast:
		return last.AddDate(0, 0, 1).UTC().Format(time.RFC3339)
	case column.Name == "days" && hasFirst && hasLast:
		return fmt.Sprint(int(last.AddDate(0, 0, 1).Sub(first).Round(24*time.Hour).Hours()) / 24)
	}
	if text, known := unshown[column.Name]; known {
		return text
	}
	if strings.HasPrefix(column.Type, "numeric") {
		return "0"
	}
	return unshownByType[column.Type] // "" for a text
}

// defaultSettings are the metrics' and rules' own parameters in each given period, where
// the example does not set them: as the plan's loader fills them in.
func (e Example) defaultSettings(g *Graph, given rowsOf) [][]any {
	var rows [][]any
	periods, _ := e.table("plan.periods")
	at := slices.Index(periods.columns, "period")
	if at < 0 {
		return nil
	}
	for _, period := range periods.rows {
		for _, m := range slices.Concat(g.Metrics(), g.Rules(), g.Settable()) {
			settings := m.DefaultSettings()
			for _, name := range slices.Sorted(maps.Keys(settings)) {
				if given.mentions(map[string]string{"period": period[at].text, "metric": m.Short(), "name": name}) {
					continue
				}
				for _, value := range settings[name] {
					rows = append(rows, []any{period[at].text, m.Short(), name, value})
				}
			}
		}
	}
	return rows
}

// mentions tells whether a row has these values in these columns.
func (t rowsOf) mentions(values map[string]string) bool {
	return slices.ContainsFunc(t.rows, func(cells []cell) bool {
		for column, value := range values {
			at := slices.Index(t.columns, column)
			if at < 0 || cells[at].text != value {
				return false
			}
		}
		return true
	})
}

// insert writes given rows into a model's table, made before by its own query.
// Columns by convention: is_ and has_ are false when not shown.
func (t rowsOf) insert(m *Model) string {
	columns := slices.Clone(t.columns)
	var more []string
	for _, column := range m.Columns {
		switch {
		case slices.Contains(t.columns, column.Name):
			continue
		case column.Name == "source":
			more = append(more, sqlText(unshown["source"]))
		case strings.HasPrefix(column.Name, "is_"), strings.HasPrefix(column.Name, "has_"):
			more = append(more, "false")
		default:
			continue
		}
		columns = append(columns, column.Name)
	}
	var rows []string
	for _, cells := range t.rows {
		var values []string
		for _, c := range cells {
			if c.isNull {
				values = append(values, "null")
				continue
			}
			values = append(values, sqlText(c.text))
		}
		rows = append(rows, "("+strings.Join(append(values, more...), ", ")+")")
	}
	if len(rows) == 0 {
		return ""
	}
	return fmt.Sprintf("insert into %s (%s) values %s", m.Name, strings.Join(columns, ", "), strings.Join(rows, ", "))
}
