package model

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"time"

	"merit/connectors/fault"
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

// Build makes the named models' tables in the graph's order, each all or
// nothing; seen, when not nil, hears of each that is done. The plan's tables and
// staging are there before.
func (g *Graph) Build(ctx context.Context, wh warehouse.Warehouse, names []string, seen func(Step)) error {
	return g.BuildChanged(ctx, Blank(wh), names, seen)
}

// BuildChanged makes those of the named models' tables that the warehouse remembers to
// have been made of something else, and remembers what it made. A table that stands on
// one of which nobody knows what it is made of is always made.
func (g *Graph) BuildChanged(ctx context.Context, memory *Memory, names []string, seen func(Step)) error {
	for _, name := range names {
		if g.models[name] == nil {
			return fault.Errorf(fault.You, "no model is called %q", name)
		}
	}
	declared, declarations, err := readFunctions(ctx, memory.wh)
	if err != nil {
		return err
	}
	changed, err := g.changed(memory, names, declared)
	if err != nil || len(changed) == 0 {
		return err
	}
	if err := memory.wh.Exec(ctx, declarations); err != nil {
		return err
	}
	if err := memory.forget(ctx, nameList(changed)...); err != nil {
		return err
	}
	err = g.buildAll(ctx, memory, changed, declared, seen)
	// What is whole is remembered whatever happened to the others.
	return errors.Join(err, memory.write(context.WithoutCancel(ctx)))
}

// A change is a model to be made, and of what.
type change struct {
	model *Model
	of    string // "": nobody knows
}

func nameList(changed []change) []string {
	names := make([]string, len(changed))
	for i, c := range changed {
		names[i] = c.model.Name
	}
	return names
}

// changed are the named models that the warehouse does not have as they would be made.
func (g *Graph) changed(memory *Memory, names []string, declared functions) ([]change, error) {
	var all []change
	isNamed := map[string]bool{}
	for _, name := range names {
		isNamed[name] = true
	}
	for _, m := range g.Models() {
		if !isNamed[m.Name] {
			continue // it counts as what it was made of before
		}
		of, err := m.madeOf(memory, declared)
		if err != nil {
			return nil, err
		}
		if !memory.holds(m.Name, of) {
			all = append(all, change{m, of})
		}
		memory.made[m.Name] = of
	}
	return all, nil
}

// madeOf is a fingerprint of all that decides a model's rows; "" where what it reads is
// of unknown making.
func (m *Model) madeOf(memory *Memory, declared functions) (string, error) {
	query, err := m.Compile(memory.wh.Dialect())
	if err != nil {
		return "", err
	}
	used, err := declared.usedBy(query)
	if err != nil {
		return "", fmt.Errorf("models/%s: %w", m.File, err)
	}
	of := append([]string{madeBy(), described(m.Relation()), query}, used...)
	for _, need := range m.Needs {
		made := memory.Of(need)
		if made == "" {
			return "", nil
		}
		of = append(of, need, made)
	}
	return fingerprint(of...), nil
}

// build makes the model's table as r says, which is its own relation or the same
// in the other form. The instant that it speaks of is part of its text, so that another
// build, which declares the functions for its own, changes nothing of this one.
func (m *Model) build(ctx context.Context, wh warehouse.Warehouse, r warehouse.Relation, declared functions) error {
	query, err := m.Compile(wh.Dialect())
	if err == nil {
		query, err = declared.withConstants(query)
	}
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
