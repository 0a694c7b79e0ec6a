package lake

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"iter"
	"os"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/apache/arrow-go/v18/arrow"
	"github.com/apache/arrow-go/v18/arrow/array"
	"github.com/apache/arrow-go/v18/arrow/decimal128"
	"github.com/apache/arrow-go/v18/arrow/memory"
	"github.com/google/go-cmp/cmp"
	"github.com/parquet-go/parquet-go"
	"go.uber.org/goleak"

	"merit/connectors"
)

func TestMain(m *testing.M) {
	if os.Getenv("MERIT_SOAK") == "" { // -rapid.checks on the command line still counts
		_ = flag.Set("rapid.checks", "30")
	}
	goleak.VerifyTestMain(m)
}

// The stream of these stories: deals, and the history of their stages.

func dealsTable(more ...arrow.Field) connectors.Table {
	fields := append([]arrow.Field{
		{Name: "id", Type: arrow.BinaryTypes.String, Nullable: true},
		{Name: "name", Type: arrow.BinaryTypes.String, Nullable: true},
		{Name: "amount", Type: &arrow.Decimal128Type{Precision: 18, Scale: 2}, Nullable: true},
		{Name: "modified_at", Type: arrow.FixedWidthTypes.Timestamp_ms, Nullable: true},
		{Name: "merit_deleted", Type: arrow.FixedWidthTypes.Boolean, Nullable: true},
	}, more...)
	return connectors.Table{Name: "deals", Key: []string{"id"}, Version: "modified_at", Schema: arrow.NewSchema(fields, nil)}
}

func historyTable() connectors.Table {
	return connectors.Table{Name: "deal_history", Key: []string{"id", "stage"}, Schema: arrow.NewSchema([]arrow.Field{
		{Name: "id", Type: arrow.BinaryTypes.String, Nullable: true},
		{Name: "stage", Type: arrow.BinaryTypes.String, Nullable: true},
	}, nil)}
}

func dealsStream() connectors.Stream {
	return connectors.Stream{Name: "deals", Tables: []connectors.Table{dealsTable(), historyTable()}}
}

func streamOf(t connectors.Table) connectors.Stream {
	return connectors.Stream{Name: t.Name, Tables: []connectors.Table{t}}
}

// rows builds a batch of t from lines of values separated by |; an empty value is
// null. Instants are milliseconds, decimals cents.
func rows(t connectors.Table, lines ...string) connectors.Batch {
	built := array.NewRecordBuilder(memory.DefaultAllocator, t.Schema)
	defer built.Release()
	for _, line := range lines {
		values := strings.Split(line, "|")
		for i := range t.Schema.NumFields() {
			if i >= len(values) || values[i] == "" {
				built.Field(i).AppendNull()
				continue
			}
			appendText(built.Field(i), values[i])
		}
	}
	return connectors.Batch{Table: t.Name, Records: built.NewRecordBatch()}
}

func appendText(built array.Builder, text string) {
	number, _ := strconv.ParseInt(text, 10, 64)
	switch built := built.(type) {
	case *array.StringBuilder:
		built.Append(text)
	case *array.BooleanBuilder:
		built.Append(text == "true")
	case *array.TimestampBuilder:
		built.Append(arrow.Timestamp(number))
	case *array.Decimal128Builder:
		built.Append(decimal128.FromI64(number))
	case *array.Int64Builder:
		built.Append(number)
	case *array.Int32Builder:
		built.Append(int32(number))
	case *array.Date32Builder:
		built.Append(arrow.Date32(number))
	case *array.Time64Builder:
		built.Append(arrow.Time64(number))
	case *array.Float64Builder:
		value, _ := strconv.ParseFloat(text, 64)
		built.Append(value)
	default:
		panic(fmt.Sprintf("no text becomes %T", built))
	}
}

func deals(lines ...string) connectors.Batch   { return rows(dealsTable(), lines...) }
func history(lines ...string) connectors.Batch { return rows(historyTable(), lines...) }

func page(next string, batches ...connectors.Batch) connectors.Page {
	return connectors.Page{Batches: batches, Next: connectors.Cursor(next)}
}

var errSource = errors.New("the CRM went away")

// reads yields pages one after another, and then err unless it is nil.
func reads(err error, pages ...connectors.Page) iter.Seq2[connectors.Page, error] {
	return func(yield func(connectors.Page, error) bool) {
		for _, p := range pages {
			if !yield(p, nil) {
				return
			}
		}
		if err != nil {
			yield(connectors.Page{}, err)
		}
	}
}

func openLake(t *testing.T) *Lake {
	t.Helper()
	if inBucket(t) {
		return openRemoteLake(t)
	}
	l, err := Open(t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	return l
}

// quickFolder is a folder in memory where there is one, for tests of many commits: to
// wait for a real disk shows nothing there.
func quickFolder() string {
	const shared = "/dev/shm"
	if info, err := os.Stat(shared); err == nil && info.IsDir() {
		return shared
	}
	return ""
}

func openLakeInMemory(t *testing.T) *Lake {
	t.Helper()
	if inBucket(t) {
		return openRemoteLake(t)
	}
	root, err := os.MkdirTemp(quickFolder(), "lake")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = os.RemoveAll(root) })
	l, err := Open(root)
	if err != nil {
		t.Fatal(err)
	}
	return l
}

