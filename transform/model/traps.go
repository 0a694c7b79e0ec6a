package model

import (
	"fmt"
	"regexp"
	"slices"
	"strings"
	"time"
)

// A Trap is something that CRM data does and that makes a metric wrong when
// nobody thought of it. A worked example that has it in its data says so with a
// line of its own under its title, and before what it gives:
//
//	traps: regression, ties
//
// A model that a trap reaches and can't hurt, or that only hands on what a table
// below it tells, says so before the file's first
// example:
//
//   - cannot meet currency, uneven split: deals are counted, not money
//
// Every trap that reaches a model is in one of the two (TrapFindings).
type Trap struct {
	Name     string
	Sentence string
	through  []string           // a model that is none of these and reads none of them is out of its reach; none: it reaches every model
	isShown  func(Example) bool // what an example's rows must have at the least; nil: a reader has to tell
}

// Traps are those that the field knows, in the order of a deal's life.
func Traps() []Trap {
	stages, changes := []string{"core.stage_changes"}, []string{"staging.deal_changes"}
	return []Trap{
		{"same-stage rows", "The CRM wrote a history row for the stage although the stage stayed what it was.", stages, nil},
		{"skip", "A deal moved forward by more than one stage at once.", stages, nil},
		{"regression", "A deal moved back to an earlier stage.", stages, nil},
		{"re-entry", "A deal came a second time to a stage in which it had been.", stages, nil},
		{"reopened", "A deal that was won or lost was opened again.", stages, nil},
		{"ties", "Two changes have the same instant, and only the CRM's order tells which came first.", changes, nil},
		{"history before creation", "History was imported and is older than the record that it belongs to.", changes, nil},
		{"truncated history", "The CRM has forgotten what was before its oldest row.", changes, forgetful},
		{"owner changed", "A deal went from one rep to another within the period.", []string{"core.deal_owner_spans"}, nil},
		{"uneven split", "The shares of those who sold a deal do not sum to 100.", []string{"core.deal_credits"}, nil},
		{"another zone", "The period begins and ends at a midnight that is not midnight UTC.", nil, Example.isElsewhere},
		{"summer time", "The clock changes within the period, so that it is no whole number of 24 hours.", nil, Example.hasSummerTime},
		{"currency", "An amount is in another currency than the company's.", []string{"core.rates"}, foreign},
		{"merged", "A record was merged into another one and lives on there.", []string{"staging.merges", "staging.deals"}, merged},
		{"deleted", "A record was deleted after it had counted.", []string{
			"staging.accounts", "staging.activities", "staging.contacts", "staging.deal_credits",
			"staging.deal_lines", "staging.deals", "staging.documents", "staging.renewals",
		}, deleted},
		{"immature demo", "A demo is too young to have led to anything.", []string{"core.demos"}, nil},
		{"no snapshot", "Nobody kept what was forecast on the day of locking.", []string{"core.forecast_results"}, nil},
		{"rep without deals", "Somebody on the roster has nothing that could be counted.", []string{"plan.reps"}, nil},
	}
}

func trapCalled(name string) (Trap, error) {
	all := Traps()
	at := slices.IndexFunc(all, func(t Trap) bool { return t.Name == name })
	if at >= 0 {
		return all[at], nil
	}
	var names []string
	for _, t := range all {
		names = append(names, t.Name)
	}
	return Trap{}, fmt.Errorf("no trap is called %q, these are: %s", name, strings.Join(names, ", "))
}

// reaches tells whether the trap's rows come down to the model at all.
func (t Trap) reaches(g *Graph, m *Model) bool {
	if len(t.through) == 0 {
		return true
	}
	tables := append(g.Upstream(m.Name), m.Name)
	if m.Header.Metric != nil { // whose evidence is counted by the roster
		tables = append(tables, g.Upstream(rosterTable)...)
	}
	return slices.ContainsFunc(t.through, func(table string) bool { return slices.Contains(tables, table) })
}

