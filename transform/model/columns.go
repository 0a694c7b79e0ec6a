package model

import (
	"fmt"

	"merit/transform/warehouse"
)

// finalColumns reads the select list that gives the result: the last one outside
// of all parentheses. The comment at the end of a column's last line describes it.
func finalColumns(tokens []token) ([]warehouse.Column, []finding) {
	from := lastSelect(tokens)
	if from < 0 {
		return nil, []finding{{1, "no select is in the file"}}
	}
	var columns []warehouse.Column
	var findings []finding
	var item []token
	finish := func(comment string) {
		if len(item) == 0 {
			return
		}
		column := warehouse.Column{Name: nameOf(item), Comment: comment}
		line := item[len(item)-1].line
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
		case t.kind == comment:
			continue
		case depth == 0 && t.is("distinct", "all") && len(item) == 0:
			continue
		case depth == 0 && (t.is("from", ";", "where", "order", "union", "limit") || t.is(")")) && !isDistinctFrom(tokens, i):
			finish(commentOf(tokens, item))
			return columns, findings
		case depth == 0 && t.is(","):
			finish(commentOf(tokens, append(item, t)))
			continue
		case t.is("("):
			depth++
		case t.is(")"):
			depth--
		}
		item = append(item, t)
	}
	finish(commentOf(tokens, item))
	return columns, findings
}

func lastSelect(tokens []token) int {
	last, depth := -1, 0
	for i, t := range tokens {
		switch {
		case t.is("("):
			depth++
		case t.is(")"):
			depth--
		case depth == 0 && t.is("select"):
			last = i
		}
	}
	return last
}

// commentOf is the comment on the line on which the item ends, behind it and its
// comma.
func commentOf(tokens []token, item []token) string {
	if len(item) == 0 {
		return ""
	}
	last := item[len(item)-1]
	for _, t := range tokens {
		if t.kind == comment && t.line == last.line && t.start >= last.end {
			return t.text
		}
	}
	return ""
}

// nameOf is what a select item is called: what follows its last as, or the last
// part of a plain name.
func nameOf(item []token) string {
	last := item[len(item)-1]
	if !last.isName() {
		return ""
	}
	if len(item) == 1 {
		return last.text
	}
	before := item[len(item)-2]
	if before.is("as", ".") {
		return last.text
	}
	return ""
}
