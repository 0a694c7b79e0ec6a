package model

import (
	"fmt"
	"maps"
	"slices"
	"strings"

	"merit/transform/warehouse"
)

// What the engine derives from the metrics' headers, so that adding a metric is
// adding one file.
const (
	evidenceTable    = "scores.metric_evidence"
	definitionsTable = "scores.metric_definitions"
	streamsTable     = "scores.metric_streams"
	namesTable       = "scores.metric_names"
	spansTable       = "scores.metric_spans"
	rosterTable      = "core.rep_assignments"
)

// evidenceColumns is what every metric gives: a row for each CRM record that
// counts, for or against.
func evidenceColumns() []warehouse.Column {
	return []warehouse.Column{
		{Name: "source", Type: "varchar", Comment: "the source's name in merit.yml"},
		{Name: "rep_id", Type: "varchar", Comment: "who it counts for: the owner at the time it happened"},
		{Name: "occurred_at", Type: "timestamp with time zone", Comment: "when it happened"},
		{Name: "record_type", Type: "varchar", Comment: "deal or activity"},
		{Name: "record_id", Type: "varchar", Comment: "the CRM's id of the record"},
		{Name: "numerator", Type: "numeric(38, 9)", Comment: "what it adds above the line"},
		{Name: "denominator", Type: "numeric(38, 9)", Comment: "what it adds below the line"},
		{Name: "is_truncated", Type: "boolean", Comment: "true: the CRM had forgotten part of what it rests on"},
		{Name: "detail", Type: "varchar", Comment: "what happened, in a plain sentence"},
	}
}

// unknownColumn is what a metric gives beside them when a record may count with a
// worth that nobody knows: its value is then unknown, not smaller.
func unknownColumn() warehouse.Column {
	return warehouse.Column{Name: "unknown_reason", Type: "varchar", Comment: "why its worth is not known, which makes the value unknown: value unknown, unknown reference or history forgotten; null: it is known"}
}

// asEvidence holds a metric to the columns of evidence and gives it their types.
func asEvidence(m *Model) []finding {
	var want, have []string
	columns := evidenceColumns()
	if m.tellsUnknown() {
		columns = append(columns, unknownColumn())
	}
	for _, column := range columns {
		want = append(want, column.Name)
	}
	for _, column := range m.Columns {
		have = append(have, column.Name)
	}
	if !slices.Equal(want, have) {
		return []finding{{1, fmt.Sprintf("a metric gives exactly (%s), and may give %s after them; this one gives (%s)", strings.Join(want, ", "), unknownColumn().Name, strings.Join(have, ", "))}}
	}
	for i, column := range columns {
		m.Columns[i].Type = column.Type
	}
	return nil
}

// tellsUnknown tells that a metric gives the column for what is not known.
func (m *Model) tellsUnknown() bool {
	return slices.ContainsFunc(m.Columns, func(c warehouse.Column) bool { return c.Name == unknownColumn().Name })
}

// Metrics are the metric models, by name.
func (g *Graph) Metrics() []*Model {
	var metrics []*Model
	for _, name := range slices.Sorted(maps.Keys(g.models)) {
		if g.models[name].Header.Metric != nil {
			metrics = append(metrics, g.models[name])
		}
	}
	return metrics
}

// derived are the tables whose SQL follows from the headers.
func (g *Graph) derived() ([]*Model, error) {
	for _, name := range []string{evidenceTable, definitionsTable, streamsTable, namesTable, spansTable, candidatesTable, ruleDefinitionsTable} {
		if m := g.models[name]; m != nil {
			return nil, fmt.Errorf("%s: %s is made from the models' headers and has no file", m.File, name)
		}
	}
	derived := []*Model{g.evidence(), g.definitions(), g.streams(), g.names(), g.spans()}
	if len(g.Rules()) > 0 {
		derived = append(derived, g.candidates(), g.ruleDefinitions())
	}
	return derived, nil
}

