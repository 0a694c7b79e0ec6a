package model

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"time"

	"merit/connectors/fault"
	contractsql "merit/sql"
	"merit/transform/sqltext"
	"merit/transform/warehouse"
)

// A Step is one model of a build that is done.
type Step struct {
	Model    string
	Done, Of int   // models
	Rows     int64 // of a table; a view has none of its own
	Took     time.Duration
}

// declare makes the functions fn.* for the as-of that plan.as_of holds. Whatever
// uses them declares them first, so that they never speak of another build's day.
func declare(ctx context.Context, wh warehouse.Warehouse) error {
	file := wh.Dialect() + ".sql"
	functions, err := contractsql.Files.ReadFile(file)
	if err != nil {
		return fmt.Errorf("functions of %s: %w", wh.Dialect(), err)
	}
	var asOf []warehouse.Row
	for row, err := range wh.Query(ctx, "select as_of_at, today_on, time_zone, currency from plan.as_of") {
		if err != nil {
			return fmt.Errorf("as-of: %w", err)
		}
		asOf = append(asOf, row)
	}
	if len(asOf) != 1 {
		return fault.Errorf(fault.Us, "plan.as_of has %d rows, a build speaks of one instant", len(asOf))
	}
	text, err := pinned(string(functions), asOf[0])
	if err != nil {
		return fmt.Errorf("%s: %w", file, err)
	}
	return wh.Exec(ctx, text)
}

// pinned puts the values of plan.as_of where the functions ask for them.
func pinned(functions string, asOf warehouse.Row) (string, error) {
	values := map[string]string{
		"as_of_at":  fmt.Sprintf("(cast(%s as timestamp with time zone))", sqlText(asOf.Text("as_of_at"))),
		"today_on":  fmt.Sprintf("(cast(%s as date))", sqlText(asOf.Text("today_on"))),
		"time_zone": sqlText(asOf.Text("time_zone")),
		"currency":  sqlText(asOf.Text("currency")),
	}
	for column, value := range values {
		question := "(select " + column + " from plan.as_of)"
		if strings.Count(functions, question) != 1 {
			return "", fmt.Errorf("%s stands not exactly once in it", question)
		}
		functions = strings.Replace(functions, question, value, 1)
	}
	return functions, nil
}

// Build makes the named models' tables in the graph's order, each all or
// nothing; seen, when not nil, hears of each that is done. The plan's tables and
// staging are there before.
func (g *Graph) Build(ctx context.Context, wh warehouse.Warehouse, names []string, seen func(Step)) error {
	for _, name := range names {
		if g.models[name] == nil {
			return fault.Errorf(fault.You, "no model is called %q", name)
		}
	}
	if err := declare(ctx, wh); err != nil {
		return err
	}
	done := 0
	for _, m := range g.Models() {
		if !slices.Contains(names, m.Name) {
			continue
		}
		began := time.Now()
		if err := m.build(ctx, wh, m.Relation()); err != nil {
			return err
		}
		done++
		if seen == nil {
			continue
		}
		step := Step{Model: m.Name, Done: done, Of: len(names), Took: time.Since(began)}
		if !m.Header.IsView {
			var err error
			if step.Rows, err = count(ctx, wh, "select count(*) as n from "+m.Name); err != nil {
				return err
			}
		}
		seen(step)
	}
	return nil
}

// build makes the model's table as r says, which is its own relation or the same
// in the other form.
func (m *Model) build(ctx context.Context, wh warehouse.Warehouse, r warehouse.Relation) error {
	query, err := m.Compile(wh.Dialect())
	if err != nil {
		return err
	}
	if err := wh.Build(ctx, r, query); err != nil {
		if m.File != "" {
			return fmt.Errorf("models/%s: %w", m.File, err)
		}
		return err
	}
	return nil
}

// count is the answer n of a question.
func count(ctx context.Context, wh warehouse.Warehouse, question string) (int64, error) {
	for row, err := range wh.Query(ctx, question) {
		if err != nil {
			return 0, err
		}
		return row.Int("n"), nil
	}
	return 0, fmt.Errorf("no answer to %s", question)
}

// Compile is the query as a dialect's engine takes it: line for line the file,
// with the dialect's names of types, and with casts that give null where a cast
// would raise.
func (m *Model) Compile(dialect string) (string, error) {
	if dialect != "duckdb" && dialect != "bigquery" {
		return "", fault.Errorf(fault.You, "no dialect is called %q; there are duckdb and bigquery", dialect)
	}
	tokens, err := sqltext.Tokenize(m.SQL)
	if err != nil {
		return "", fmt.Errorf("models/%s: %w", m.File, err)
	}
	compiled := sqltext.Rewrite(m.SQL, tokens, func(i int) (string, int) {
		switch {
		case tokens[i].Is(";"):
			return "", 1
		case isCast(tokens, i):
			return safeCast(dialect), 1
		}
		length := typeAt(tokens, i)
		if length == 0 || dialect == "duckdb" {
			return "", 0
		}
		var text strings.Builder
		for _, t := range tokens[i : i+length] {
			if t.Kind == sqltext.Word && text.Len() > 0 {
				text.WriteByte(' ')
			}
			text.WriteString(t.Text)
		}
		return warehouse.TypeIn(dialect, text.String()), length
	})
	return strings.TrimRight(compiled, " \n"), nil
}

// typeAt is how many tokens from i on name a type; 0 where none begins.
func typeAt(tokens []sqltext.Token, i int) int {
	at := func(k int) sqltext.Token { return sqltext.At(tokens, i+k) }
	switch {
	case at(0).Is("timestamp") && at(1).Is("with") && at(2).Is("time") && at(3).Is("zone"):
		return 4
	case at(0).Is("numeric", "decimal") && at(1).Is("(") && at(2).Kind == sqltext.Number && at(3).Is(",") && at(4).Kind == sqltext.Number && at(5).Is(")"):
		return 6
	case at(0).Kind == sqltext.Word && at(-1).Is("as") && warehouse.TypeIn("bigquery", at(0).Text) != at(0).Text:
		return 1
	}
	return 0
}
