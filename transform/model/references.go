package model

import (
	"fmt"
	"slices"
)

// A reference is a table named after from or join.
type reference struct {
	name string // schema.table
	line int
}

// references lists the tables that a query reads. Names of its own common table
// expressions are not tables; a single name that is none of them is an error.
func references(tokens []token) ([]reference, error) {
	tokens = withoutComments(tokens)
	own := commonTables(tokens)
	var found []reference
	inFrom := []bool{false} // for each open parenthesis: are we among the tables of a from clause
	speaks := []bool{false} // … and is it a function's, whose from names no table: extract(year from t)
	for i, t := range tokens {
		top := len(inFrom) - 1
		switch {
		case t.is("("):
			before := i > 0 && tokens[i-1].isName() && tokens[i-1].is("extract", "substring", "trim", "overlay", "position")
			inFrom, speaks = append(inFrom, false), append(speaks, before)
			continue
		case t.is(")"):
			if top == 0 {
				return nil, fmt.Errorf("line %d: a ) too many", t.line)
			}
			inFrom, speaks = inFrom[:top], speaks[:top]
			continue
		case t.is("where", "group", "having", "window", "qualify", "order", "limit", "union", "except", "intersect", "select"):
			inFrom[top] = false
			continue
		case t.is("from") && !speaks[top] && !isDistinctFrom(tokens, i), t.is("join"):
			inFrom[top] = true
		case t.is(",") && inFrom[top]:
		default:
			continue
		}
		one, err := tableAt(tokens, i+1, own)
		if err != nil {
			return nil, err
		}
		if one.name != "" && !slices.ContainsFunc(found, func(r reference) bool { return r.name == one.name }) {
			found = append(found, one)
		}
	}
	if len(inFrom) != 1 {
		return nil, fmt.Errorf("a ( that is not closed")
	}
	return found, nil
}

// isDistinctFrom tells "a is distinct from b" from a table's from.
func isDistinctFrom(tokens []token, i int) bool {
	return i >= 2 && tokens[i-1].is("distinct") && tokens[i-2].is("is", "not")
}

// tableAt reads the name of a table; nothing for a subquery or an own name.
func tableAt(tokens []token, i int, own map[string]bool) (reference, error) {
	if i < len(tokens) && tokens[i].is("lateral") {
		i++
	}
	if i+1 < len(tokens) && tokens[i].is("(") && !tokens[i+1].is("select", "with", "(") {
		return reference{}, fmt.Errorf("line %d: joins in parentheses are not read, write them one after another", tokens[i].line)
	}
	if i >= len(tokens) || !tokens[i].isName() || tokens[i].is("select") {
		return reference{}, nil
	}
	parts := []string{tokens[i].text}
	line := tokens[i].line
	for i+2 < len(tokens) && tokens[i+1].is(".") && tokens[i+2].isName() {
		parts = append(parts, tokens[i+2].text)
		i += 2
	}
	isFunction := i+1 < len(tokens) && tokens[i+1].is("(")
	switch {
	case isFunction:
		return reference{}, fmt.Errorf("line %d: %s(…) is no table that both engines have", line, parts[0])
	case len(parts) == 1 && own[parts[0]]:
		return reference{}, nil
	case len(parts) == 2:
		return reference{name: parts[0] + "." + parts[1], line: line}, nil
	}
	return reference{}, fmt.Errorf("line %d: %q is neither schema.table nor named by a with", line, join(parts))
}

// commonTables are the names that with gives: NAME as (, NAME (columns) as (.
func commonTables(tokens []token) map[string]bool {
	own := map[string]bool{}
	for i, t := range tokens {
		if !t.isName() || i == 0 || !tokens[i-1].is("with", "recursive", ",") {
			continue
		}
		at := i + 1
		if at < len(tokens) && tokens[at].is("(") {
			for at < len(tokens) && !tokens[at].is(")") {
				at++
			}
			at++
		}
		if at+1 < len(tokens) && tokens[at].is("as") && tokens[at+1].is("(", "materialized", "not") {
			own[t.text] = true
		}
	}
	return own
}

func join(parts []string) string {
	joined := parts[0]
	for _, part := range parts[1:] {
		joined += "." + part
	}
	return joined
}