func (g *Graph) evidence() *Model {
	columns := slices.Concat([]warehouse.Column{{Name: "metric", Type: "varchar", Comment: "the metric's name"}}, evidenceColumns(), []warehouse.Column{
		unknownColumn(),
		{Name: "period", Type: "varchar", Comment: "the period in which it counts"},
		{Name: "role", Type: "varchar", Comment: "the role that the rep held then"},
		{Name: "is_excluded", Type: "boolean", Comment: "true: it is shown and adds nothing"},
		{Name: "exclusion_reason", Type: "varchar", Comment: "why it is excluded; null: it is not"},
	})
	m := &Model{
		Name:    evidenceTable,
		Columns: columns,
		Needs:   []string{rosterTable, "plan.exclusions", "plan.flag_decisions", "plan.flag_decision_records"},
		Header: Header{
			Title:   "every record that counts for a metric, for or against",
			Grain:   "one row a record and what it counted for",
			Key:     []string{"metric"},
			NotNull: []string{"metric", "source", "rep_id", "occurred_at", "record_type", "record_id", "numerator", "denominator", "is_truncated", "period", "role", "is_excluded"},
			Signal:  "where each number comes from",
			Owner:   "revenue operations",
			IsView:  true, // the rows are the metrics' own
		},
	}
	var parts []string
	for _, metric := range g.Metrics() {
		m.Needs = append(m.Needs, metric.Name)
		for _, column := range metric.Header.Key {
			if !slices.Contains(m.Header.Key, column) {
				m.Header.Key = append(m.Header.Key, column)
			}
		}
		parts = append(parts, evidencePart(metric))
	}
	if len(parts) == 0 {
		m.Needs, m.SQL = nil, noRows(m.Relation())
		return m
	}
	m.SQL = "with counted as (\n" + strings.Join(parts, "\nunion all\n") + "\n),\n" + confirmedRecords + countedJoin
	return m
}

// evidencePart selects one metric's rows.
func evidencePart(metric *Model) string {
	list := make([]string, 0, len(evidenceColumns()))
	for _, column := range evidenceColumns() {
		list = append(list, column.Name)
	}
	unknown := unknownColumn()
	if metric.tellsUnknown() {
		list = append(list, unknown.Name)
	} else {
		list = append(list, fmt.Sprintf("cast(null as %s) as %s", unknown.Type, unknown.Name))
	}
	return fmt.Sprintf("    select %s as metric, %s\n    from %s", sqlText(metric.Short()), strings.Join(list, ", "), metric.Name)
}

// confirmedRecords are what a steward took out by confirming a flag; one reason is
// enough where two flags speak of the same.
const confirmedRecords = `confirmed as (
    select
        flag_decision_records.source,
        flag_decision_records.record_type,
        flag_decision_records.record_id,
        flag_decision_records.occurred_at,
        min('flag ' || flag_decisions.flag_id || ' confirmed: ' || flag_decisions.reason) as reason
    from plan.flag_decision_records
    join plan.flag_decisions
        on flag_decisions.flag_id = flag_decision_records.flag_id
    where flag_decisions.decision = 'confirmed'
    group by
        flag_decision_records.source,
        flag_decision_records.record_type,
        flag_decision_records.record_id,
        flag_decision_records.occurred_at
)
`

// onTheRoster keeps what happened while its rep was on the roster, so that no metric
// asks that by itself.
const onTheRoster = `
join core.rep_assignments
    on rep_assignments.rep_id = counted.rep_id
    and counted.occurred_at >= rep_assignments.starts_at
    and counted.occurred_at < rep_assignments.ends_at`

// countedJoin puts each row under the period and the role of then, and marks what a steward, a listed exclusion or a test deal took out:
// whole records by plan.exclusions, and of a confirmed flag only what happened at
// the flagged instants. Keys make it at most one reason a row.
const countedJoin = `select
    counted.metric,
    counted.source,
    counted.rep_id,
    counted.occurred_at,
    counted.record_type,
    counted.record_id,
    counted.numerator,
    counted.denominator,
    counted.is_truncated,
    counted.detail,
    counted.unknown_reason,
    rep_assignments.period,
    rep_assignments.role,
    exclusions.record_id is not null or confirmed.record_id is not null as is_excluded,
    coalesce(exclusions.reason, confirmed.reason) as exclusion_reason
from counted` + onTheRoster + `
left join plan.exclusions
    on exclusions.source = counted.source
    and exclusions.record_type = counted.record_type
    and exclusions.record_id = counted.record_id
left join confirmed
    on confirmed.source = counted.source
    and confirmed.record_type = counted.record_type
    and confirmed.record_id = counted.record_id
    and confirmed.occurred_at = counted.occurred_at`

