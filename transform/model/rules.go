package model

import (
	"fmt"
	"maps"
	"slices"
	"strings"

	"merit/transform/warehouse"
)

// What the engine derives from the headers of the flag rules, so that adding a
// rule is adding one file.
const (
	candidatesTable      = "audits.flag_candidates"
	ruleDefinitionsTable = "audits.rule_definitions"
)

// A Rule is a model of audits/ that says which records look suspicious. Whether
// they are a flag is decided for all rules by audits.flag_tests.
type Rule struct {
	Severity string // high holds the payout line until somebody has looked, look does not
	Test     string // share, count or figures: see audits.flag_tests
	Span     string // day or period: what one flag speaks of
}

var (
	ruleSeverities = []string{"high", "look"}
	ruleTests      = []string{"share", "count", "figures"}
	ruleSpans      = []string{"day", "period"}
)

// isRule tells whether a header says its severity, as only rules do.
func isRule(fields []field) bool {
	return slices.ContainsFunc(fields, func(f field) bool { return f.name == "severity" })
}

func (h *Header) setRule(f field) []finding {
	switch f.name {
	case "severity":
		h.Rule.Severity = f.text()
		return oneOf(f, ruleSeverities)
	case "test":
		h.Rule.Test = f.text()
		return oneOf(f, ruleTests)
	case "span":
		h.Rule.Span = f.text()
		return oneOf(f, ruleSpans)
	case "parameters":
		return h.setParameters(f)
	}
	return []finding{{f.line, fmt.Sprintf("no rule says %q; known are %s", f.name, strings.Join(slices.Concat(everyModelSays, everyRuleSays, metricMaySay), ", "))}}
}

// candidateColumns is what every rule gives: a row for each record that it looked
// at, the suspicious ones marked.
func candidateColumns() []warehouse.Column {
	return []warehouse.Column{
		{Name: "source", Type: "varchar", Comment: "the source's name in merit.yml"},
		{Name: "rep_id", Type: "varchar", Comment: "whose record it is"},
		{Name: "occurred_at", Type: "timestamp with time zone", Comment: "when it happened"},
		{Name: "record_type", Type: "varchar", Comment: "deal, activity or metric"},
		{Name: "record_id", Type: "varchar", Comment: "the CRM's id of the record"},
		{Name: "is_suspect", Type: "boolean", Comment: "true: it is one of those that the rule speaks of"},
		{Name: "detail", Type: "varchar", Comment: "what happened, in a plain sentence"},
	}
}

// figureColumns are what a rule gives besides when its test is "figures": it has
// computed them itself.
func figureColumns() []warehouse.Column {
	return []warehouse.Column{
		{Name: "measure", Type: "double", Comment: "what was measured"},
		{Name: "usual", Type: "double", Comment: "what is usual"},
		{Name: "threshold", Type: "double", Comment: "from where on the rule speaks"},
		{Name: "p_value", Type: "double", Comment: "the chance of it without a cause; null: the rule has none"},
	}
}

func (r Rule) columns() []warehouse.Column {
	if r.Test == "figures" {
		return slices.Concat(candidateColumns(), figureColumns())
	}
	return candidateColumns()
}

// asCandidates holds a rule to the columns of candidates and gives it their types.
func asCandidates(m *Model) []finding {
	var want, have []string
	for _, column := range m.Header.Rule.columns() {
		want = append(want, column.Name)
	}
	for _, column := range m.Columns {
		have = append(have, column.Name)
	}
	if !slices.Equal(want, have) {
		return []finding{{1, fmt.Sprintf("a rule whose test is %s gives exactly (%s), this one (%s)", m.Header.Rule.Test, strings.Join(want, ", "), strings.Join(have, ", "))}}
	}
	for i, column := range m.Header.Rule.columns() {
		m.Columns[i].Type = column.Type
	}
	return nil
}

// DefaultSettings are what plan.yml may set of a metric or a rule, as it holds
// unless the plan says otherwise.
func (m *Model) DefaultSettings() map[string][]string {
	settings := maps.Clone(m.Header.Parameters)
	if m.Header.Rule != nil {
		if settings == nil {
			settings = map[string][]string{}
		}
		settings["severity"] = []string{m.Header.Rule.Severity}
	}
	return settings
}

// Settable are the models besides metrics and rules of which plan.yml may set
// something, by name.
func (g *Graph) Settable() []*Model {
	var settable []*Model
	for _, name := range slices.Sorted(maps.Keys(g.models)) {
		if h := g.models[name].Header; h.Metric == nil && h.Rule == nil && len(h.Parameters) > 0 {
			settable = append(settable, g.models[name])
		}
	}
	return settable
}

// Rules are the flag rules, by name.
func (g *Graph) Rules() []*Model {
	var rules []*Model
	for _, name := range slices.Sorted(maps.Keys(g.models)) {
		if g.models[name].Header.Rule != nil {
			rules = append(rules, g.models[name])
		}
	}
	return rules
}

// candidates is the union of what all rules looked at.
func (g *Graph) candidates() *Model {
	m := &Model{
		Name: candidatesTable,
		Columns: slices.Concat([]warehouse.Column{{Name: "rule", Type: "varchar", Comment: "the rule's name"}},
			candidateColumns(), figureColumns()),
		Header: Header{
			Title:   "every record that a flag rule looked at, the suspicious ones marked",
			Grain:   "one row a rule and record",
			Key:     []string{"rule", "rep_id", "source", "record_type", "record_id", "occurred_at"},
			NotNull: []string{"rule", "source", "rep_id", "occurred_at", "record_type", "record_id", "is_suspect"},
			Signal:  "what a flag rests on",
			Owner:   "revenue operations",
			IsView:  true, // the rows are the rules' own
		},
	}
	var parts []string
	for _, rule := range g.Rules() {
		m.Needs = append(m.Needs, rule.Name)
		parts = append(parts, candidatesPart(rule))
	}
	m.SQL = strings.Join(parts, "\nunion all\n")
	return m
}

func candidatesPart(rule *Model) string {
	list := []string{sqlText(rule.Short()) + " as rule"}
	for _, column := range candidateColumns() {
		list = append(list, column.Name)
	}
	for _, column := range figureColumns() {
		if rule.Header.Rule.Test == "figures" {
			list = append(list, column.Name)
			continue
		}
		list = append(list, "cast(null as double) as "+column.Name)
	}
	return "select " + strings.Join(list, ", ") + "\nfrom " + rule.Name
}

// ruleDefinitions is a table of constants: what each rule's header says.
func (g *Graph) ruleDefinitions() *Model {
	columns := []warehouse.Column{
		{Name: "rule", Type: "varchar", Comment: "the rule's name"},
		{Name: "title", Type: "varchar", Comment: "what it looks for, in one sentence"},
		{Name: "test", Type: "varchar", Comment: "share, count or figures: how suspicious records become a flag"},
		{Name: "span", Type: "varchar", Comment: "day or period: what one flag speaks of"},
		{Name: "gaming", Type: "varchar", Comment: "how it can be evaded, and what catches that"},
	}
	var rows [][]string
	for _, rule := range g.Rules() {
		h := rule.Header
		rows = append(rows, []string{rule.Short(), h.Title, h.Rule.Test, h.Rule.Span, h.Gaming})
	}
	return constants(ruleDefinitionsTable, columns, rows, Header{
		Title: "what each flag rule means, from its own file", Grain: "one row a rule", Key: []string{"rule"},
		NotNull: []string{"rule", "title", "test", "span", "gaming"},
		Signal:  "the rules are published", Owner: "revenue operations",
	})
}
