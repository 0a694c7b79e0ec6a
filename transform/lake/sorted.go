package lake

import (
	"cmp"
	"context"
	"fmt"
	"slices"

	"github.com/apache/arrow-go/v18/arrow"
	"github.com/apache/arrow-go/v18/arrow/array"
	"github.com/apache/arrow-go/v18/arrow/compute"
	"github.com/apache/arrow-go/v18/arrow/memory"
	"github.com/apache/arrow-go/v18/parquet/file"
	"github.com/apache/arrow-go/v18/parquet/pqarrow"
	"github.com/apache/iceberg-go"
	"github.com/apache/iceberg-go/table"
)

// sortTogether writes the rows of some files into one, sorted by key, version and
// order: a window over a deal's history then reads it as it lies.
func (d *Dataset) sortTogether(ctx context.Context, p pin, t *table.Table, files []iceberg.DataFile) (iceberg.DataFile, error) {
	s := &tableWriter{dataset: d, table: t}
	s.spec.Name, s.spec.Key, s.spec.Version = p.Table, p.Key, p.Version
	var err error
	if s.shape, err = shapeOf(t.Schema()); err != nil {
		return nil, err
	}
	var read []arrow.RecordBatch
	defer func() {
		for _, records := range read {
			records.Release()
		}
	}()
	for _, f := range files {
		more, err := s.readFile(ctx, f.FilePath())
		if err != nil {
			return nil, fmt.Errorf("reading %s: %w", f.FilePath(), err)
		}
		read = append(read, more...)
	}
	columns, err := s.concatenate(read)
	if err != nil {
		return nil, err
	}
	defer func() { releaseAll(columns) }()
	return s.writeSorted(ctx, columns)
}

// readFile gives all of a file's rows, with the columns that the file has under the
// names that they have in the table today.
func (s *tableWriter) readFile(ctx context.Context, path string) ([]arrow.RecordBatch, error) {
	opened, err := s.dataset.lake.disk.Open(path)
	if err != nil {
		return nil, err
	}
	defer func() { _ = opened.Close() }()
	footer, err := file.NewParquetReader(opened)
	if err != nil {
		return nil, err
	}
	reader, err := pqarrow.NewFileReader(footer, pqarrow.ArrowReadProperties{BatchSize: 1 << 16}, memory.DefaultAllocator)
	if err != nil {
		return nil, err
	}
	rows, err := reader.ReadTable(ctx)
	if err != nil {
		return nil, err
	}
	defer rows.Release()
	batches := array.NewTableReader(rows, 0)
	defer batches.Release()
	var read []arrow.RecordBatch
	for batches.Next() {
		records := batches.RecordBatch()
		read = append(read, inLakeNames(records, s.shape.namesIn(records.Schema())))
	}
	return read, batches.Err()
}

// concatenate lays batches of many files as the table has its columns today.
func (s *tableWriter) concatenate(read []arrow.RecordBatch) ([]arrow.Array, error) {
	parts := make([][]arrow.Array, s.shape.arrow.NumFields())
	defer func() {
		for _, column := range parts {
			releaseAll(column)
		}
	}()
	for _, records := range read {
		arranged, err := s.shape.arrange(records)
		if err != nil {
			return nil, err
		}
		for i, field := range s.shape.arrow.Fields() {
			if arranged[i] == nil { // _order and _hash, which go over as they are
				at := records.Schema().FieldIndices(field.Name)
				if len(at) == 0 {
					releaseAll(arranged)
					return nil, fmt.Errorf("no column %s", field.Name)
				}
				arranged[i] = records.Column(at[0])
				arranged[i].Retain()
			}
			parts[i] = append(parts[i], arranged[i])
		}
	}
	columns := make([]arrow.Array, len(parts))
	for i := range parts {
		whole, err := array.Concatenate(parts[i], memory.DefaultAllocator)
		if err != nil {
			releaseAll(columns)
			return nil, err
		}
		columns[i] = whole
	}
	return columns, nil
}

// sortedRows are the rows' numbers in the order in which they are written.
func (s *tableWriter) sortedRows(columns []arrow.Array) ([]int64, error) {
	var by []func(i int) rank
	names := append(slices.Clone(s.spec.Key), s.spec.Version, OrderColumn)
	for _, name := range names {
		if name == "" {
			continue
		}
		ranked, err := ranks(columns[s.shape.arrow.FieldIndices(name)[0]])
		if err != nil {
			continue // a key of such a type has no order that the lake knows; the others decide
		}
		by = append(by, ranked)
	}
	rows := make([]int64, columns[0].Len())
	for i := range rows {
		rows[i] = int64(i)
	}
	slices.SortFunc(rows, func(a, b int64) int {
		for _, ranked := range by {
			if c := ranked(int(a)).compare(ranked(int(b))); c != 0 {
				return c
			}
		}
		return cmp.Compare(a, b)
	})
	return rows, nil
}

func (s *tableWriter) writeSorted(ctx context.Context, columns []arrow.Array) (iceberg.DataFile, error) {
	rows, err := s.sortedRows(columns)
	if err != nil {
		return nil, err
	}
	index := numbers(rows)
	defer index.Release()
	sorted := make([]arrow.Array, len(columns))
	defer func() { releaseAll(sorted) }()
	for i := range columns {
		taken, err := compute.TakeArray(ctx, columns[i], index)
		if err != nil {
			return nil, err
		}
		sorted[i] = taken
		columns[i].Release() // both at once of all columns would be twice the memory
		columns[i] = nil
	}
	orders := sorted[s.shape.arrow.FieldIndices(OrderColumn)[0]].(*array.Int64).Int64Values()
	sums := sorted[s.shape.arrow.FieldIndices(HashColumn)[0]].(*array.Int64).Int64Values()
	if len(orders) == 0 {
		return nil, fmt.Errorf("no rows in files to be compacted")
	}
	made, err := newFileWriter(s.dataset.lake.disk, s.dataset.lake.joined(s.table.Location(), "data"), s.shape, slices.Min(orders), sorted)
	if err != nil {
		return nil, err
	}
	if err := made.writeNumbered(sorted, orders, sums); err != nil {
		made.abandon()
		return nil, err
	}
	if err := made.finish(); err != nil {
		return nil, err
	}
	return table.FileToDataFile(ctx, s.dataset.lake.disk, made.path, s.table.Schema(), unpartitioned(s.table), s.sortOrderID(), s.table.Properties())
}
