package sfserver

import (
	"math/big"
	"net/http"
	"strings"
)

// A condition tells whether a record belongs to the answer.
type condition interface {
	holds(v *view, r *record) bool
}

type (
	all  []condition
	some []condition
	not  struct{ condition }
)

func (c all) holds(v *view, r *record) bool {
	for _, part := range c {
		if !part.holds(v, r) {
			return false
		}
	}
	return true
}

func (c some) holds(v *view, r *record) bool {
	for _, part := range c {
		if part.holds(v, r) {
			return true
		}
	}
	return false
}

func (c not) holds(v *view, r *record) bool { return !c.condition.holds(v, r) }

// A comparison holds a field against one literal, or several for IN and NOT IN.
type comparison struct {
	field    *field
	operator string
	literals []literal
}

// A literal is what a field is compared with, read as the field's type asks.
type literal struct {
	null   bool
	text   string // lower case but for ids
	number int64
	ratio  *big.Rat
}

func (c comparison) holds(v *view, r *record) bool {
	is := c.field.get(v, r)
	switch c.operator {
	case "IN":
		return c.among(is)
	case "NOT IN":
		return !c.among(is)
	}
	order, comparable := c.field.compare(is, c.literals[0])
	switch c.operator {
	case "=":
		return comparable && order == 0
	case "!=", "<>":
		return !comparable || order != 0
	case "<":
		return comparable && order < 0
	case "<=":
		return comparable && order <= 0
	case ">":
		return comparable && order > 0
	}
	return comparable && order >= 0
}

func (c comparison) among(is value) bool {
	for _, l := range c.literals {
		if order, comparable := c.field.compare(is, l); comparable && order == 0 {
			return true
		}
	}
	return false
}

// compare orders a field's value and a literal. Null is like nothing but null.
func (f *field) compare(is value, l literal) (order int, comparable bool) {
	if is.kind == null || l.null {
		return 0, is.kind == null && l.null
	}
	switch is.kind {
	case boolean, instant:
		return compareNumbers(is.number, l.number), true
	case integer:
		return big.NewRat(is.number, 1).Cmp(l.ratio), true
	case decimal:
		ratio, ok := new(big.Rat).SetString(is.text)
		if !ok {
			return 0, false
		}
		return ratio.Cmp(l.ratio), true
	}
	var space [24]byte
	text := is.text
	if is.kind == identity {
		text = string(appendID(space[:0], is.prefix, is.number))
	}
	if f.kind == "id" || f.kind == "reference" {
		return strings.Compare(text[:min(shortID, len(text))], l.text), true
	}
	return strings.Compare(strings.ToLower(text), l.text), true
}

func compareNumbers(a, b int64) int {
	switch {
	case a < b:
		return -1
	case a > b:
		return 1
	}
	return 0
}

// either reads conditions joined by AND or by OR; both at one level need parentheses.
func (p *parser) either() (condition, *refusal) {
	first, problem := p.condition()
	if problem != nil {
		return nil, problem
	}
	parts, joiner := []condition{first}, ""
	for _, keyword := range []string{"AND", "OR"} {
		for p.take(keyword) {
			joiner = keyword
			next, problem := p.condition()
			if problem != nil {
				return nil, problem
			}
			parts = append(parts, next)
		}
		if joiner != "" {
			break
		}
	}
	if t := p.peek(); t.kind == word && (strings.EqualFold(t.text, "AND") || strings.EqualFold(t.text, "OR")) {
		return nil, p.unexpected()
	}
	if joiner == "OR" {
		return some(parts), nil
	}
	return all(parts), nil
}

func (p *parser) condition() (condition, *refusal) {
	if p.take("NOT") {
		part, problem := p.condition()
		return not{part}, problem
	}
	if p.takeMark("(") {
		part, problem := p.either()
		if problem == nil && !p.takeMark(")") {
			problem = p.unexpected()
		}
		return part, problem
	}
	name := p.peek()
	if name.kind != word {
		return nil, p.unexpected()
	}
	p.next++
	f, problem := p.bind(name)
	if problem != nil {
		return nil, problem
	}
	if !f.filterable() {
		return nil, pointAt(p.text, name.at, "INVALID_FIELD", "field '%s' can not be filtered in a query call", f.name)
	}
	return p.comparison(f)
}

func (f *field) filterable() bool {
	return f.kind != "textarea" && f.kind != "anyType" && f.kind != "address"
}

func (p *parser) comparison(f *field) (condition, *refusal) {
	c := comparison{field: f}
	switch {
	case p.take("IN"):
		c.operator = "IN"
	case p.take("NOT"):
		if !p.take("IN") {
			return nil, p.unexpected()
		}
		c.operator = "NOT IN"
	case p.peek().kind == sign && strings.Contains(" = != <> < <= > >= ", " "+p.peek().text+" "):
		c.operator = p.peek().text
		p.next++
		l, problem := p.literal(f)
		c.literals = []literal{l}
		return c, problem
	default:
		return nil, p.unexpected()
	}
	if !p.takeMark("(") {
		return nil, p.unexpected()
	}
	for {
		l, problem := p.literal(f)
		if problem != nil {
			return nil, problem
		}
		c.literals = append(c.literals, l)
		if p.takeMark(")") {
			return c, nil
		}
		if !p.takeMark(",") {
			return nil, p.unexpected()
		}
	}
}

// literal reads a value and holds it against the field's type.
func (p *parser) literal(f *field) (literal, *refusal) {
	t := p.peek()
	if t.kind == end || t.kind == sign {
		return literal{}, p.unexpected()
	}
	p.next++
	if t.kind == word && strings.EqualFold(t.text, "null") {
		return literal{null: true}, nil
	}
	wrong := func(kind, rest string) (literal, *refusal) {
		return literal{}, pointAt(p.text, t.at, "INVALID_FIELD",
			"value of filter criterion for field '%s' must be of type %s%s", f.name, kind, rest)
	}
	switch f.kind {
	case "boolean":
		if yes := strings.EqualFold(t.text, "true"); t.kind == word && (yes || strings.EqualFold(t.text, "false")) {
			return literal{number: booleanOf(yes).number}, nil
		}
		return wrong("boolean", " and should not be enclosed in quotes")
	case "datetime":
		if at, ok := readInstant(t.text); t.kind == number && ok && strings.ContainsAny(t.text, "Tt") {
			return literal{number: int64(at)}, nil
		}
		return wrong("dateTime", " and should not be enclosed in quotes")
	case "int", "double", "currency", "percent":
		if ratio, ok := new(big.Rat).SetString(t.text); t.kind == number && ok {
			return literal{ratio: ratio}, nil
		}
		return wrong(f.kind, " and should not be enclosed in quotes")
	case "date":
		if t.kind == number && len(t.text) == len("2006-01-02") {
			return literal{text: t.text}, nil
		}
		return wrong("date", " and should not be enclosed in quotes")
	}
	if t.kind != quoted {
		return wrong("string", " and should be enclosed in quotes")
	}
	if f.kind != "id" && f.kind != "reference" {
		return literal{text: strings.ToLower(t.text)}, nil
	}
	if len(t.text) != shortID && len(t.text) != 18 {
		return literal{}, refuse(http.StatusBadRequest, "INVALID_QUERY_FILTER_OPERATOR", "invalid ID field: %s", t.text)
	}
	return literal{text: t.text[:shortID]}, nil
}
