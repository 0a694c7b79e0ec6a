package model

import (
	"strings"

	"merit/transform/sqltext"
)

// A grouping is one select as far as it was read.
type grouping struct {
	names           map[string]bool // its columns, in lower case
	inList, inGroup bool
}

// columnsCalledLikeTables finds a table in a group by that is called like a column of the
// same select: BigQuery takes the name for the column, which may be an aggregate, and
// refuses the query.
func columnsCalledLikeTables(tokens []sqltext.Token) []finding {
	var findings []finding
	open := []*grouping{{}}
	for i, t := range tokens {
		g := open[len(open)-1]
		next := sqltext.At(tokens, i+1)
		switch {
		case t.Is("("):
			open = append(open, &grouping{})
		case t.Is(")") && len(open) > 1:
			open = open[:len(open)-1]
		case t.Is("select"):
			*g = grouping{names: map[string]bool{}, inList: true}
		case t.Is("from"):
			g.inList = false
		case t.Is("group") && next.Is("by"):
			g.inGroup = true
		case t.Is("having", "window", "order", "union", "qualify"):
			g.inGroup = false
		case g.inList && t.Is("as") && next.IsName():
			g.names[strings.ToLower(next.Text)] = true
		case g.inGroup && next.Is(".") && g.names[strings.ToLower(t.Text)]:
			findings = append(findings, finding{t.Line, "the query has a column " + t.Text + ", for which BigQuery takes the table " + t.Text + " in group by; call the column otherwise"})
			g.inGroup = false // once is enough
		}
	}
	return findings
}