// definitions is a table of constants: what each metric's header says.
func (g *Graph) definitions() *Model {
	columns := []warehouse.Column{
		{Name: "metric", Type: "varchar", Comment: "the metric's name"},
		{Name: "title", Type: "varchar", Comment: "what it is, in one sentence"},
		{Name: "value", Type: "varchar", Comment: "how evidence becomes a value: sum, ratio, mean or median"},
		{Name: "unit", Type: "varchar", Comment: "what the value counts"},
		{Name: "better", Type: "varchar", Comment: "higher or lower"},
		{Name: "control", Type: "varchar", Comment: "who decides it: own (the rep), shared (the rep and others) or outcome (the customer)"},
		{Name: "kpi", Type: "varchar", Comment: "the KPI it serves"},
		{Name: "okr", Type: "varchar", Comment: "the objective it serves"},
		{Name: "owner", Type: "varchar", Comment: "who answers for its definition"},
		{Name: "signal", Type: "varchar", Comment: "what it tells the business"},
		{Name: "gaming", Type: "varchar", Comment: "how it can be gamed, and what catches that"},
	}
	var rows [][]string
	for _, metric := range g.Metrics() {
		h := metric.Header
		rows = append(rows, []string{metric.Short(), h.Title, h.Metric.Value, h.Metric.Unit, h.Metric.Better, h.Metric.Control, h.Metric.KPI, h.Metric.OKR, h.Owner, h.Signal, h.Gaming})
	}
	return constants(definitionsTable, columns, rows, Header{
		Title: "what each metric means, from its own file", Grain: "one row a metric", Key: []string{"metric"},
		NotNull: []string{"metric", "title", "value", "unit", "better", "control", "owner", "signal", "gaming"},
		Signal:  "the rules are published", Owner: "revenue operations",
	})
}

// streams is a table of constants: which staging tables each metric can't do
// without.
func (g *Graph) streams() *Model {
	return g.wordsOfMetrics(streamsTable, warehouse.Column{Name: "stream", Type: "varchar", Comment: "a staging table without which nothing can be said of it"},
		Header{Title: "which staging tables each metric can't do without", Grain: "one row a metric and staging table", Signal: "whether nothing happened, or nothing was read"},
		func(m *Metric) []string { return m.Streams })
}

// spans is a table of constants: over which spans of time each metric can be told.
func (g *Graph) spans() *Model {
	return g.wordsOfMetrics(spansTable, warehouse.Column{Name: "span", Type: "varchar", Comment: "week, month or quarter"},
		Header{Title: "over which spans of time each metric can be told", Grain: "one row a metric and span", Signal: "a week says nothing of what is looked at once a quarter"},
		func(m *Metric) []string { return m.Spans })
}

// wordsOfMetrics is a table of constants with a row for each word of a list that
// each metric's header has.
func (g *Graph) wordsOfMetrics(name string, word warehouse.Column, h Header, words func(*Metric) []string) *Model {
	columns := []warehouse.Column{{Name: "metric", Type: "varchar", Comment: "the metric's name"}, word}
	h.Key, h.NotNull, h.Owner = []string{"metric", word.Name}, []string{"metric", word.Name}, "revenue operations"
	var rows [][]string
	for _, metric := range g.Metrics() {
		for _, one := range words(metric.Header.Metric) {
			rows = append(rows, []string{metric.Short(), one})
		}
	}
	return constants(name, columns, rows, h)
}

// constants is a table of such rows, which may be none.
func constants(name string, columns []warehouse.Column, rows [][]string, h Header) *Model {
	parts := make([]string, len(rows))
	for i, values := range rows {
		parts[i] = constantRow(columns, values)
	}
	if len(rows) == 0 {
		parts = []string{noRows(warehouse.Relation{Columns: columns})}
	}
	return &Model{Name: name, Columns: columns, Header: h, SQL: strings.Join(parts, "\nunion all\n")}
}

// constantRow selects values under the columns' names.
func constantRow(columns []warehouse.Column, values []string) string {
	list := make([]string, len(columns))
	for i, column := range columns {
		list[i] = fmt.Sprintf("cast(%s as %s) as %s", sqlText(values[i]), column.Type, column.Name)
	}
	return "select " + strings.Join(list, ", ")
}

// sqlText is a literal.
func sqlText(s string) string { return "'" + strings.ReplaceAll(s, "'", "''") + "'" }
