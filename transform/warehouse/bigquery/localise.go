package bigquery

import (
	"fmt"
	"strings"
	"unicode"

	"merit/transform/warehouse"
)

// Names say in which datasets Merit's schemas lie: the schema core of the dataset
// merit is the dataset merit_core. What is published lies in merit itself. Rights
// in BigQuery are given dataset by dataset, and so are its functions, which is why
// a schema is a dataset and no prefix of table names: readers are let into merit
// alone, and nobody but Merit into what the CRMs say of people (merit_raw_…).
type Names struct{ Dataset string }

// dataset is where a schema lies.
func (n Names) dataset(schema string) string { return n.Dataset + "_" + schema }

// table is a table's name in SQL.
func (n Names) table(schema, table string) string {
	return identifier(n.dataset(schema)) + "." + identifier(table)
}

// identifier quotes a name, whatever it holds.
func identifier(name string) string {
	return "`" + strings.NewReplacer("\\", "\\\\", "`", "\\`").Replace(name) + "`"
}

// text is a literal.
func text(s string) string {
	var b strings.Builder
	b.WriteByte('\'')
	for _, r := range s {
		switch {
		case r == '\'' || r == '\\':
			b.WriteByte('\\')
			b.WriteRune(r)
		case r == '\n':
			b.WriteString(`\n`)
		case r == '\r':
			b.WriteString(`\r`)
		case unicode.IsControl(r) && r < 0x80:
			fmt.Fprintf(&b, `\x%02x`, r)
		default:
			b.WriteRune(r)
		}
	}
	b.WriteByte('\'')
	return b.String()
}

// Localise writes common SQL, which every engine is handed, as BigQuery takes it:
// schemas become datasets, "names" `names`, 'it”s' 'it\'s', the contract's types
// BigQuery's, and each ? a named parameter @a1, @a2 … Lines stay where they are.
func (n Names) Localise(sql string) (string, error) {
	pieces, err := scan(sql)
	if err != nil {
		return "", err
	}
	w := writer{names: n, all: pieces, inside: []bool{false}}
	for i := 0; i < len(pieces); {
		i += w.write(i)
	}
	return w.out.String(), nil
}

// A writer writes pieces one after another.
type writer struct {
	names  Names
	all    []piece
	out    strings.Builder
	inside []bool // for each open parenthesis: does from in it name no table: extract(day from t)
	params int
}

// write writes the piece at i and tells how many pieces that took.
func (w *writer) write(i int) int {
	p := w.all[i]
	switch {
	case p.is("("):
		before := w.before(i, 1)
		w.inside = append(w.inside, before.is("extract", "substring", "trim", "overlay", "position"))
	case p.is(")") && len(w.inside) > 1:
		w.inside = w.inside[:len(w.inside)-1]
	case p.is("?"):
		w.params++
		fmt.Fprintf(&w.out, "@a%d", w.params)
		return 1
	case p.kind == literal:
		w.out.WriteString(text(p.inner()))
		return 1
	case p.isName() && w.namesSchema(i):
		w.out.WriteString(identifier(w.names.dataset(nameOf(p))))
		return 1
	case p.kind == quoted:
		w.out.WriteString(identifier(p.inner()))
		return 1
	case p.kind == word && w.before(i, 1).is("as"):
		return w.typeName(i)
	}
	w.out.WriteString(p.text)
	return 1
}

func nameOf(p piece) string {
	if p.kind == quoted {
		return p.inner()
	}
	return p.text
}

// before is the nth piece before i that is no space, after the nth behind it; a
// piece of no kind where there is none.
func (w *writer) before(i, n int) piece {
	for i--; i >= 0; i-- {
		if w.all[i].kind == space {
			continue
		}
		if n--; n == 0 {
			return w.all[i]
		}
	}
	return piece{}
}

func (w *writer) after(i int) (piece, int) {
	for i++; i < len(w.all); i++ {
		if w.all[i].kind != space {
			return w.all[i], i
		}
	}
	return piece{}, i
}

// namesSchema tells whether the name at i is a schema's: it stands where a table
// or function does and has a part behind it. An alias that is called like a schema
// (from plan.metrics, metrics.period) stands elsewhere.
func (w *writer) namesSchema(i int) bool {
	one := w.before(i, 1)
	if one.is("schema") && !w.all[i].is("if") || one.is("exists") && w.before(i, 3).is("schema") || one.is("exists") && w.before(i, 4).is("schema") {
		return true
	}
	if follows, _ := w.after(i); !follows.is(".") || one.is(".") {
		return false
	}
	switch {
	case strings.EqualFold(w.all[i].text, "fn"):
		return true
	case one.is("from"):
		isDistinct := w.before(i, 2).is("distinct") && w.before(i, 3).is("is", "not")
		return !isDistinct && !w.inside[len(w.inside)-1]
	}
	return one.is("join", "into", "update", "table", "view", "function", "exists")
}

// typeName writes the type in cast(x as type): the contract's as BigQuery's.
func (w *writer) typeName(i int) int {
	p := w.all[i]
	follows, at := w.after(i)
	switch {
	case p.is("timestamp") && follows.is("with"):
		_, at = w.after(at) // time
		_, at = w.after(at) // zone
		w.out.WriteString("timestamp")
		return at + 1 - i
	case p.is("numeric", "decimal") && follows.is("("):
		end := at
		for end < len(w.all) && !w.all[end].is(")") {
			end++
		}
		var whole strings.Builder
		for _, one := range w.all[i:min(end+1, len(w.all))] {
			whole.WriteString(strings.ToLower(one.text))
		}
		w.out.WriteString(warehouse.TypeIn("bigquery", whole.String()))
		return end + 1 - i
	}
	w.out.WriteString(warehouse.TypeIn("bigquery", p.text))
	return 1
}
