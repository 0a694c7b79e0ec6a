package hubspot

import (
	"time"

	"github.com/apache/arrow-go/v18/arrow"

	"merit/connectors"
	"merit/connectors/decode"
)

// fieldTable has the properties of deals that merit.yml names, a row for each: a
// view can't know their columns' names. One that is not named any more stays as it
// was last.
func fieldTable() connectors.Table {
	return connectors.Table{
		Name: "deal_fields", Key: []string{"deal_id", "field"},
		Schema: arrow.NewSchema([]arrow.Field{text("deal_id"), text("field"), text("value")}, nil),
	}
}

// fields turns such properties into rows of that table.
type fields struct {
	builder           *decode.Builder
	deal, name, value int
	asked             []string
	kinds             map[string]arrow.Type // of those
	read              map[string]string     // of the deal being read
}

func newFields(t connectors.Table, o object, kinds map[string]arrow.Type) *fields {
	b := decode.NewBuilder(t)
	f := &fields{builder: b, asked: o.extras, deal: b.Column("deal_id"), name: b.Column("field"), value: b.Column("value"), kinds: map[string]arrow.Type{}, read: map[string]string{}}
	for _, name := range o.extras {
		f.kinds[name] = kinds[name]
	}
	return f
}

// write gives the deal's rows: each that was asked for, whatever the reply has.
func (f *fields) write(deal []byte) {
	for _, name := range f.asked {
		f.builder.Set(f.deal, deal)
		f.builder.Set(f.name, []byte(name))
		f.builder.Set(f.value, []byte(f.read[name]))
		f.builder.EndRow()
	}
	clear(f.read)
}

// plain is a value's text in one form for each type: 12.5, 2026-03-31, an instant in
// UTC. What fits no form stays as it is.
func plain(kind arrow.Type, value []byte) string {
	text := string(value)
	switch kind {
	case arrow.DECIMAL128:
		if number, ok := decode.PlainDecimal(value); ok {
			return number
		}
	case arrow.DATE32, arrow.TIMESTAMP:
		at, err := time.Parse(time.RFC3339, text)
		if ms := epoch(value); err != nil && ms != 0 {
			at, err = time.UnixMilli(ms), nil
		}
		switch {
		case err != nil:
			return text
		case kind == arrow.DATE32:
			return at.UTC().Format(time.DateOnly)
		}
		return at.UTC().Format(time.RFC3339Nano)
	}
	return text
}
