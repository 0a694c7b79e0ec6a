package files

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/csv"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"math"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/apache/arrow-go/v18/arrow"
	"github.com/apache/arrow-go/v18/arrow/array"
	"github.com/apache/arrow-go/v18/arrow/memory"
	"github.com/apache/arrow-go/v18/parquet"
	"github.com/apache/arrow-go/v18/parquet/pqarrow"

	"merit/connectors"
	"merit/connectors/connectortest"
	"merit/sql"
	"merit/transform/model"
)

// contract is the staging contract as it ships.
func contract(t testing.TB) []Table {
	t.Helper()
	relations, err := model.Contract(sql.Files)
	if err != nil {
		t.Fatal(err)
	}
	var tables []Table
	for _, r := range relations {
		if r.Schema != "staging" {
			continue
		}
		one := Table{Name: r.Name, Key: r.Key}
		for _, c := range r.Columns {
			if c.Name != "source" {
				one.Columns = append(one.Columns, Column{Name: c.Name, Type: c.Type, Nullable: c.Nullable})
			}
		}
		tables = append(tables, one)
	}
	return tables
}

// Every table of the contract is filled by a CSV, a JSON and a Parquet file.
func TestContract(t *testing.T) {
	tables := contract(t)
	c := Connector(tables)
	var broken *breaking
	c.Open = func(_ context.Context, v connectors.Values) (connectors.Source, error) {
		d, err := open(broken, tables, v)
		d.now = func() time.Time { return time.UnixMilli(1) } // so that two listings of the same are the same
		return d, err
	}
	connectortest.Run(t, c, func(t *testing.T) connectortest.Account {
		folder := t.TempDir()
		broken = &breaking{FS: os.DirFS(folder)}
		broken.left.Store(math.MaxInt64)
		dropper := &dropper{t: t, folder: folder, tables: tables, ever: connectortest.Truth{}}
		dropper.drop(30)
		return connectortest.Account{
			Settings: connectors.Values{"folder": {folder}},
			Truth:    func() connectortest.Truth { return dropper.ever },
			Advance: func() {
				dropper.remove("b.jsonl")
				dropper.drop(31)
			},
			Break: func(after int) { broken.left.Store(int64(after)) },
			Mend:  func() { broken.left.Store(math.MaxInt64) },
		}
	})
}

// A breaking folder opens so many more files and then no more.
type breaking struct {
	fs.FS
	left atomic.Int64
}

func (b *breaking) Open(name string) (fs.File, error) {
	if b.left.Add(-1) < 0 {
		return nil, &fs.PathError{Op: "open", Path: name, Err: errors.New("broken for the test")}
	}
	return b.FS.Open(name)
}

// A dropper writes files for every table, and knows what was ever in them.
type dropper struct {
	t      *testing.T
	folder string
	tables []Table
	ever   connectortest.Truth
}

func (d *dropper) drop(count int) {
	for at, table := range d.tables {
		d.write(table, "a.csv", d.texts(table, 0, count), csvOf)
		if count == 30 {
			d.write(table, "b.jsonl", d.texts(table, 100, 5+at%3), linesOf)
		}
		d.write(table, "c.json", d.texts(table, 200, 2), arrayOf)
		d.write(table, "d.parquet", d.texts(table, 300, count/2), parquetOf)
		d.list(table)
	}
}

func (d *dropper) remove(name string) {
	for _, table := range d.tables {
		if err := os.Remove(filepath.Join(d.folder, table.Name, name)); err != nil {
			d.t.Fatal(err)
		}
	}
}

// texts are rows, numbered from a number on; every column that may be null is so
// now and then.
func (d *dropper) texts(table Table, from, count int) [][]string {
	rows := make([][]string, count)
	for i := range rows {
		for at, c := range table.Columns {
			text := sample(c.Type, from+i+at)
			if c.Nullable && (from+i+at)%5 == 0 {
				text = ""
			}
			rows[i] = append(rows[i], text)
		}
	}
	return rows
}

func sample(kind string, n int) string {
	switch kind {
	case "bigint":
		return fmt.Sprint(n - 3)
	case "boolean":
		return fmt.Sprint(n%2 == 0)
	case "date":
		return time.Date(2025, 11, 20+n, 0, 0, 0, 0, time.UTC).Format(time.DateOnly)
	case "timestamp with time zone":
		return time.Date(2026, 3, 8, 6, n, 7, n*1_001_000, time.UTC).Format(time.RFC3339Nano)
	case "varchar":
		return fmt.Sprintf("te;xt, \"%d\"\nÖ", n)
	}
	var precision, scale int
	fmt.Sscanf(kind, "numeric(%d, %d)", &precision, &scale)
	return fmt.Sprintf("%d.%0*d", n-5, scale, n%100)
}

