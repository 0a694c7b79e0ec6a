package lake

import (
	"cmp"
	"context"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"slices"

	"github.com/apache/arrow-go/v18/arrow"
	"github.com/apache/arrow-go/v18/arrow/array"
	"github.com/apache/arrow-go/v18/arrow/memory"
	"github.com/apache/arrow-go/v18/parquet/file"
	"github.com/apache/arrow-go/v18/parquet/pqarrow"
	"github.com/apache/iceberg-go"
)

// A rank is a value by which rows are put in order: a version, or a key's bound.
type rank struct {
	known  bool // false: null, which is below all others
	number int64
	text   string
}

func (r rank) compare(other rank) int {
	if r.known != other.known {
		if r.known {
			return 1
		}
		return -1
	}
	return cmp.Or(cmp.Compare(r.number, other.number), cmp.Compare(r.text, other.text))
}

// ranks gives the ranks of a column's rows; those of no column are all null.
func ranks(column arrow.Array) (func(i int) rank, error) {
	numbered := func(value func(i int) int64) func(i int) rank {
		return func(i int) rank {
			if column.IsNull(i) {
				return rank{}
			}
			return rank{known: true, number: value(i)}
		}
	}
	switch c := column.(type) {
	case nil:
		return func(int) rank { return rank{} }, nil
	case *array.Timestamp:
		return numbered(func(i int) int64 { return int64(c.Value(i)) }), nil
	case *array.Date32:
		return numbered(func(i int) int64 { return int64(c.Value(i)) }), nil
	case *array.Int64:
		return numbered(c.Value), nil
	case *array.Int32:
		return numbered(func(i int) int64 { return int64(c.Value(i)) }), nil
	case *array.Time64:
		return numbered(func(i int) int64 { return int64(c.Value(i)) }), nil
	case *array.String:
		return func(i int) rank {
			if c.IsNull(i) {
				return rank{}
			}
			return rank{known: true, text: c.Value(i)}
		}, nil
	}
	return nil, fmt.Errorf("%s has no order that the lake knows", column.DataType())
}

// A span is the lowest and the highest value of a column, where they are known.
type span struct {
	known     bool
	low, high rank
}

// widen makes room for a value; the first one makes the span. After a null it is
// unknown for good.
func (s *span) widen(r rank, first bool) {
	switch {
	case first:
		*s = span{known: r.known, low: r, high: r}
	case !s.known || !r.known:
		s.known = false
	case r.compare(s.low) < 0:
		s.low = r
	case r.compare(s.high) > 0:
		s.high = r
	}
}

// An extent is a data file of the lake and what is known of its rows.
type extent struct {
	path         string
	key, version span // of the first key column; of the version
}

func (s *tableWriter) extentOf(f iceberg.DataFile) extent {
	of := func(column string) span {
		field, there := s.shape.ice.FindFieldByName(column)
		if !there {
			return span{}
		}
		low, lowKnown := boundOf(field.Type, f.LowerBoundValues()[field.ID])
		high, highKnown := boundOf(field.Type, f.UpperBoundValues()[field.ID])
		return span{known: lowKnown && highKnown, low: low, high: high}
	}
	return extent{path: f.FilePath(), key: of(s.spec.Key[0]), version: of(s.spec.Version)}
}

// boundOf reads Iceberg's single-value form: little-endian numbers, plain text.
func boundOf(kind iceberg.Type, bytes []byte) (rank, bool) {
	if bytes == nil {
		return rank{}, false
	}
	switch kind.(type) {
	case iceberg.StringType:
		return rank{known: true, text: string(bytes)}, true
	case iceberg.Int32Type, iceberg.Int64Type, iceberg.DateType, iceberg.TimeType, iceberg.TimestampTzType:
		switch len(bytes) {
		case 4: // also a column that was narrower when the file was written
			return rank{known: true, number: int64(int32(binary.LittleEndian.Uint32(bytes)))}, true
		case 8:
			return rank{known: true, number: int64(binary.LittleEndian.Uint64(bytes))}, true
		}
	}
	return rank{}, false
}

