package main

import (
	"errors"
	"fmt"
	"io"
	"maps"
	"math/big"
	"os"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/apache/arrow-go/v18/arrow"
	"github.com/parquet-go/parquet-go"

	"merit/connectors"
	"merit/transform/lake"
)

// A record is the text of each column that is not null, in the words of rowText.
type record map[string]string

// content is what a lake says today: of each key the row that counts, by table and
// key. It is read from the Parquet files by a library that did not write them.
type content map[string]map[string]record

func contentOf(t *testing.T, l *lake.Lake, only ...string) content {
	t.Helper()
	all := content{}
	datasets, err := l.Datasets(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	for _, d := range datasets {
		if len(only) > 0 && !slices.Contains(only, d.Stream()) {
			continue
		}
		head, err := d.Head(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		for _, p := range head.Tables {
			// What the CRM counted on a day is no record of it: an object that it does not
			// count that day is left out.
			if p.Table != d.Stream()+"_rejects" && p.Table != "record_counts" {
				all[p.Table] = latestOf(t, p)
			}
		}
	}
	return all
}

// latestOf finds the row that counts of each key: the highest version, among equals
// the highest _order.
func latestOf(t *testing.T, p lake.Pinned) map[string]record {
	t.Helper()
	type place struct {
		version string
		order   int64
	}
	places, found := map[string]place{}, map[string]record{}
	for _, file := range p.Files {
		for _, row := range fileRows(t, file.Path, p.Schema) {
			var key []string
			for _, column := range p.Key {
				key = append(key, row[column])
			}
			id := strings.Join(key, "/")
			order, err := strconv.ParseInt(row[lake.OrderColumn], 10, 64)
			if err != nil {
				t.Fatalf("%s: %v", file.Path, err)
			}
			at := place{row[p.Version], order}
			before, known := places[id]
			if known && (at.version < before.version || at.version == before.version && at.order < before.order) {
				continue
			}
			delete(row, lake.OrderColumn)
			delete(row, lake.HashColumn)
			places[id], found[id] = at, row
		}
	}
	return found
}

func fileRows(t *testing.T, path string, schema *arrow.Schema) (rows []record) {
	t.Helper()
	opened, err := os.Open(path)
	if err != nil {
		t.Fatal(err)
	}
	defer opened.Close()
	state, err := opened.Stat()
	if err != nil {
		t.Fatal(err)
	}
	file, err := parquet.OpenFile(opened, state.Size())
	if err != nil {
		t.Fatalf("%s: %v", path, err)
	}
	names := file.Schema().Columns()
	for _, group := range file.RowGroups() {
		reader := group.Rows()
		buffer := make([]parquet.Row, 200)
		for {
			n, err := reader.ReadRows(buffer)
			for _, row := range buffer[:n] {
				texts := record{}
				for _, value := range row {
					name := names[value.Column()][0]
					if !value.IsNull() {
						texts[name] = rowText(schema, name, value)
					}
				}
				rows = append(rows, texts)
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
	return rows
}

// rowText writes a value so that equal ones have equal texts, and versions sort:
// instants to the microsecond, decimals with all digits of their scale.
func rowText(schema *arrow.Schema, column string, value parquet.Value) string {
	field, known := schema.FieldsByName(column)
	if !known {
		return value.String()
	}
	switch kind := field[0].Type.(type) {
	case *arrow.TimestampType:
		return time.UnixMicro(value.Int64()).UTC().Format("2006-01-02T15:04:05.000000Z")
	case *arrow.Date32Type:
		return time.Unix(int64(value.Int32())*86400, 0).UTC().Format(time.DateOnly)
	case *arrow.Decimal128Type:
		return scaled(value, int(kind.Scale))
	}
	return value.String()
}

func scaled(value parquet.Value, scale int) string {
	number := new(big.Int)
	switch value.Kind() {
	case parquet.Int32:
		number.SetInt64(int64(value.Int32()))
	case parquet.Int64:
		number.SetInt64(value.Int64())
	default: // two's complement, the highest byte first
		bytes := value.ByteArray()
		number.SetBytes(bytes)
		if len(bytes) > 0 && bytes[0] >= 0x80 {
			number.Sub(number, new(big.Int).Lsh(big.NewInt(1), uint(8*len(bytes))))
		}
	}
	return new(big.Rat).SetFrac(number, new(big.Int).Exp(big.NewInt(10), big.NewInt(int64(scale)), nil)).FloatString(scale)
}

// differences tells how a lake differs from what it should say, both ways, by key and
// by column. Tables that should not be there at all count, too; the mark that a record
// is gone, where none should be, takes back what was assumed and is no difference.
func (got content) differences(want content) (wrong []string) {
	for _, table := range slices.Sorted(maps.Keys(want)) {
		for _, key := range slices.Sorted(maps.Keys(want[table])) {
			row, there := got[table][key]
			if !there {
				wrong = append(wrong, fmt.Sprintf("%s %s is missing", table, key))
				continue
			}
			for _, column := range columnsOf(row, want[table][key]) {
				if have, should := row[column], want[table][key][column]; have != should {
					wrong = append(wrong, fmt.Sprintf("%s %s has %s %q instead of %q", table, key, column, have, should))
				}
			}
		}
	}
	for _, table := range slices.Sorted(maps.Keys(got)) {
		for _, key := range slices.Sorted(maps.Keys(got[table])) {
			if _, there := want[table][key]; !there && got[table][key][connectors.DeletedColumn] != "true" {
				wrong = append(wrong, fmt.Sprintf("%s has %s, which is nowhere else", table, key))
			}
		}
	}
	return wrong
}

func columnsOf(rows ...record) []string {
	all := map[string]bool{}
	for _, row := range rows {
		for column := range row {
			all[column] = true
		}
	}
	return slices.Sorted(maps.Keys(all))
}

// without leaves out what somebody was told could not be kept: cells, or with a key
// that ends in * all rows whose key begins so.
func (c content) without(told []connectors.Reject) content {
	out := content{}
	for table, rows := range c {
		out[table] = maps.Clone(rows)
	}
	for _, r := range told {
		if some, all := strings.CutSuffix(r.Key, "*"); all {
			maps.DeleteFunc(out[r.Table], func(key string, _ record) bool { return strings.HasPrefix(key, some) })
			continue
		}
		if row, there := out[r.Table][r.Key]; there {
			row = maps.Clone(row)
			delete(row, r.Column)
			out[r.Table][r.Key] = row
		}
	}
	return out
}