func (d *dropper) write(table Table, name string, rows [][]string, encode func(*testing.T, Table, [][]string) []byte) {
	text := encode(d.t, table, rows)
	path := filepath.Join(d.folder, table.Name, name)
	if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
		d.t.Fatal(err)
	}
	if err := os.WriteFile(path, text, 0o644); err != nil {
		d.t.Fatal(err)
	}
	if d.ever[table.Name] == nil {
		d.ever[table.Name] = connectortest.Rows{}
	}
	line := 2
	if strings.HasPrefix(name, "b") || strings.HasPrefix(name, "d") {
		line = 1
	}
	for _, row := range rows {
		truth := connectortest.Row{}
		for i, c := range table.Columns {
			truth[c.Name] = row[i]
		}
		d.ever[table.Name][connectortest.Key(table.Name+"/"+name, hashOfText(text), fmt.Sprint(line))] = truth
		line++
		if strings.HasPrefix(name, "a") { // a CSV field with a line feed in it is two lines
			line += strings.Count(strings.Join(row, ""), "\n")
		}
	}
}

func hashOfText(text []byte) string {
	sum := sha256.Sum256(text)
	return hex.EncodeToString(sum[:16])
}

// list says which files there are now. The instant of a listing is nobody's
// truth; so what the listing tells is held against the first full reading.
func (d *dropper) list(table Table) { delete(d.ever, listingOf(table.Name)) }

func csvOf(t *testing.T, table Table, rows [][]string) []byte {
	var b bytes.Buffer
	w := csv.NewWriter(&b)
	w.Write(strings.Split(table.names(), ", "))
	if err := w.WriteAll(rows); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

func linesOf(t *testing.T, table Table, rows [][]string) []byte {
	var b bytes.Buffer
	for _, row := range rows {
		b.Write(objectOf(t, table, row))
		b.WriteByte('\n')
	}
	return b.Bytes()
}

func arrayOf(t *testing.T, table Table, rows [][]string) []byte {
	objects := make([][]byte, len(rows))
	for i, row := range rows {
		objects[i] = objectOf(t, table, row)
	}
	return []byte("[\n" + string(bytes.Join(objects, []byte(",\n"))) + "\n]\n")
}

// objectOf leaves numbers and truth values bare, and says null for some nothings
// and nothing for others.
func objectOf(t *testing.T, table Table, row []string) []byte {
	object := map[string]any{}
	for i, c := range table.Columns {
		switch {
		case row[i] == "" && i%2 == 0:
			object[c.Name] = nil
		case row[i] == "":
		case c.Type == "bigint" || c.Type == "boolean" || strings.HasPrefix(c.Type, "numeric"):
			object[c.Name] = json.RawMessage(row[i])
		default:
			object[c.Name] = row[i]
		}
	}
	text, err := json.Marshal(object)
	if err != nil {
		t.Fatal(err)
	}
	return text
}

// parquetOf writes with Arrow's library what the connector reads with another.
func parquetOf(t *testing.T, table Table, rows [][]string) []byte {
	var fields []arrow.Field
	for _, c := range table.Columns {
		kind, err := arrowType(c.Type)
		if err != nil {
			t.Fatal(err)
		}
		fields = append(fields, arrow.Field{Name: c.Name, Type: kind, Nullable: c.Nullable})
	}
	schema := arrow.NewSchema(fields, nil)
	builder := array.NewRecordBuilder(memory.DefaultAllocator, schema)
	defer builder.Release()
	for _, row := range rows {
		for i, text := range row {
			if text == "" {
				builder.Field(i).AppendNull()
			} else if err := builder.Field(i).AppendValueFromString(text); err != nil {
				t.Fatal(err)
			}
		}
	}
	record := builder.NewRecordBatch()
	defer record.Release()
	var b bytes.Buffer
	w, err := pqarrow.NewFileWriter(schema, &b, parquet.NewWriterProperties(parquet.WithMaxRowGroupLength(7)), pqarrow.DefaultWriterProps())
	if err != nil {
		t.Fatal(err)
	}
	if err := errors.Join(w.Write(record), w.Close()); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

func TestEveryColumnHasAPlaceInEveryKindOfFile(t *testing.T) {
	kinds := map[string]bool{}
	for _, table := range contract(t) {
		for _, c := range table.Columns {
			kinds[c.Type] = true
		}
		if !slices.Contains(table.Key, "source") || len(table.Key) < 2 {
			t.Errorf("%s has the key %v: rows of files would have none", table.Name, table.Key)
		}
	}
	for kind := range kinds {
		if _, err := arrowType(kind); err != nil {
			t.Error(err)
		}
	}
}