// mayHold tells whether a file can hold the latest row of a key among keys, equal
// to one of theirs. A file whose versions are all older than every row at hand
// can't: the hash covers the version, so equal rows have equal versions. A latest
// row that is left out by this is older than the rows at hand and differs from
// them all; so does whatever is taken for the latest in its stead.
func (e extent) mayHold(keys, versions span) bool {
	if versions.known && e.version.known && e.version.high.compare(versions.low) < 0 {
		return false
	}
	if keys.known && e.key.known && (e.key.high.compare(keys.low) < 0 || e.key.low.compare(keys.high) > 0) {
		return false
	}
	return true
}

// A latest is what the lake holds of a key: the row that counts. Order 0: none.
type latest struct {
	version rank
	order   int64
	hash    uint64
}

func (l latest) before(other latest) bool {
	if by := l.version.compare(other.version); by != 0 {
		return by < 0
	}
	return l.order < other.order
}

// lookUpLatest finds the latest rows of the keys in latestByKey, which maps a key's hash to
// its row. Two keys of one hash would be taken for one; then a row may be written
// again, which does no harm, for it still has to be equal to be left out.
func (s *tableWriter) lookUpLatest(ctx context.Context, latestByKey map[uint64]latest, keys, versions span) error {
	for _, e := range s.extents {
		if !e.mayHold(keys, versions) {
			continue
		}
		if err := s.lookUpInFile(ctx, e.path, latestByKey); err != nil {
			return fmt.Errorf("looking up rows in %s: %w", e.path, err)
		}
	}
	return nil
}

func (s *tableWriter) lookUpInFile(ctx context.Context, path string, latestByKey map[uint64]latest) error {
	opened, err := s.dataset.lake.disk.Open(path)
	if err != nil {
		return err
	}
	defer func() { _ = opened.Close() }()
	footer, err := file.NewParquetReader(opened)
	if err != nil {
		return err
	}
	var leaves []int
	wanted := append([]string{s.spec.Version, OrderColumn, HashColumn}, s.spec.Key...)
	for leaf := range footer.MetaData().Schema.NumColumns() {
		node := footer.MetaData().Schema.Column(leaf).SchemaNode()
		if slices.Contains(wanted, s.shape.nameOf(int(node.FieldID()), node.Name())) {
			leaves = append(leaves, leaf)
		}
	}
	reader, err := pqarrow.NewFileReader(footer, pqarrow.ArrowReadProperties{BatchSize: 1 << 16}, memory.DefaultAllocator)
	if err != nil {
		return err
	}
	rows, err := reader.GetRecordReader(ctx, leaves, nil)
	if err != nil {
		return err
	}
	defer rows.Release()
	for rows.Next() {
		if err := s.lookUpInRows(rows.RecordBatch(), latestByKey); err != nil {
			return err
		}
	}
	if err := rows.Err(); err != nil && !errors.Is(err, io.EOF) {
		return err
	}
	return nil
}

func (s *tableWriter) lookUpInRows(rows arrow.RecordBatch, latestByKey map[uint64]latest) error {
	read := s.shape.namesIn(rows.Schema())
	column := func(name string) arrow.Array {
		if at := read.FieldIndices(name); len(at) > 0 {
			return rows.Column(at[0])
		}
		return nil
	}
	orders, okOrder := column(OrderColumn).(*array.Int64)
	hashes, okHash := column(HashColumn).(*array.Int64)
	if !okOrder || !okHash {
		return fmt.Errorf("no %s or no %s in it", OrderColumn, HashColumn)
	}
	version, err := ranks(column(s.spec.Version))
	if err != nil {
		return err
	}
	var fields []arrow.Field
	var columns []arrow.Array
	for _, name := range s.spec.Key {
		fields = append(fields, arrow.Field{Name: name})
		columns = append(columns, column(name))
	}
	keys, err := hashRows(fields, columns, int(rows.NumRows()))
	if err != nil {
		return err
	}
	for i, key := range keys {
		current, wanted := latestByKey[key]
		if !wanted {
			continue
		}
		row := latest{version: version(i), order: orders.Value(i), hash: uint64(hashes.Value(i))}
		if current.order == 0 || current.before(row) {
			row.version.text = string(append([]byte(nil), row.version.text...)) // the batch's memory goes
			latestByKey[key] = row
		}
	}
	return nil
}
