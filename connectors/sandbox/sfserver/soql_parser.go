package sfserver

import (
	"strconv"
	"strings"
)

// A query is a SOQL statement, understood and bound to an object's fields.
//
// What is understood: SELECT of fields or COUNT(), FROM one object with or without
// an alias, WHERE with comparisons, IN, NOT IN, AND, OR, NOT and parentheses,
// ORDER BY, LIMIT and OFFSET.
type query struct {
	text    string
	object  *object
	columns []*field
	count   bool
	where   condition
	order   []ordering
	limit   int // none: -1
	offset  int
}

type ordering struct {
	field      *field
	descending bool
	nullsLast  bool
}

// A parser reads one statement from left to right.
type parser struct {
	text    string
	tokens  []token
	next    int
	object  *object
	alias   string
	objects func(name string) *object
	hidden  func(object, field string) bool
}

// parse reads a statement; the objects and the hidden fields are whose it may name.
func (a *API) parse(text string) (*query, *refusal) {
	tokens, problem := lex(text)
	if problem != nil {
		return nil, problem
	}
	p := &parser{text: text, tokens: tokens, objects: a.object, hidden: a.isHidden}
	return p.statement()
}

func (p *parser) statement() (*query, *refusal) {
	q := &query{text: p.text, limit: -1}
	if !p.take("SELECT") {
		return nil, p.unexpected()
	}
	selected, problem := p.selected(q)
	if problem != nil {
		return nil, problem
	}
	if problem := p.from(); problem != nil {
		return nil, problem
	}
	q.object = p.object
	for _, name := range selected {
		f, problem := p.bind(name)
		if problem != nil {
			return nil, problem
		}
		q.columns = append(q.columns, f)
	}
	if p.take("WHERE") {
		if q.where, problem = p.either(); problem != nil {
			return nil, problem
		}
	}
	if problem := p.tail(q); problem != nil {
		return nil, problem
	}
	if p.peek().kind != end {
		return nil, p.unexpected()
	}
	return q, nil
}

// selected reads the field list, whose names are bound once the object is known.
func (p *parser) selected(q *query) ([]token, *refusal) {
	var names []token
	for {
		name := p.peek()
		if name.kind != word {
			return nil, p.unexpected()
		}
		p.next++
		if p.takeMark("(") {
			if !strings.EqualFold(name.text, "COUNT") || len(names) > 0 || !p.takeMark(")") {
				return nil, pointAt(p.text, name.at, "MALFORMED_QUERY", "unexpected token: '%s'", name.text)
			}
			q.count = true
			return nil, nil
		}
		names = append(names, name)
		if !p.takeMark(",") {
			return names, nil
		}
	}
}

func (p *parser) from() *refusal {
	if !p.take("FROM") {
		return p.unexpected()
	}
	name := p.peek()
	if name.kind != word {
		return p.unexpected()
	}
	p.next++
	if p.object = p.objects(name.text); p.object == nil {
		return pointAt(p.text, name.at, "INVALID_TYPE",
			"sObject type '%s' is not supported. If you are attempting to use a custom object, be sure to append the '__c' after the entity name. "+
				"Please reference your WSDL or the describe call for the appropriate names.", name.text)
	}
	if alias := p.peek(); alias.kind == word && !isKeyword(alias.text) {
		p.alias = alias.text
		p.next++
	}
	return nil
}

func isKeyword(text string) bool {
	switch strings.ToUpper(text) {
	case "WHERE", "ORDER", "LIMIT", "OFFSET", "GROUP", "HAVING", "WITH", "FOR", "USING", "ALL":
		return true
	}
	return false
}

// bind finds the field that a name means. A hidden one is as unknown as any other.
func (p *parser) bind(name token) (*field, *refusal) {
	plainName := name.text
	if prefix, rest, dotted := strings.Cut(plainName, "."); dotted {
		if !strings.EqualFold(prefix, p.object.name) && (p.alias == "" || !strings.EqualFold(prefix, p.alias)) {
			return nil, pointAt(p.text, name.at, "INVALID_FIELD",
				"Didn't understand relationship '%s' in field path. If you are attempting to use a custom relationship, be sure to append the '__r' "+
					"after the custom relationship name. Please reference your WSDL or the describe call for the appropriate names.", prefix)
		}
		plainName = rest
	}
	f := p.object.field(plainName)
	if f == nil || p.hidden(p.object.name, f.name) {
		return nil, pointAt(p.text, name.at, "INVALID_FIELD",
			"No such column '%s' on entity '%s'. If you are attempting to use a custom field, be sure to append the '__c' after the custom field name. "+
				"Please reference your WSDL or the describe call for the appropriate names.", plainName, p.object.name)
	}
	return f, nil
}

// tail reads ORDER BY, LIMIT and OFFSET.
func (p *parser) tail(q *query) *refusal {
	if p.take("ORDER") {
		if !p.take("BY") {
			return p.unexpected()
		}
		for more := true; more; more = p.takeMark(",") {
			o, problem := p.ordering()
			if problem != nil {
				return problem
			}
			q.order = append(q.order, o)
		}
	}
	var problem *refusal
	if p.take("LIMIT") {
		if q.limit, problem = p.number(); problem != nil {
			return problem
		}
	}
	if p.take("OFFSET") {
		q.offset, problem = p.number()
	}
	return problem
}

func (p *parser) ordering() (ordering, *refusal) {
	name := p.peek()
	if name.kind != word {
		return ordering{}, p.unexpected()
	}
	p.next++
	f, problem := p.bind(name)
	if problem != nil {
		return ordering{}, problem
	}
	o := ordering{field: f}
	if !p.take("ASC") {
		o.descending = p.take("DESC")
	}
	if p.take("NULLS") {
		o.nullsLast = p.take("LAST")
		if !o.nullsLast && !p.take("FIRST") {
			return o, p.unexpected()
		}
	}
	return o, nil
}

func (p *parser) number() (int, *refusal) {
	n, err := strconv.Atoi(p.peek().text)
	if err != nil || n < 0 {
		return 0, p.unexpected()
	}
	p.next++
	return n, nil
}

func (p *parser) peek() token { return p.tokens[p.next] }

// take consumes a keyword, whatever its case.
func (p *parser) take(keyword string) bool {
	if t := p.peek(); t.kind != word || !strings.EqualFold(t.text, keyword) {
		return false
	}
	p.next++
	return true
}

func (p *parser) takeMark(mark string) bool {
	if t := p.peek(); t.kind != sign || t.text != mark {
		return false
	}
	p.next++
	return true
}

func (p *parser) unexpected() *refusal {
	t := p.peek()
	text := t.text
	if t.kind == end {
		text = "<EOF>"
	}
	return pointAt(p.text, t.at, "MALFORMED_QUERY", "unexpected token: '%s'", text)
}
