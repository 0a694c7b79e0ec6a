package model

import (
	"fmt"
	"maps"
	"regexp"
	"slices"
	"strings"
)

// A Header is what a model's file says of itself before its SQL.
type Header struct {
	Title   string // the first line's sentence
	Grain   string
	Key     []string
	Signal  string
	Owner   string
	NotNull []string // columns that are never null
	Checks  []Condition
	Gaming  string   // how it can be gamed, and what catches that
	Changed []string // dated
	IsView  bool     // "form: view": its query runs when it is read, no rows are kept
	Metric  *Metric  // nil outside of metrics/
	Rule    *Rule    // nil for all but the rules of audits/, which say their severity
	// Parameters are what plan.yml may set of a model, with their defaults; none: not set.
	Parameters map[string][]string
}

// A Metric says how evidence becomes a value (spec of metrics, rule 1).
type Metric struct {
	Value  string // sum, ratio, mean, median
	Unit   string // moves, days, share, money
	Better string // higher, lower
	// Control says who decides the value: the rep alone (own), the rep and others
	// (shared), or the customer (outcome). People are only ever compared by what is
	// their own.
	Control string
	Spans   []string // over which it can be told: week, month, quarter
	KPI     string
	OKR     string
	// Streams are the staging tables without which nothing can be said of it: none
	// of them filled, an empty value is unknown and not 0.
	Streams []string
	// Names say of a parameter what of a CRM its values name, which has to be there.
	Names map[string]Name
	// Choices are the values that a parameter may have, of those that have only some.
	Choices map[string][]string
	// NeedsOneOf are parameters of which a plan that uses the metric sets one.
	NeedsOneOf []string
}

// A Name is a kind of name at a CRM; where the other parameter is set, it need not be
// there.
type Name struct{ Kind, Unless string }

// kindsOfNames are what parameters may name.
var kindsOfNames = []string{"stage", "move", "subtype", "lead source", "forecast category", "deal field"}

// A Condition holds in every row.
type Condition struct {
	Name string
	SQL  string
	Line int
}

// A field is one "-- name: text" of a header, with its continuation lines.
type field struct {
	name  string
	lines []string
	line  int
}

var (
	fieldLine     = regexp.MustCompile(`^-- ([a-z_]+):\s*(.*)$`)
	moreLine      = regexp.MustCompile(`^--\s{2,}(\S.*)$`)
	conditionLine = regexp.MustCompile(`^([a-z][a-z0-9_]*):\s+(.+)$`)
	parameterLine = regexp.MustCompile(`^([a-z][a-z0-9_]*):\s*(.*)$`)
	columnName    = regexp.MustCompile(`^[a-z_][a-z0-9_]*$`)
)

var (
	everyModelSays  = []string{"grain", "key", "signal", "owner", "not_null", "changed"}
	everyMetricSays = []string{"value", "unit", "better", "control", "spans", "streams", "kpi", "okr", "gaming"}
	maySay          = []string{"checks", "gaming", "form", "parameters"}
	metricMaySay    = []string{"checks", "parameters", "names", "needs_one_of"}
	everyRuleSays   = []string{"severity", "test", "span", "gaming"}

	metricValues  = []string{"sum", "ratio", "mean", "median"}
	metricBetters = []string{"higher", "lower"}
	metricControl = []string{"own", "shared", "outcome"}
	metricSpans   = []string{"week", "month", "quarter"}

	modelForms = []string{"table", "view"}
)

// A finding is what is wrong at a line of a file.
type finding struct {
	line int
	text string
}

