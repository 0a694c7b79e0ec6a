package model

import (
	"fmt"
	"maps"
	"slices"
	"strings"
)

// A Filler says from which records of a CRM a staging table is filled.
type Filler struct {
	CRM   string
	Reads []string // the CRM's objects
}

// Upstream are all tables that a model is built on, down to staging and plan, by
// name.
func (g *Graph) Upstream(name string) []string {
	found := map[string]bool{}
	var follow func(string)
	follow = func(name string) {
		for _, need := range g.needs(name) {
			if !found[need] {
				found[need] = true
				follow(need)
			}
		}
	}
	follow(name)
	return slices.Sorted(maps.Keys(found))
}

func (g *Graph) needs(name string) []string {
	if m := g.models[name]; m != nil {
		return m.Needs
	}
	return nil
}

// Readers are the models that read a table themselves.
func (g *Graph) Readers(name string) []string {
	var readers []string
	for _, m := range g.Models() {
		if slices.Contains(m.Needs, name) {
			readers = append(readers, m.Name)
		}
	}
	return readers
}

// layers put a model and all that it is built on into columns: staging and plan
// first, each table to the right of all that it reads.
func (g *Graph) layers(name string) [][]string {
	depth := map[string]int{}
	var measure func(string) int
	measure = func(name string) int {
		if known, there := depth[name]; there {
			return known
		}
		deepest := -1
		for _, need := range g.needs(name) {
			deepest = max(deepest, measure(need))
		}
		depth[name] = deepest + 1
		return depth[name]
	}
	columns := make([][]string, measure(name)+1)
	for _, one := range append(g.Upstream(name), name) {
		columns[depth[one]] = append(columns[depth[one]], one)
	}
	return columns
}

// A drawing's measures, in pixels.
const (
	boxWidth, boxHeight = 210, 24
	columnGap, rowGap   = 60, 10
)

// Drawing is a model's lineage as SVG: what it reads stands to its left.
func (g *Graph) Drawing(name string) string {
	columns := g.layers(name)
	place := map[string][2]int{}
	height := 0
	for x, column := range columns {
		for y, one := range column {
			place[one] = [2]int{x * (boxWidth + columnGap), y * (boxHeight + rowGap)}
		}
		height = max(height, len(column)*(boxHeight+rowGap))
	}
	var b strings.Builder
	fmt.Fprintf(&b, `<svg viewBox="0 0 %d %d" width="%d" role="img" aria-label="lineage of %s">`, len(columns)*(boxWidth+columnGap)-columnGap, height, len(columns)*(boxWidth+columnGap)-columnGap, name)
	for _, one := range slices.Sorted(maps.Keys(place)) {
		to := place[one]
		for _, need := range g.needs(one) {
			from := place[need]
			x1, y1, x2, y2 := from[0]+boxWidth, from[1]+boxHeight/2, to[0], to[1]+boxHeight/2
			fmt.Fprintf(&b, `<path d="M%d %d C%d %d %d %d %d %d"/>`, x1, y1, x1+columnGap/2, y1, x2-columnGap/2, y2, x2, y2)
		}
	}
	for _, one := range slices.Sorted(maps.Keys(place)) {
		at := place[one]
		schema, _, _ := strings.Cut(one, ".")
		fmt.Fprintf(&b, `<a href="#%s"><rect class="%s" x="%d" y="%d" width="%d" height="%d" rx="4"/><text x="%d" y="%d">%s</text></a>`,
			one, schema, at[0], at[1], boxWidth, boxHeight, at[0]+8, at[1]+16, one)
	}
	b.WriteString("</svg>")
	return b.String()
}
