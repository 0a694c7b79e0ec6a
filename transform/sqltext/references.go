package sqltext

import (
	"fmt"
	"slices"
)

// A Reference is a table named after from or join.
type Reference struct {
	Name string // schema.table
	Line int
}

// References lists the tables that a query reads. Names of its own common table
// expressions are not tables; a single name that is none of them is an error.
func References(tokens []Token) ([]Reference, error) {
	tokens = WithoutComments(tokens)
	own := commonTables(tokens)
	var found []Reference
	inFrom := []bool{false} // for each open parenthesis: are we among the tables of a from clause
	speaks := []bool{false} // … and is it a function's, whose from names no table: extract(year from t)
	for i, t := range tokens {
		top := len(inFrom) - 1
		switch {
		case t.Is("("):
			before := i > 0 && tokens[i-1].IsName() && tokens[i-1].Is("extract", "substring", "trim", "overlay", "position")
			inFrom, speaks = append(inFrom, false), append(speaks, before)
			continue
		case t.Is(")"):
			if top == 0 {
				return nil, fmt.Errorf("line %d: a ) too many", t.Line)
			}
			inFrom, speaks = inFrom[:top], speaks[:top]
			continue
		case t.Is("where", "group", "having", "window", "qualify", "order", "limit", "union", "except", "intersect", "select"):
			inFrom[top] = false
			continue
		case t.Is("from") && !speaks[top] && !IsDistinctFrom(tokens, i), t.Is("join"):
			inFrom[top] = true
		case t.Is(",") && inFrom[top]:
		default:
			continue
		}
		one, err := tableAt(tokens, i+1, own)
		if err != nil {
			return nil, err
		}
		if one.Name != "" && !slices.ContainsFunc(found, func(r Reference) bool { return r.Name == one.Name }) {
			found = append(found, one)
		}
	}
	if len(inFrom) != 1 {
		return nil, fmt.Errorf("a ( that is not closed")
	}
	return found, nil
}

// IsDistinctFrom tells "a is distinct from b" from a table's from.
func IsDistinctFrom(tokens []Token, i int) bool {
	return i >= 2 && tokens[i-1].Is("distinct") && tokens[i-2].Is("is", "not")
}

// tableAt reads the name of a table; nothing for a subquery or an own name.
func tableAt(tokens []Token, i int, own map[string]bool) (Reference, error) {
	if i < len(tokens) && tokens[i].Is("lateral") {
		i++
	}
	if i+1 < len(tokens) && tokens[i].Is("(") && !tokens[i+1].Is("select", "with", "(") {
		return Reference{}, fmt.Errorf("line %d: joins in parentheses are not read, write them one after another", tokens[i].Line)
	}
	if i >= len(tokens) || !tokens[i].IsName() || tokens[i].Is("select") {
		return Reference{}, nil
	}
	parts := []string{tokens[i].Text}
	line := tokens[i].Line
	for i+2 < len(tokens) && tokens[i+1].Is(".") && tokens[i+2].IsName() {
		parts = append(parts, tokens[i+2].Text)
		i += 2
	}
	isFunction := i+1 < len(tokens) && tokens[i+1].Is("(")
	switch {
	case isFunction:
		return Reference{}, fmt.Errorf("line %d: %s(…) is no table that both engines have", line, parts[0])
	case len(parts) == 1 && own[parts[0]]:
		return Reference{}, nil
	case len(parts) == 2:
		return Reference{Name: parts[0] + "." + parts[1], Line: line}, nil
	}
	return Reference{}, fmt.Errorf("line %d: %q is neither schema.table nor named by a with", line, join(parts))
}

// commonTables are the names that with gives: NAME as (, NAME (columns) as (.
func commonTables(tokens []Token) map[string]bool {
	own := map[string]bool{}
	for i, t := range tokens {
		if !t.IsName() || i == 0 || !tokens[i-1].Is("with", "recursive", ",") {
			continue
		}
		at := i + 1
		if at < len(tokens) && tokens[at].Is("(") {
			for at < len(tokens) && !tokens[at].Is(")") {
				at++
			}
			at++
		}
		if at+1 < len(tokens) && tokens[at].Is("as") && tokens[at+1].Is("(", "materialized", "not") {
			own[t.Text] = true
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
