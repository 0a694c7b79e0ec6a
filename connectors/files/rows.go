package files

import (
	"fmt"
	"strconv"
	"strings"
	"time"

	"merit/connectors"
	"merit/connectors/decode"
	"merit/connectors/fault"
)

const (
	pageRows  = 20_000
	pageBytes = 8 << 20
	own       = 3 // columns that say where a row came from, before the contract's
)

// absent is what a column has in every row of a file that lacks it: what goes
// without saying of most files. The setting values says more.
var absent = map[string]string{
	"pipeline_id": "default", "is_deleted": "false", "is_truncated": "false", "is_cancelled": "false", "is_adjusted": "false",
	"is_active": "true", "is_successful": "true",
}

// rows take one file's cells, under the names that they have there, into batches
// of its table.
type rows struct {
	drop    *drop
	file    presentFile
	table   Table
	builder *decode.Builder
	places  map[string]int // by name in the file: place among the contract's columns; -1: left out
	given   []bool         // by place: the row being built has a value there
	present []bool         // by place: the file has the column
	fixed   []string       // by place: what a file without the column has there; "" is nothing
}

func newRows(d *drop, t Table, raw connectors.Table, f presentFile) *rows {
	r := &rows{
		drop: d, file: f, table: t, builder: decode.NewBuilder(raw), places: map[string]int{},
		given: make([]bool, len(t.Columns)), present: make([]bool, len(t.Columns)), fixed: make([]string, len(t.Columns)),
	}
	for i, c := range t.Columns {
		r.fixed[i] = d.constants[t.Name][c.Name]
		if r.fixed[i] == "" && !c.Nullable {
			r.fixed[i] = absent[c.Name]
		}
	}
	return r
}

// place is where a column of the file goes; a name that the contract does not
// know is an error that says which there are.
func (r *rows) place(name string, line int64) (int, error) {
	if place, known := r.places[name]; known {
		return place, nil
	}
	column := strings.ToLower(strings.TrimSpace(name))
	if renamed, there := r.drop.renamed[r.table.Name][name]; there {
		column = renamed
	}
	place := -1
	for i, c := range r.table.Columns {
		if c.Name == column {
			place = i
		}
	}
	switch {
	case place < 0 && column != "-":
		return 0, r.faultf(line, "column %q is none of %s: there are %s. Say what it is under columns:, %s.%s = …, or leave it out, %s.%s = -",
			name, r.table.Name, r.table.names(), r.table.Name, name, r.table.Name, name)
	case place >= 0 && r.present[place]:
		return 0, r.faultf(line, "column %q: the file has another column for %s", name, column)
	case place >= 0:
		r.present[place] = true
	}
	r.places[name] = place
	return place, nil
}

// set gives the row being built its text in a column; an empty text is none.
func (r *rows) set(place int, text []byte) {
	if place < 0 {
		return
	}
	switch column := r.table.Columns[place]; {
	case column.Type == "timestamp with time zone":
		text = r.withZone(text)
	case column.Type == "date":
		text = r.day(text)
	}
	r.given[place] = len(text) > 0
	r.builder.Set(own+place, text)
}

// withZone reads an instant that says no zone in the zone of the settings. Of an
// hour that a clock change repeats, it is the first.
func (r *rows) withZone(text []byte) []byte {
	if r.drop.zone == nil || len(text) < len(time.DateOnly) {
		return text
	}
	for _, layout := range []string{"2006-01-02T15:04:05", time.DateTime, "2006-01-02T15:04", "2006-01-02 15:04", time.DateOnly} {
		if at, err := time.ParseInLocation(layout, string(text), r.drop.zone); err == nil {
			return at.UTC().AppendFormat(nil, time.RFC3339Nano)
		}
	}
	return text
}

// day is the calendar date of an instant in the zone of the settings. Nothing else
// is read as a day: a bare number would be one of 1970.
func (r *rows) day(text []byte) []byte {
	if len(text) <= len(time.DateOnly) {
		return text
	}
	for _, layout := range []string{"2006-01-02T15:04:05", time.DateTime, "2006-01-02T15:04", "2006-01-02 15:04"} {
		if at, err := time.Parse(layout, string(text)); err == nil {
			return at.AppendFormat(nil, time.DateOnly) // it says no zone: the day is the one that stands there
		}
	}
	for _, layout := range []string{time.RFC3339Nano, "2006-01-02 15:04:05Z07:00", "2006-01-02 15:04:05Z07"} {
		if at, err := time.Parse(layout, string(text)); err == nil && r.drop.zone != nil {
			return at.In(r.drop.zone).AppendFormat(nil, time.DateOnly)
		}
	}
	return text
}

// end finishes a row that began on this line.
func (r *rows) end(line int64) error {
	for place, column := range r.table.Columns {
		switch isAbsent := !r.given[place] && (!r.present[place] || r.file.kind == isJSON); {
		case isAbsent && r.fixed[place] != "":
			r.set(place, []byte(r.fixed[place]))
		case isAbsent && column.Name == "ordinal":
			r.set(place, strconv.AppendInt(nil, line, 10)) // the file's order is the order
		}
		if !column.Nullable && !r.given[place] {
			return r.missing(column.Name, line, r.present[place])
		}
		r.given[place] = false
	}
	r.builder.Set(0, []byte(r.file.name))
	r.builder.Set(1, []byte(r.file.content))
	r.builder.Set(2, strconv.AppendInt(nil, line, 10))
	r.builder.EndRow()
	return nil
}

func (r *rows) missing(column string, line int64, isThere bool) error {
	if isThere {
		return r.faultf(line, "column %s is empty, and every row of %s needs it", column, r.table.Name)
	}
	return r.faultf(line, "there is no column %s, and every row of %s needs it; say which it is under columns:, or what it always is under values:, %s.%s = …",
		column, r.table.Name, r.table.Name, column)
}

func (r *rows) isFull() bool {
	return r.builder.Len() >= pageRows || r.builder.Len()%512 == 0 && r.builder.Size() >= pageBytes
}

// page is the rows since the last page. A value that does not fit is an error
// where a row needs it, and else a reject that says where it stands.
func (r *rows) page(next connectors.Cursor) (connectors.Page, error) {
	batch, rejects := r.builder.Flush()
	for i, reject := range rejects {
		line := reject.Key[strings.LastIndexByte(reject.Key, '/')+1:]
		if !r.isNullable(reject.Column) {
			batch.Records.Release()
			return connectors.Page{}, fault.Errorf(fault.You, "%s %s %s, column %s: %q %s",
				r.drop.path(r.file.name), r.unit(), line, reject.Column, reject.Value, reject.Reason)
		}
		rejects[i].Reason = fmt.Sprintf("%s (%s %s %s)", reject.Reason, r.file.name, r.unit(), line)
	}
	return connectors.Page{Batches: []connectors.Batch{batch}, Rejects: rejects, Next: next}, nil
}

func (r *rows) isNullable(column string) bool {
	for _, c := range r.table.Columns {
		if c.Name == column {
			return c.Nullable
		}
	}
	return false
}

// unit is what a place in the file is counted in.
func (r *rows) unit() string {
	if r.file.kind == isParquet {
		return "row"
	}
	return "line"
}

func (r *rows) faultf(line int64, format string, args ...any) error {
	return fault.Errorf(fault.You, "%s %s %d: "+format, append([]any{r.drop.path(r.file.name), r.unit(), line}, args...)...)
}
