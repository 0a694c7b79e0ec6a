package model

import (
	"fmt"
	"maps"
	"slices"
	"strings"
)

// Catalogue is what the models' headers say, as Markdown: every metric with its
// definition, unit, parameters, how it can be gamed and its lineage down to
// staging, then every table with its grain, columns and what it reads from, then
// from which records of which CRM staging is filled, then where each trap of the
// data is worked out.
func (g *Graph) Catalogue(fillers map[string][]Filler) (string, error) {
	var b strings.Builder
	b.WriteString("# Metrics and tables\n\nMade from the headers of the models by `make docs`.\n\n## Metrics\n\n")
	b.WriteString("| metric | what it is | value | unit | better | control | spans | parameters |\n|---|---|---|---|---|---|---|---|\n")
	for _, m := range g.Metrics() {
		metric := m.Header.Metric
		fmt.Fprintf(&b, "| [`%s`](%s) | %s | %s | %s | %s | %s | %s | %s |\n", m.shortName(), m.File, m.Header.Title, metric.Value, metric.Unit, metric.Better, metric.Control, strings.Join(metric.Spans, ", "), m.Header.parameters())
	}
	for _, m := range g.Metrics() {
		fmt.Fprintf(&b, "\n### %s\n\n%s.\n\n- Signal: %s\n- KPI: %s\n- OKR: %s\n- Owner: %s\n- How it can be gamed, and what catches that: %s\n- Reads %s\n- Down to %s\n",
			m.shortName(), sentence(m.Header.Title), m.Header.Signal, m.Header.Metric.KPI, m.Header.Metric.OKR, m.Header.Owner, m.Header.Gaming, code(m.Needs), code(g.stagingOf(m.Name)))
	}
	b.WriteString("\n## Tables\n")
	for _, m := range g.Models() {
		if m.Header.Metric != nil {
			continue
		}
		fmt.Fprintf(&b, "\n### %s\n\n%s. Grain: %s. Key: %s. Reads %s\n\n| column | what it is |\n|---|---|\n", m.Name, sentence(m.Header.Title), m.Header.Grain, code(m.Header.Key), code(m.Needs))
		for _, c := range m.Columns {
			fmt.Fprintf(&b, "| %s | %s |\n", c.Name, strings.ReplaceAll(c.Comment, "|", `\|`))
		}
	}
	b.WriteString("\n## What sources fill\n\n| table | what it is | from |\n|---|---|---|\n")
	for _, r := range g.Contract() {
		if r.Schema == "staging" {
			fmt.Fprintf(&b, "| `%s` | %s | %s |\n", r, r.Comment, filledFrom(fillers[r.String()]))
		}
	}
	traps, err := g.trapTable()
	if err != nil {
		return "", err
	}
	return b.String() + traps, nil
}

// trapTable is model by trap: where a worked example has it in its rows, and
// where the file of examples says why it can't be met.
func (g *Graph) trapTable() (string, error) {
	var b strings.Builder
	b.WriteString("\n## Traps\n\nWhat CRM data does that makes a metric wrong when nobody thought of it:\n\n")
	head, rule := "| worked examples of |", "|---|"
	for _, trap := range Traps() {
		fmt.Fprintf(&b, "- %s: %s\n", trap.Name, trap.Sentence)
		head, rule = head+" "+trap.Name+" |", rule+":-:|"
	}
	fmt.Fprintf(&b, "\n● a worked example has it in its rows; – the file of examples says why it can't hurt there, or which table below it tells that and has the example; empty: it comes nowhere near the model.\n\n%s\n%s\n", head, rule)
	others := slices.DeleteFunc(g.Models(), func(m *Model) bool { return m.Header.Metric != nil })
	slices.SortFunc(others, func(a, b *Model) int { return strings.Compare(a.Name, b.Name) })
	for _, m := range append(g.Metrics(), others...) {
		worked, err := g.worked(m)
		if err != nil {
			return "", err
		}
		if len(worked.examples) == 0 && len(worked.excused) == 0 {
			continue
		}
		fmt.Fprintf(&b, "| [%s](%s) |", m.Name, m.examplesFile())
		for _, trap := range Traps() {
			fmt.Fprintf(&b, " %s |", worked.markOf(trap))
		}
		b.WriteString("\n")
	}
	return b.String(), nil
}

func (w workedExamples) markOf(trap Trap) string {
	switch {
	case slices.ContainsFunc(w.examples, func(e Example) bool { return slices.Contains(e.Traps, trap.Name) }):
		return "●"
	case slices.Contains(w.excused, trap.Name):
		return "–"
	}
	return ""
}

// filledFrom names the CRMs and their objects; files can fill any table.
func filledFrom(fillers []Filler) string {
	var all []string
	for _, f := range fillers {
		if len(f.Reads) > 0 {
			all = append(all, f.CRM+": "+code(f.Reads))
		}
	}
	return strings.Join(append(all, "files"), "; ")
}

func (m *Model) shortName() string { return strings.TrimPrefix(m.Name, metricsFolder+".") }

func (h Header) parameters() string {
	var all []string
	for _, name := range slices.Sorted(maps.Keys(h.Parameters)) {
		all = append(all, fmt.Sprintf("`%s`: %s", name, orNone(strings.Join(h.Parameters[name], ", "))))
	}
	return orNone(strings.Join(all, "; "))
}

func orNone(text string) string {
	if text == "" {
		return "none"
	}
	return text
}

func sentence(text string) string { return strings.ToUpper(text[:1]) + text[1:] }

func code(names []string) string {
	var quoted []string
	for _, name := range names {
		quoted = append(quoted, "`"+name+"`")
	}
	return orNone(strings.Join(quoted, ", "))
}