// parseHeader reads the comment block that a model's file begins with. It tells
// everything that is wrong, not only the first.
func parseHeader(name string, isMetric bool, sql string) (Header, []finding) {
	fields, findings := headerFields(sql)
	if len(fields) == 0 {
		return Header{}, append(findings, finding{1, fmt.Sprintf("the file begins with: -- %s: one plain sentence", name)})
	}
	if fields[0].name != name || fields[0].text() == "" {
		findings = append(findings, finding{1, fmt.Sprintf("the first line reads: -- %s: one plain sentence", name)})
	}
	h := Header{Title: fields[0].text()}
	if isMetric {
		h.Metric = &Metric{}
	} else if isRule(fields) {
		h.Rule = &Rule{}
	}
	said := map[string]bool{}
	for _, f := range fields[1:] {
		if said[f.name] && f.name != "changed" {
			findings = append(findings, finding{f.line, f.name + " is said twice"})
		}
		said[f.name] = true
		findings = append(findings, h.set(f)...)
	}
	must := everyModelSays
	switch {
	case h.Metric != nil:
		must = slices.Concat(everyModelSays, everyMetricSays)
	case h.Rule != nil:
		must = slices.Concat(everyModelSays, everyRuleSays)
	}
	findings = append(findings, h.unknownParameters()...)
	for _, word := range must {
		if !said[word] {
			findings = append(findings, finding{1, "the header says nothing of " + word})
		}
	}
	return h, findings
}

// unknownParameters are those that names or needs_one_of speak of and the metric
// does not have.
func (h *Header) unknownParameters() []finding {
	if h.Metric == nil {
		return nil
	}
	var findings []finding
	said := slices.Concat(slices.Sorted(maps.Keys(h.Metric.Names)), slices.Sorted(maps.Keys(h.Metric.Choices)), h.Metric.NeedsOneOf)
	for _, name := range said {
		if _, there := h.Parameters[name]; !there {
			findings = append(findings, finding{1, fmt.Sprintf("names or needs_one_of speaks of %q, which is no parameter", name)})
		}
	}
	return findings
}

// headerFields splits the comment lines before the first line that is none.
func headerFields(sql string) ([]field, []finding) {
	var fields []field
	var findings []finding
	for i, line := range strings.Split(sql, "\n") {
		line = strings.TrimRight(line, " \t\r")
		if !strings.HasPrefix(line, "--") {
			break
		}
		if m := fieldLine.FindStringSubmatch(line); m != nil {
			fields = append(fields, field{name: m[1], line: i + 1})
			if m[2] != "" {
				fields[len(fields)-1].lines = []string{m[2]}
			}
			continue
		}
		m := moreLine.FindStringSubmatch(line)
		if m == nil || len(fields) == 0 {
			findings = append(findings, finding{i + 1, "a header line reads -- word: text, and goes on with -- and more spaces"})
			continue
		}
		last := &fields[len(fields)-1]
		last.lines = append(last.lines, m[1])
	}
	return fields, findings
}

func (f field) text() string { return strings.Join(f.lines, " ") }

func (h *Header) set(f field) []finding {
	if f.text() == "" {
		return []finding{{f.line, f.name + " says nothing"}}
	}
	switch f.name {
	case "grain":
		h.Grain = f.text()
	case "key":
		return columnsInto(&h.Key, f)
	case "signal":
		h.Signal = f.text()
	case "owner":
		h.Owner = f.text()
	case "not_null":
		return columnsInto(&h.NotNull, f)
	case "checks":
		return h.setChecks(f)
	case "gaming":
		h.Gaming = f.text()
	case "changed":
		h.Changed = append(h.Changed, f.lines...)
	case "form":
		h.IsView = f.text() == "view"
		return oneOf(f, modelForms)
	default:
		return h.setMetric(f)
	}
	return nil
}

func (h *Header) setMetric(f field) []finding {
	if h.Rule != nil {
		return h.setRule(f)
	}
	if h.Metric == nil {
		if f.name == "parameters" {
			return h.setParameters(f)
		}
		return []finding{{f.line, fmt.Sprintf("no model says %q; known are %s", f.name, strings.Join(slices.Concat(everyModelSays, maySay), ", "))}}
	}
	switch f.name {
	case "value":
		h.Metric.Value = f.text()
		return oneOf(f, metricValues)
	case "streams":
		return columnsInto(&h.Metric.Streams, f)
	case "unit":
		h.Metric.Unit = f.text()
	case "better":
		h.Metric.Better = f.text()
		return oneOf(f, metricBetters)
	case "control":
		h.Metric.Control = f.text()
		return oneOf(f, metricControl)
	case "spans":
		return h.setSpans(f)
	case "kpi":
		h.Metric.KPI = f.text()
	case "okr":
		h.Metric.OKR = f.text()
	case "parameters":
		return h.setParameters(f)
	case "names":
		return h.setNames(f)
	case "needs_one_of":
		return columnsInto(&h.Metric.NeedsOneOf, f)
	default:
		return []finding{{f.line, fmt.Sprintf("no metric says %q; known are %s", f.name, strings.Join(slices.Concat(everyModelSays, everyMetricSays, metricMaySay), ", "))}}
	}
	return nil
}