// appendDeals appends pages of the deals stream and expects no error.
func appendDeals(t *testing.T, l *Lake, pages ...connectors.Page) (Checkpoint, map[string]Progress) {
	t.Helper()
	return appendTo(t, l.Dataset("crm", "deals"), dealsStream(), pages...)
}

func appendTo(t *testing.T, d *Dataset, s connectors.Stream, pages ...connectors.Page) (Checkpoint, map[string]Progress) {
	t.Helper()
	seen := map[string]Progress{}
	c, err := d.Append(context.Background(), s, reads(nil, pages...), func(p Progress) { seen[p.Table] = p })
	if err != nil {
		t.Fatal(err)
	}
	fetch(t, d.lake, c)
	return c, seen
}

func head(t *testing.T, d *Dataset) Checkpoint {
	t.Helper()
	c, err := d.Head(context.Background())
	if err != nil {
		t.Fatal(err)
	}
	fetch(t, d.lake, c)
	return c
}

func pinned(t *testing.T, c Checkpoint, name string) Pinned {
	t.Helper()
	for _, p := range c.Tables {
		if p.Table == name {
			return p
		}
	}
	t.Fatalf("the checkpoint has no table %s", name)
	return Pinned{}
}

// lines reads a pinned table's rows with parquet-go, which shares no code with
// the writer: as text, the named columns, in _order, whatever lies in the files.
func lines(t testing.TB, p Pinned, columns ...string) []string {
	t.Helper()
	type numbered struct {
		order int64
		line  string
	}
	var found []numbered
	for _, f := range p.Files {
		count := int64(0)
		for _, row := range parquetRows(t, f.Here()) {
			order, err := strconv.ParseInt(row[OrderColumn], 10, 64)
			if err != nil {
				t.Fatalf("%s: %v", f.Path, err)
			}
			var values []string
			for _, column := range columns {
				values = append(values, valueIn(row, column))
			}
			found = append(found, numbered{order, strings.Join(values, "|")})
			count++
		}
		if count != f.Rows {
			t.Errorf("%s has %d rows, its manifest says %d", f.Path, count, f.Rows)
		}
	}
	slices.SortFunc(found, func(a, b numbered) int { return int(a.order - b.order) })
	texts := []string{}
	for _, n := range found {
		texts = append(texts, n.line)
	}
	return texts
}

// valueIn is a column's value, under whichever of its names the file has it.
func valueIn(row map[string]string, column string) string {
	for _, name := range []string{hashedName(column), column} {
		if value, there := row[name]; there {
			return value
		}
	}
	return ""
}

// parquetRows reads a file into maps of text; nulls are absent.
func parquetRows(t testing.TB, path string) []map[string]string {
	t.Helper()
	opened, err := os.Open(path)
	if err != nil {
		t.Fatal(err)
	}
	defer opened.Close()
	stat, err := opened.Stat()
	if err != nil {
		t.Fatal(err)
	}
	file, err := parquet.OpenFile(opened, stat.Size())
	if err != nil {
		t.Fatalf("%s: %v", path, err)
	}
	var all []map[string]string
	for _, group := range file.RowGroups() {
		reader := group.Rows()
		buffer := make([]parquet.Row, 100)
		for {
			n, err := reader.ReadRows(buffer)
			for _, row := range buffer[:n] {
				texts := map[string]string{}
				for _, value := range row {
					if !value.IsNull() {
						texts[file.Schema().Columns()[value.Column()][0]] = value.String()
					}
				}
				all = append(all, texts)
			}
			if errors.Is(err, io.EOF) {
				break
			}
			if err != nil {
				t.Fatalf("%s: %v", path, err)
			}
		}
		reader.Close()
	}
	return all
}

// latestLines are the rows that count, by key, told from the files alone.
func latestLines(t testing.TB, p Pinned, columns ...string) map[string]string {
	t.Helper()
	type best struct {
		version, order int64
		line           string
	}
	counts := map[string]best{}
	for _, f := range p.Files {
		for _, row := range parquetRows(t, f.Here()) {
			var key, values []string
			for _, k := range p.Key {
				key = append(key, row[k])
			}
			for _, column := range columns {
				values = append(values, valueIn(row, column))
			}
			version := int64(-1 << 63)
			if text, known := row[p.Version]; known {
				version, _ = strconv.ParseInt(text, 10, 64)
			}
			order, _ := strconv.ParseInt(row[OrderColumn], 10, 64)
			id := strings.Join(key, "|")
			b, there := counts[id]
			if !there || version > b.version || version == b.version && order > b.order {
				counts[id] = best{version, order, strings.Join(values, "|")}
			}
		}
	}
	texts := map[string]string{}
	for id, b := range counts {
		texts[id] = b.line
	}
	return texts
}

func same(t testing.TB, what string, got, want any, options ...cmp.Option) {
	t.Helper()
	if diff := cmp.Diff(want, got, options...); diff != "" {
		t.Errorf("%s (-want +got):\n%s", what, diff)
	}
}

// sameCheckpoint compares schemas by their text.
func sameCheckpoint() []cmp.Option {
	return []cmp.Option{cmp.Comparer(func(a, b *arrow.Schema) bool { return a == b || a != nil && b != nil && a.Equal(b) })}
}

// clock is a time that moves a second each time somebody looks.
type clock struct{ at time.Time }

func (c *clock) now() time.Time {
	c.at = c.at.Add(time.Second)
	return c.at
}