// TrapAdvice tells an author how a trap that no example covers is answered.
const TrapAdvice = `Each trap is what CRM data does and what has made metrics wrong. Give a worked example rows that have it in them, and under the example's title the line
	traps: regression, ties
or say before the file's first example why it can't change what the model says, or which table below has decided it:
	- cannot meet currency, uneven split: deals are counted, not money
	- cannot meet skip, regression: core.stage_transitions tells these, and has examples of them`

// TrapFindings are the places where the named models' examples and the traps do
// not fit: a trap that reaches a model and that no example covers and no line
// excuses, and whatever is claimed or excused without cause.
func (g *Graph) TrapFindings(models []*Model) ([]string, error) {
	var findings []string
	for _, m := range models {
		worked, err := g.worked(m)
		if err != nil {
			return nil, err
		}
		for _, trap := range Traps() {
			findings = append(findings, g.trapFindings(m, worked, trap)...)
		}
	}
	return findings, nil
}

func (g *Graph) trapFindings(m *Model, worked workedExamples, trap Trap) []string {
	var findings []string
	excused := slices.Contains(worked.excused, trap.Name)
	reached, covered := trap.reaches(g, m), false
	for _, e := range worked.examples {
		if !slices.Contains(e.Traps, trap.Name) {
			continue
		}
		covered = true
		at := fmt.Sprintf("%s:%d: ", e.File, e.Line)
		switch {
		case excused:
			findings = append(findings, at+"an example covers "+trap.Name+", which the file says that the model cannot meet")
		case !reached:
			findings = append(findings, at+"an example covers "+trap.Name+", which comes by "+strings.Join(trap.through, ", ")+", and the model reads none of these")
		case trap.isShown != nil && !trap.isShown(e):
			findings = append(findings, at+"an example covers "+trap.Name+", and no row or line of it shows that")
		}
	}
	switch {
	case reached && !covered && !excused:
		findings = append(findings, fmt.Sprintf("%s:1: no example covers %s: %s", m.examplesFile(), trap.Name, trap.Sentence))
	case excused && !reached:
		findings = append(findings, fmt.Sprintf("%s:1: %s is excused and comes nowhere near the model", m.examplesFile(), trap.Name))
	}
	return findings
}

var (
	trapsLine  = regexp.MustCompile(`^traps: (.+)$`)
	excuseLine = regexp.MustCompile(`^- cannot meet ([^:]+): \S`)
)

// trapsIn reads the names of a line, each at most once.
func trapsIn(list string, already []string) ([]string, error) {
	for _, name := range strings.Split(list, ", ") {
		trap, err := trapCalled(name)
		if err != nil {
			return nil, err
		}
		if slices.Contains(already, trap.Name) {
			return nil, fmt.Errorf("%s is named twice", trap.Name)
		}
		already = append(already, trap.Name)
	}
	return already, nil
}

func (e Example) isElsewhere() bool {
	_, offset := e.asOf.In(e.zone).Zone()
	return offset != 0 || e.hasSummerTime()
}

func (e Example) hasSummerTime() bool {
	_, winter := time.Date(e.asOf.Year(), time.January, 1, 0, 0, 0, 0, e.zone).Zone()
	_, summer := time.Date(e.asOf.Year(), time.July, 1, 0, 0, 0, 0, e.zone).Zone()
	return winter != summer
}

// hasCell tells whether a given row has such a value in one of the columns.
func (e Example) hasCell(is func(text string) bool, columns ...string) bool {
	return slices.ContainsFunc(e.given, func(t rowsOf) bool {
		return slices.ContainsFunc(t.rows, func(row []cell) bool {
			for i, column := range t.columns {
				if slices.Contains(columns, column) && !row[i].isNull && is(row[i].text) {
					return true
				}
			}
			return false
		})
	})
}

func isTrue(text string) bool { return text == "true" }
func isAny(string) bool       { return true }

func forgetful(e Example) bool {
	return e.hasCell(isTrue, "is_truncated", "is_owner_forgotten") || e.hasCell(isAny, "forgotten_until")
}

func foreign(e Example) bool {
	return e.hasCell(func(text string) bool { return text != "USD" }, "currency")
}

func merged(e Example) bool { return e.hasCell(isAny, "into_id") }

func deleted(e Example) bool { return e.hasCell(isTrue, "is_deleted") }