// setSpans reads the spans of time that a metric can be told over.
func (h *Header) setSpans(f field) []finding {
	h.Metric.Spans = strings.Fields(f.text())
	for _, span := range h.Metric.Spans {
		if !slices.Contains(metricSpans, span) {
			return []finding{{f.line, fmt.Sprintf("spans are of %s, not %q", strings.Join(metricSpans, ", "), span)}}
		}
	}
	return nil
}

// setChecks reads "name: condition", one or more; a line without a name goes on
// with the condition before.
func (h *Header) setChecks(f field) []finding {
	for i, line := range f.lines {
		if m := conditionLine.FindStringSubmatch(line); m != nil {
			h.Checks = append(h.Checks, Condition{Name: m[1], SQL: m[2], Line: f.line + i})
			continue
		}
		if len(h.Checks) == 0 {
			return []finding{{f.line, "a check reads name: condition"}}
		}
		h.Checks[len(h.Checks)-1].SQL += " " + line
	}
	return nil
}

// setParameters reads one "name: default" a line; a list has commas.
func (h *Header) setParameters(f field) []finding {
	h.Parameters = map[string][]string{}
	var findings []finding
	for i, line := range f.lines {
		match := parameterLine.FindStringSubmatch(line)
		if match == nil {
			findings = append(findings, finding{f.line + i, "a parameter reads name: default"})
			continue
		}
		h.Parameters[match[1]] = strings.FieldsFunc(match[2], func(r rune) bool { return r == ',' })
		for at, value := range h.Parameters[match[1]] {
			h.Parameters[match[1]][at] = strings.TrimSpace(value)
		}
	}
	return findings
}

// setNames reads one "parameter: kind of name" a line, or "parameter: one of a, b".
func (h *Header) setNames(f field) []finding {
	h.Metric.Names, h.Metric.Choices = map[string]Name{}, map[string][]string{}
	var findings []finding
	for i, line := range f.lines {
		match := parameterLine.FindStringSubmatch(line)
		if match == nil {
			findings = append(findings, finding{f.line + i, "a name reads parameter: what it names"})
			continue
		}
		if choices, isChoice := strings.CutPrefix(match[2], "one of "); isChoice {
			h.Metric.Choices[match[1]] = strings.Split(choices, ", ")
			continue
		}
		kind, unless, _ := strings.Cut(match[2], " unless ")
		if !slices.Contains(kindsOfNames, kind) {
			findings = append(findings, finding{f.line + i, fmt.Sprintf("a parameter names one of %s, or has one of some values; %q is neither", strings.Join(kindsOfNames, ", "), kind)})
		}
		h.Metric.Names[match[1]] = Name{kind, unless}
	}
	return findings
}

func columnsInto(list *[]string, f field) []finding {
	for _, column := range strings.Split(f.text(), ",") {
		column = strings.TrimSpace(column)
		if !columnName.MatchString(column) {
			return []finding{{f.line, fmt.Sprintf("%s lists columns, %q is none", f.name, column)}}
		}
		*list = append(*list, column)
	}
	return nil
}

func oneOf(f field, allowed []string) []finding {
	if slices.Contains(allowed, f.text()) {
		return nil
	}
	return []finding{{f.line, fmt.Sprintf("%s is one of %s, not %q", f.name, strings.Join(allowed, ", "), f.text())}}
}
