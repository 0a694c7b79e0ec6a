package model

import (
	"maps"
	"slices"

	"merit/transform/warehouse"
)

// names is a table of constants: which parameters name something at a CRM. A name
// that no record has is unknown, and not 0.
func (g *Graph) names() *Model {
	columns := []warehouse.Column{
		{Name: "metric", Type: "varchar", Comment: "the metric's name"},
		{Name: "name", Type: "varchar", Comment: "its parameter"},
		{Name: "kind", Type: "varchar", Comment: "what its values name: stage, move, subtype, lead source, forecast category or deal field"},
		{Name: "unless_name", Type: "varchar", Comment: "another parameter: where it is set, this one need not match; '' is none"},
	}
	var rows [][]string
	for _, metric := range g.Metrics() {
		named := metric.Header.Metric.Names
		for _, name := range slices.Sorted(maps.Keys(named)) {
			rows = append(rows, []string{metric.Short(), name, named[name].Kind, named[name].Unless})
		}
	}
	return constants(namesTable, columns, rows, Header{
		Title: "which parameters of metrics name something at a CRM", Grain: "one row a metric and parameter", Key: []string{"metric", "name"},
		NotNull: []string{"metric", "name", "kind", "unless_name"}, Signal: "a misspelt name is unknown, not 0", Owner: "revenue operations",
	})
}
