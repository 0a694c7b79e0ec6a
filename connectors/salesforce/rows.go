package salesforce

import (
	"io"
	"strconv"
	"strings"

	"github.com/go-json-experiment/json/jsontext"

	"merit/connectors"
	"merit/connectors/decode"
)

// batchRows is where a batch is cut off, so that builders stay small; a page has
// several.
const batchRows = 16_384

// rows gathers records into the batches of a page.
type rows struct {
	builder *decode.Builder
	deleted int            // the column that says false where the object can't be deleted; -1
	columns map[string]int // column by the field that fills it
	page    connectors.Page
	count   int64
}

func newRows(t connectors.Table) *rows {
	r := &rows{builder: decode.NewBuilder(t), deleted: -1, columns: map[string]int{}}
	for i, f := range t.Schema.Fields() {
		name, isSelected := f.Metadata.GetValue(selects)
		switch {
		case isSelected:
			r.columns[name] = i
		case f.Name == connectors.DeletedColumn:
			r.deleted = i
		}
	}
	return r
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
	r.builder.Set(r.deleted, no)
	r.builder.EndRow()
	r.count++
	if r.builder.Len() >= batchRows {
		r.flush()
	}
}

func (r *rows) flush() {
	batch, rejects := r.builder.Flush()
	r.page.Batches = append(r.page.Batches, batch)
	r.page.Rejects = append(r.page.Rejects, rejects...)
}

// done gives the page; it may have no batch.
func (r *rows) done() connectors.Page {
	if r.builder.Len() > 0 {
		r.flush()
	}
	r.builder.Release()
	return r.page
}

// drop lets everything go.
func (r *rows) drop() {
	release(r.page)
	r.page = connectors.Page{}
	r.builder.Release()
}

// csvPage reads one page of a Bulk result. Every field that was asked for must be
// in the header: a column that is silently missing would become null.
func csvPage(body io.Reader, t connectors.Table) (connectors.Page, int64, error) {
	r := newRows(t)
	csv := decode.NewCSV(body, ',')
	if !csv.Next() {
		defer r.drop()
		return connectors.Page{}, 0, csv.Err() // an empty result may have no header
	}
	var columns []int
	found := 0
	for _, name := range csv.Fields() {
		at := r.named(string(name))
		if at >= 0 {
			found++
		}
		columns = append(columns, at)
	}
	if found != len(r.columns) {
		r.drop()
		return connectors.Page{}, 0, connectors.Faultf(connectors.Them, "a result has %d of the %d columns that were asked for", found, len(r.columns))
	}
	for csv.Next() {
		for i, text := range csv.Fields() {
			r.builder.Set(columns[i], text)
		}
		r.end()
	}
	if err := csv.Err(); err != nil {
		r.drop()
		return connectors.Page{}, 0, err
	}
	return r.done(), r.count, nil
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
func jsonPage(body io.Reader, t connectors.Table) (jsonResult, error) {
	r := newRows(t)
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
	if err == nil && result.total < 0 {
		err = connectors.Faultf(connectors.Them, "a page of a query does not say how many rows there are")
	}
	if err != nil {
		r.drop()
		return jsonResult{}, err
	}
	result.Page, result.rows = r.done(), r.count
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
		return connectors.Faultf(connectors.Them, "a page of a query has %s %q", name, text)
	}
	return nil
}

// record reads one row; its attributes (type and address) say nothing new.
func (r *rows) record(d *jsontext.Decoder, text *[]byte) error {
	err := decode.Members(d, func(name []byte) error {
		at, ok := r.columns[string(name)]
		if !ok {
			return decode.Skip(d)
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
