// Package decode turns a CRM's bytes into typed Arrow batches: a CSV scanner, a
// walk over JSON tokens, and a Builder with one canonical parser for each type.
//
// Nothing is lost on the way. A text that does not fit its column's type becomes
// a Reject and a null; the row stays.
package decode

import (
	"bytes"
	"strings"

	"github.com/apache/arrow-go/v18/arrow"
	"github.com/apache/arrow-go/v18/arrow/array"

	"merit/connectors"
	"merit/connectors/fault"
)

// A Builder gathers one table's rows into Arrow batches. It is for one goroutine.
type Builder struct {
	table   connectors.Table
	columns []column
	exact   map[string]int // positions by name
	folded  map[string]int // and by the name in lower case, the first of its kind
	keys    []int          // positions of the key columns
	rows    int
	rejects []connectors.Reject
	told    int // the rejects of finished rows: those know their key
	nuls    int64
	keyless string // a key column of texts that a finished row has nothing in
}

// NewBuilder gives a Builder for t. A schema with a type other than utf8, bool,
// int64, decimal128, float64, date32, timestamp (ms or us) and time64 is a
// mistake of the connector's author, and panics.
func NewBuilder(t connectors.Table) *Builder {
	b := &Builder{
		table:   t,
		columns: make([]column, t.Schema.NumFields()),
		exact:   map[string]int{},
		folded:  map[string]int{},
	}
	for i, field := range t.Schema.Fields() {
		b.columns[i] = column{dtype: field.Type, cells: newCells(t.Name, field)}
		b.exact[field.Name] = i
		if lower := strings.ToLower(field.Name); !has(b.folded, lower) {
			b.folded[lower] = i
		}
	}
	for _, name := range t.Key {
		if i := b.Column(name); i >= 0 {
			b.columns[i].isKey = true
			b.keys = append(b.keys, i)
		}
	}
	return b
}

// Column is the position of the column with this name, or else of the first that
// differs only by case; -1 when the table has none.
func (b *Builder) Column(name string) int {
	if i, ok := b.exact[name]; ok {
		return i
	}
	if i, ok := b.folded[strings.ToLower(name)]; ok {
		return i
	}
	return -1
}

func has(positions map[string]int, name string) bool {
	_, ok := positions[name]
	return ok
}

// Set gives the row being built its text in a column; it copies. An empty text is
// null, for strings too. When a column is set twice the later text counts. A
// column of -1 is passed over, so that a header may name what the table lacks.
func (b *Builder) Set(column int, text []byte) {
	if column < 0 {
		return
	}
	c := &b.columns[column]
	if c.length > b.rows {
		b.unset(column)
	}
	if c.isKey {
		c.text = append(c.text[:0], text...)
	}
	if len(text) == 0 {
		c.appendNull()
		return
	}
	if why := c.cells.put(text); why != "" {
		b.mend(column, text, why)
		return
	}
	c.mark(true)
}

// mend takes a text that its column refused: without its NUL bytes it may fit,
// otherwise it is rejected.
func (b *Builder) mend(column int, text []byte, why string) {
	c := &b.columns[column]
	if n := bytes.Count(text, []byte{0}); n > 0 {
		b.nuls += int64(n)
		text = bytes.ReplaceAll(text, []byte{0}, nil)
		if len(text) == 0 {
			c.appendNull()
			return
		}
		if why = c.cells.put(text); why == "" {
			c.mark(true)
			return
		}
	}
	c.appendNull()
	b.rejects = append(b.rejects, connectors.Reject{
		Table:  b.table.Name,
		Column: b.table.Schema.Field(column).Name,
		Value:  printable(text),
		Reason: why,
	})
}

// unset takes back what the row being built has in a column.
func (b *Builder) unset(column int) {
	b.columns[column].drop()
	name := b.table.Schema.Field(column).Name
	kept := b.rejects[:b.told]
	for _, r := range b.rejects[b.told:] {
		if r.Column != name {
			kept = append(kept, r)
		}
	}
	b.rejects = kept
}

// EndRow finishes the row being built. Columns that were not set are null.
func (b *Builder) EndRow() {
	b.rows++
	for i := range b.columns {
		if b.columns[i].length < b.rows {
			b.columns[i].appendNull()
		}
	}
	if len(b.rejects) > b.told {
		b.nameRejects()
	}
	for _, i := range b.keys {
		c := &b.columns[i]
		if c.dtype.ID() == arrow.STRING && len(c.text) == 0 {
			b.keyless = b.table.Schema.Field(i).Name
		}
		c.text = c.text[:0]
	}
}

// KeyError is about a row that nothing tells from others: its id is missing. Such rows
// would fall together, so that all but one were lost. It is asked before Flush.
func (b *Builder) KeyError() error {
	if b.keyless == "" {
		return nil
	}
	return fault.Errorf(fault.Them, "a record for %s comes without %s, by which records are told apart", b.table.Name, b.keyless)
}

// DropRow forgets the row being built.
func (b *Builder) DropRow() {
	for i := range b.columns {
		if b.columns[i].length > b.rows {
			b.unset(i)
		}
		b.columns[i].text = b.columns[i].text[:0]
	}
}

// nameRejects gives the rejects of the row just ended its key.
func (b *Builder) nameRejects() {
	texts := make([]string, len(b.keys))
	for i, k := range b.keys {
		texts[i] = printable(bytes.ReplaceAll(b.columns[k].text, []byte{0}, nil))
	}
	key := strings.Join(texts, "/")
	for i := b.told; i < len(b.rejects); i++ {
		b.rejects[i].Key = key
	}
	b.told = len(b.rejects)
}

// Len is the number of rows ended since the last Flush.
func (b *Builder) Len() int { return b.rows }

// Size is about how many bytes these rows take in memory.
func (b *Builder) Size() int {
	size := 0
	for i := range b.columns {
		size += b.columns[i].cells.size()
	}
	return size
}

// NULs is how many NUL bytes were removed from texts so far: files and databases
// downstream end a text at the first one.
func (b *Builder) NULs() int64 { return b.nuls }

// Flush gives the rows since the last Flush, and what did not fit in them. The
// batch is the caller's to release. A row that was begun and not ended is not in
// it, and is forgotten.
func (b *Builder) Flush() (connectors.Batch, []connectors.Reject) {
	arrays := make([]arrow.Array, len(b.columns))
	b.DropRow()
	for i := range b.columns {
		arrays[i] = b.columns[i].flush()
	}
	batch := connectors.Batch{
		Table:   b.table.Name,
		Records: array.NewRecordBatch(b.table.Schema, arrays, int64(b.rows)),
	}
	for _, a := range arrays {
		a.Release()
	}
	rejects := b.rejects
	b.rows, b.rejects, b.told, b.keyless = 0, nil, 0, ""
	return batch, rejects
}

// Release lets the memory of unflushed rows go. The Builder is not used after it.
func (b *Builder) Release() {
	b.columns, b.keys, b.rejects = nil, nil, nil
}

// printable is text as UTF-8, with \xNN for each byte that is none.
func printable(text []byte) string {
	const hex = "0123456789abcdef"
	var out strings.Builder
	for valid := range invalidRuns(text) {
		out.Write(valid.text)
		for _, c := range valid.broken {
			out.WriteString(`\x`)
			out.WriteByte(hex[c>>4])
			out.WriteByte(hex[c&15])
		}
	}
	return out.String()
}
