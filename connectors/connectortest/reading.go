package connectortest

import (
	"cmp"
	"context"
	"fmt"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/apache/arrow-go/v18/arrow"
	"github.com/apache/arrow-go/v18/arrow/array"

	"merit/connectors"
)

// A row is one that came.
type row struct {
	table    string
	key      string
	version  version
	text     Row             // of all columns
	decimals map[string]bool // by column
}

func (r row) deleted() bool { return r.text[connectors.DeletedColumn] == "true" }

// A version orders the rows of a key: null first, then by number or text.
type version struct {
	present bool
	number  int64
	text    string
}

func (v version) compare(other version) int {
	switch {
	case v.present != other.present && v.present:
		return 1
	case v.present != other.present:
		return -1
	case v.number != other.number:
		return cmp.Compare(v.number, other.number)
	}
	return cmp.Compare(v.text, other.text)
}

// A page is one page that came.
type page struct {
	rows []row
	next connectors.Cursor
}

// A reading is one stream, from one source.
type reading struct {
	t      reporter
	source connectors.Source
	stream connectors.Stream
}

// read reads from since to the end, or until most pages came; it ends with the
// error that the connector yielded.
func (s reading) read(ctx context.Context, since connectors.Cursor, most int) ([]page, error) {
	s.t.Helper()
	var pages []page
	var failure error
	for p, err := range s.source.Read(ctx, s.stream, since) {
		if failure != nil {
			s.t.Errorf("%s goes on after its error (%v)", s.stream.Name, failure)
			return pages, failure
		}
		if err != nil {
			failure = err
			continue
		}
		pages = append(pages, s.keep(p))
		if len(pages) == most {
			break
		}
	}
	return pages, failure
}

// all reads from since to the end, where no error may come.
func (s reading) all(since connectors.Cursor) []page {
	s.t.Helper()
	pages, err := s.read(context.Background(), since, 0)
	if err != nil {
		s.t.Fatalf("%s since %q: %v", s.stream.Name, since, err)
	}
	if len(pages) == 0 && since == "" {
		s.t.Fatalf("%s gave no page at all, so nothing says where to go on", s.stream.Name)
	}
	return pages
}

// keep takes the rows out of a page, and looks at the page's form.
func (s reading) keep(p connectors.Page) page {
	s.t.Helper()
	out := page{next: p.Next}
	for _, b := range p.Batches {
		table, ok := tableNamed(s.stream, b.Table)
		switch {
		case !ok:
			s.t.Errorf("%s gave rows of %s, a table that it does not list", s.stream.Name, b.Table)
		case !b.Records.Schema().Equal(table.Schema):
			s.t.Errorf("%s gave a batch of %s with the schema\n%s\ninstead of\n%s", s.stream.Name, b.Table, b.Records.Schema(), table.Schema)
		default:
			out.rows = append(out.rows, rowsOf(table, b.Records)...)
		}
		b.Records.Release()
	}
	for _, r := range p.Rejects {
		table, ok := tableNamed(s.stream, r.Table)
		if !ok || len(table.Schema.FieldIndices(r.Column)) == 0 || r.Reason == "" || r.Key == "" {
			s.t.Errorf("%s gave a reject that leads nowhere: %+v", s.stream.Name, r)
		}
	}
	return out
}

func tableNamed(s connectors.Stream, name string) (connectors.Table, bool) {
	for _, t := range s.Tables {
		if t.Name == name {
			return t, true
		}
	}
	return connectors.Table{}, false
}

func rowsOf(t connectors.Table, records arrow.RecordBatch) []row {
	rows := make([]row, records.NumRows())
	for i := range rows {
		text, decimals := Row{}, map[string]bool{}
		for c, field := range t.Schema.Fields() {
			decimals[field.Name] = field.Type.ID() == arrow.DECIMAL128
			text[field.Name] = textOf(records.Column(c), i)
		}
		keys := make([]string, len(t.Key))
		for k, name := range t.Key {
			keys[k] = text[name]
		}
		rows[i] = row{table: t.Name, key: Key(keys...), text: text, decimals: decimals}
		if at := t.Schema.FieldIndices(t.Version); len(at) > 0 {
			rows[i].version = versionOf(records.Column(at[0]), i)
		}
	}
	return rows
}

