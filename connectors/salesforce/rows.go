package salesforce

import (
	"io"
	"strconv"
	"strings"
	"sync/atomic"

	"github.com/go-json-experiment/json/jsontext"

	"merit/connectors"
	"merit/connectors/decode"
	"merit/connectors/fault"
)

// A target is the table that a query fills.
type target struct {
	connectors.Table
	fixed map[string]string // text of the columns that are the same in all rows
	nuls  *atomic.Int64     // NUL bytes that came; nil: nobody counts
}

// rows gathers records into batches.
type rows struct {
	builder *decode.Builder
	fixed   map[int][]byte // text of columns that no field fills, such as false where nothing can be deleted
	columns map[string]int // column by the field that fills it
	id      int            // the column that names the record; -1: there is none
	nuls    *atomic.Int64
}

func newRows(t target) *rows {
	r := &rows{builder: decode.NewBuilder(t.Table), fixed: map[int][]byte{}, columns: map[string]int{}, nuls: t.nuls}
	r.id = -1
	if len(t.Key) > 0 {
		r.id = r.builder.Column(t.Key[0])
	}
	for i, f := range t.Schema.Fields() {
		name, isSelected := f.Metadata.GetValue(selects)
		switch {
		case isSelected:
			r.columns[name] = i
		case f.Name == connectors.DeletedColumn:
			r.fixed[i] = no
		case t.fixed[f.Name] != "":
			r.fixed[i] = []byte(t.fixed[f.Name])
		}
	}
	return r
}

// release ends the gathering and counts what came in it.
func (r *rows) release() {
	if r.nuls != nil {
		r.nuls.Add(r.builder.NULs())
	}
	r.builder.Release()
}

// named is the column that a field fills, whatever the case of its name; -1 when
// there is none.
func (r *rows) named(field string) int {
	if at, ok := r.columns[field]; ok {
		return at
	}
	for name, at := range r.columns {
		if strings.EqualFold(name, field) {
			return at
		}
	}
	return -1
}

var no = []byte("false")

func (r *rows) end() {
	for column, text := range r.fixed {
		r.builder.Set(column, text)
	}
	r.builder.EndRow()
}

// page gives the rows gathered since the last one; without any it has no batch.
func (r *rows) page() connectors.Page {
	if r.builder.Len() == 0 {
		return connectors.Page{}
	}
	batch, rejects := r.builder.Flush()
	return connectors.Page{Batches: []connectors.Batch{batch}, Rejects: rejects}
}

// A part is some rows of a page of a Bulk result.
type part struct {
	connectors.Page
	rows int64 // in it
	read int64 // of the page up to its end
}

// csvPage reads one page of a Bulk result from its row number skip on, and gives it
// in parts of so many rows but for the last, which it returns. Every field that was
// asked for must be in the header: a column silently missing would become null.
func csvPage(body io.Reader, t target, skip int64, partRows int, give func(part) error) (part, error) {
	r := newRows(t)
	defer r.release()
	csv := decode.NewCSV(body, ',')
	if !csv.Next() {
		return part{}, csv.Err() // an empty result may have no header
	}
	columns, err := r.header(csv.Fields())
	if err != nil {
		return part{}, err
	}
	read := int64(0)
	for csv.Next() {
		if read++; read <= skip {
			continue
		}
		for i, text := range csv.Fields() {
			r.builder.Set(columns[i], text)
		}
		r.end()
		if n := r.builder.Len(); n >= partRows {
			if err := r.builder.KeyError(); err != nil {
				return part{}, err
			}
			if err := give(part{Page: r.page(), rows: int64(n), read: read}); err != nil {
				return part{}, err
			}
		}
	}
	if err := csv.Err(); err != nil {
		return part{}, err
	}
	if err := r.builder.KeyError(); err != nil {
		return part{}, err
	}
	n := r.builder.Len()
	return part{Page: r.page(), rows: int64(n), read: read}, nil
}

// header finds the column of each of a result's fields.
func (r *rows) header(fields [][]byte) ([]int, error) {
	columns := make([]int, len(fields))
	found := map[int]bool{}
	for i, name := range fields {
		if columns[i] = r.named(string(name)); columns[i] >= 0 {
			found[columns[i]] = true
		}
	}
	if len(found) != len(r.columns) {
		return nil, fault.Errorf(fault.Them, "a result has %d of the %d columns that were asked for", len(found), len(r.columns))
	}
	return columns, nil
}

// A jsonResult is one page of a REST query.
type jsonResult struct {
	connectors.Page
	rows  int64
	total int64  // rows of the whole query
	done  bool   // this is the last page
	next  string // path of the next page
}

// jsonPage reads one page of a REST query, whose members may come in any order.
func jsonPage(body io.Reader, t target) (jsonResult, error) {
	r := newRows(t)
	defer r.release()
	result := jsonResult{total: -1}
	d := decode.NewJSON(body)
	var text []byte
	err := decode.Object(d, func(name string) (err error) {
		switch name {
		case "records":
			return decode.Array(d, func() error { return r.record(d, &text) })
		case "totalSize", "done", "nextRecordsUrl":
			text, _, err = decode.Text(d, text)
			if err == nil {
				err = result.set(name, string(text))
			}
			return err
		}
		return decode.Skip(d)
	})
	if err == nil {
		err = decode.End(d)
	}
	if err == nil {
		err = r.builder.KeyError()
	}
	if err == nil && result.total < 0 {
		err = fault.Errorf(fault.Them, "a page of a query does not say how many rows there are")
	}
	if err != nil {
		return jsonResult{}, err
	}
	result.rows = int64(r.builder.Len())
	result.Page = r.page()
	return result, nil
}

func (j *jsonResult) set(name, text string) (err error) {
	switch name {
	case "totalSize":
		j.total, err = strconv.ParseInt(text, 10, 64)
	case "done":
		j.done = text == "true"
	case "nextRecordsUrl":
		j.next = text
	}
	if err != nil {
		return fault.Errorf(fault.Them, "a page of a query has %s %q", name, text)
	}
	return nil
}

// record reads one row; its attributes (type and address) say nothing new.
func (r *rows) record(d *jsontext.Decoder, text *[]byte) error {
	err := decode.Members(d, func(name []byte) error {
		at, ok := r.columns[string(name)]
		if !ok {
			if at = r.named(string(name)); at < 0 {
				return decode.Skip(d)
			}
		}
		if kind := d.PeekKind(); at == r.id && (kind == '{' || kind == '[') {
			return fault.Errorf(fault.Them, "a record's Id is no text")
		}
		value, ok, err := decode.Text(d, *text)
		*text = value
		if ok && err == nil {
			r.builder.Set(at, value)
		}
		return err
	})
	if err != nil {
		return err
	}
	r.end()
	return nil
}
