package model

import (
	"fmt"

	"merit/transform/sqltext"
	"merit/transform/warehouse"
)

// finalColumns reads the select list that gives the result: the last one outside
// of all parentheses. The comment at the end of a column's last line describes it.
func finalColumns(tokens []sqltext.Token) ([]warehouse.Column, []finding) {
	from := lastSelect(tokens)
	if from < 0 {
		return nil, []finding{{1, "no select is in the file"}}
	}
	var columns []warehouse.Column
	var findings []finding
	var item []sqltext.Token
	finish := func(comment string) {
		if len(item) == 0 {
			return
		}
		column := warehouse.Column{Name: nameOf(item), Comment: comment}
		line := item[len(item)-1].Line
		switch {
		case column.Name == "":
			findings = append(findings, finding{line, "a column without a name: end it with as NAME"})
		case comment == "":
			findings = append(findings, finding{line, fmt.Sprintf("column %s: a comment behind it says what it is", column.Name)})
		}
		columns = append(columns, column)
		item = nil
	}
	depth := 0
	for i := from + 1; i < len(tokens); i++ {
		t := tokens[i]
		switch {
		case t.Kind == sqltext.Comment:
			continue
		case depth == 0 && t.Is("distinct", "all") && len(item) == 0:
			continue
		case depth == 0 && (t.Is("from", ";", "where", "order", "union", "limit") || t.Is(")")) && !sqltext.IsDistinctFrom(tokens, i):
			finish(commentOf(tokens, item))
			return columns, findings
		case depth == 0 && t.Is(","):
			finish(commentOf(tokens, append(item, t)))
			continue
		case t.Is("("):
			depth++
		case t.Is(")"):
			depth--
		}
		item = append(item, t)
	}
	finish(commentOf(tokens, item))
	return columns, findings
}

func lastSelect(tokens []sqltext.Token) int {
	last, depth := -1, 0
	for i, t := range tokens {
		switch {
		case t.Is("("):
			depth++
		case t.Is(")"):
			depth--
		case depth == 0 && t.Is("select"):
			last = i
		}
	}
	return last
}

// commentOf is the comment on the line on which the item ends, behind it and its
// comma.
func commentOf(tokens []sqltext.Token, item []sqltext.Token) string {
	if len(item) == 0 {
		return ""
	}
	last := item[len(item)-1]
	for _, t := range tokens {
		if t.Kind == sqltext.Comment && t.Line == last.Line && t.Start >= last.End {
			return t.Text
		}
	}
	return ""
}

// nameOf is what a select item is called: what follows its last as, or the last
// part of a plain name.
func nameOf(item []sqltext.Token) string {
	last := item[len(item)-1]
	if !last.IsName() {
		return ""
	}
	if len(item) == 1 {
		return last.Text
	}
	before := item[len(item)-2]
	if before.Is("as", ".") {
		return last.Text
	}
	return ""
}