func versionOf(a arrow.Array, i int) version {
	if a.IsNull(i) {
		return version{}
	}
	switch a := a.(type) {
	case *array.Timestamp:
		return version{present: true, number: a.Value(i).ToTime(a.DataType().(*arrow.TimestampType).Unit).UnixNano()}
	case *array.Int64:
		return version{present: true, number: a.Value(i)}
	}
	return version{present: true, text: textOf(a, i)}
}

// textOf is a value as a Row has it.
func textOf(a arrow.Array, i int) string {
	if a.IsNull(i) {
		return ""
	}
	switch a := a.(type) {
	case *array.String:
		return a.Value(i)
	case *array.Boolean:
		return strconv.FormatBool(a.Value(i))
	case *array.Decimal128:
		return Plain(a.Value(i).ToString(a.DataType().(*arrow.Decimal128Type).Scale))
	case *array.Timestamp:
		return a.Value(i).ToTime(a.DataType().(*arrow.TimestampType).Unit).UTC().Format(time.RFC3339Nano)
	case *array.Date32:
		return a.Value(i).ToTime().Format(time.DateOnly)
	}
	return a.ValueStr(i)
}

var decimalText = regexp.MustCompile(`^-?\d*\.\d+$`)

// Plain is a decimal's text without zeros at its end, and any other text as it is:
// how many zeros there are is the column's matter, not the value's.
func Plain(text string) string {
	if !decimalText.MatchString(text) {
		return text
	}
	return strings.TrimSuffix(strings.TrimRight(text, "0"), ".")
}

// PlainRows are rows of cells with " | " between them, each cell Plain.
func PlainRows(rows []string) []string {
	plain := make([]string, len(rows))
	for i, row := range rows {
		cells := strings.Split(row, " | ")
		for c := range cells {
			cells[c] = Plain(cells[c])
		}
		plain[i] = strings.Join(cells, " | ")
	}
	return plain
}

// latest merges pages as the lake does: of each key the highest version counts,
// the later one among equals.
func latest(pages ...page) map[string]map[string]row {
	tables := map[string]map[string]row{}
	for _, p := range pages {
		for _, r := range p.rows {
			rows := tables[r.table]
			if rows == nil {
				rows = map[string]row{}
				tables[r.table] = rows
			}
			if old, ok := rows[r.key]; !ok || r.version.compare(old.version) >= 0 {
				rows[r.key] = r
			}
		}
	}
	return tables
}

// compare holds what came against the truth, for one stream; full stands for the
// truth in tables that the truth does not name.
func compare(t reporter, s connectors.Stream, truth Truth, got, full map[string]map[string]row) {
	t.Helper()
	for _, table := range s.Tables {
		want, known := truth[table.Name]
		if !known {
			want = Rows{}
			for key, r := range full[table.Name] {
				want[key] = r.text
			}
		}
		var wrong []string
		for key, row := range want {
			wrong = append(wrong, difference(table.Name, key, row, got[table.Name])...)
		}
		for key, r := range got[table.Name] {
			if _, ok := want[key]; !ok && !r.deleted() {
				wrong = append(wrong, fmt.Sprintf("%s %s came, and the CRM has no such record", table.Name, key))
			}
		}
		slices.Sort(wrong)
		const enough = 5
		for i, w := range wrong {
			if i == enough {
				t.Errorf("… and %d more in %s", len(wrong)-enough, table.Name)
				break
			}
			t.Errorf("%s", w)
		}
	}
}

func difference(table, key string, want Row, got map[string]row) []string {
	r, ok := got[key]
	if !ok {
		if want[connectors.DeletedColumn] == "true" {
			return nil // deleted before anybody read it
		}
		return []string{fmt.Sprintf("%s %s is missing", table, key)}
	}
	var wrong []string
	for column, text := range want {
		if r.decimals[column] {
			text = Plain(text)
		}
		if have, ok := r.text[column]; !ok || have != text {
			wrong = append(wrong, fmt.Sprintf("%s %s has %s %q, the CRM has %q", table, key, column, have, text))
		}
	}
	if _, said := want[connectors.DeletedColumn]; !said && r.deleted() {
		wrong = append(wrong, fmt.Sprintf("%s %s is told to be deleted, and the CRM has it", table, key))
	}
	return wrong
}
