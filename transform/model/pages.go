package model

import (
	_ "embed"
	"fmt"
	"html/template"
	"slices"
	"strings"
)

//go:embed catalogue.html
var cataloguePage string

// Page is the catalogue as one HTML page that needs nothing beside itself: every
// metric with its definition and its lineage drawn, every table with its columns,
// and from which records of which CRM staging is filled.
func (g *Graph) Page(fillers map[string][]Filler) (string, error) {
	page, err := template.New("catalogue").Funcs(template.FuncMap{
		"drawing":    func(m *Model) template.HTML { return template.HTML(g.Drawing(m.Name)) }, // made of names that the loader has checked
		"staging":    func(m *Model) []string { return g.stagingOf(m.Name) },
		"readers":    g.Readers,
		"fillers":    func(table string) []Filler { return fillers[table] },
		"parameters": func(h Header) string { return strings.ReplaceAll(h.parameters(), "`", "") },
		"sentence":   sentence,
		"join":       func(list []string) string { return strings.Join(list, ", ") },
	}).Parse(cataloguePage)
	if err != nil {
		return "", fmt.Errorf("the catalogue's page: %w", err)
	}
	var b strings.Builder
	err = page.Execute(&b, map[string]any{
		"Metrics":  g.Metrics(),
		"Tables":   slices.DeleteFunc(g.Models(), func(m *Model) bool { return m.Header.Metric != nil }),
		"Contract": g.Contract(),
		"CRMs":     crmsOf(fillers),
	})
	if err != nil {
		return "", fmt.Errorf("the catalogue's page: %w", err)
	}
	return b.String(), nil
}

// stagingOf are the staging tables that a model is built on.
func (g *Graph) stagingOf(name string) []string {
	return slices.DeleteFunc(g.Upstream(name), func(table string) bool { return !strings.HasPrefix(table, "staging.") })
}

func crmsOf(fillers map[string][]Filler) []string {
	var crms []string
	for _, of := range fillers {
		for _, f := range of {
			if !slices.Contains(crms, f.CRM) {
				crms = append(crms, f.CRM)
			}
		}
	}
	slices.Sort(crms)
	return crms
}
