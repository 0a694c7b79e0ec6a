package lake

import (
	"crypto/rand"
	"fmt"
	"io"

	"github.com/apache/arrow-go/v18/arrow"
	"github.com/apache/arrow-go/v18/arrow/array"
	"github.com/apache/arrow-go/v18/arrow/memory"
	"github.com/apache/arrow-go/v18/parquet"
	"github.com/apache/arrow-go/v18/parquet/compress"
	"github.com/apache/arrow-go/v18/parquet/pqarrow"
	icebergio "github.com/apache/iceberg-go/io"
)

// rowGroup is DuckDB's own size of a row group: it reads one as one unit of work.
const rowGroup = 122_880

// A fileWriter is a Parquet file of one table that is being written. Nobody sees it
// before a commit names it.
type fileWriter struct {
	path    string
	file    icebergio.FileWriter
	parquet *pqarrow.FileWriter
	shape   shape
	rows    int64
}

// newFileWriter starts a file. Its name begins with the order of its first row, so that
// names sort as the rows were read. sample is some of its first rows.
func newFileWriter(disk icebergio.WriteFileIO, folder string, s shape, order int64, sample []arrow.Array) (*fileWriter, error) {
	suffix := make([]byte, 6)
	if _, err := rand.Read(suffix); err != nil {
		return nil, err
	}
	path := folder + "/" + fmt.Sprintf("%015d-%x.parquet", order, suffix)
	file, err := disk.Create(path)
	if err != nil {
		return nil, err
	}
	p := &fileWriter{path: path, file: file, shape: s}
	// The wrapping hides Close: the file is closed, and by that made durable, here.
	writer := struct{ io.Writer }{file}
	p.parquet, err = pqarrow.NewFileWriter(s.arrow, writer, parquetProperties(s, sample), pqarrow.DefaultWriterProps())
	if err != nil {
		p.abandon()
		return nil, err
	}
	return p, nil
}

// parquetProperties chooses encodings. A dictionary costs a quarter of the time
// where values hardly repeat and saves much where they do: the sample tells.
func parquetProperties(s shape, sample []arrow.Array) *parquet.WriterProperties {
	options := []parquet.WriterProperty{
		parquet.WithCompression(compress.Codecs.Zstd),
		parquet.WithCompressionLevel(1),
		parquet.WithMaxRowGroupLength(rowGroup),
		parquet.WithDictionaryDefault(false),
		// Iceberg's form of decimals of up to 18 digits.
		parquet.WithStoreDecimalAsInteger(true),
	}
	for i, field := range s.arrow.Fields() {
		if sample[i] != nil && repeats(sample[i]) {
			options = append(options, parquet.WithDictionaryFor(field.Name, true))
		}
	}
	return parquet.NewWriterProperties(options...)
}

// repeats tells whether a column's first thousand rows have few different values.
func repeats(column arrow.Array) bool {
	switch column.DataType().ID() {
	case arrow.BOOL: // one bit a row already
		return false
	}
	rows := min(column.Len(), 1000)
	sums := make([]uint64, rows)
	if err := hashColumn(column, 0, sums); err != nil {
		return false
	}
	different := map[uint64]bool{}
	for _, sum := range sums {
		different[sum] = true
	}
	return len(different)*5 <= rows
}

// write appends rows that lie as the lake has them; columns holds nil for _order
// and _hash, which come from order (the first row's) and hashes.
func (p *fileWriter) write(columns []arrow.Array, order int64, hashes []uint64) error {
	orders := make([]int64, len(hashes))
	sums := make([]int64, len(hashes))
	for i, hash := range hashes {
		orders[i] = order + int64(i)
		sums[i] = int64(hash)
	}
	return p.writeNumbered(columns, orders, sums)
}

func (p *fileWriter) writeNumbered(columns []arrow.Array, orders, sums []int64) error {
	full := make([]arrow.Array, len(columns))
	copy(full, columns)
	for i, field := range p.shape.arrow.Fields() {
		switch field.Name {
		case OrderColumn:
			full[i] = numbers(orders)
		case HashColumn:
			full[i] = numbers(sums)
		default:
			full[i].Retain()
		}
	}
	records := array.NewRecordBatch(p.shape.arrow, full, int64(len(orders)))
	releaseAll(full)
	defer records.Release()
	if err := p.parquet.WriteBuffered(records); err != nil {
		return fmt.Errorf("writing %s: %w", p.path, err)
	}
	p.rows += records.NumRows()
	return nil
}

func numbers(values []int64) arrow.Array {
	buffer := memory.NewBufferBytes(arrow.Int64Traits.CastToBytes(values))
	defer buffer.Release()
	data := array.NewData(arrow.PrimitiveTypes.Int64, len(values), []*memory.Buffer{nil, buffer}, nil, 0, 0)
	defer data.Release()
	return array.NewInt64Data(data)
}

func (p *fileWriter) bytes() int64 { return p.parquet.TotalBytesWritten() }

// finish makes the file durable under its name.
func (p *fileWriter) finish() error {
	if err := p.parquet.Close(); err != nil {
		p.abandon()
		return fmt.Errorf("writing %s: %w", p.path, err)
	}
	return p.file.Close()
}

// abandon leaves nothing of the file.
func (p *fileWriter) abandon() {
	if file, ok := p.file.(interface{ Abandon() }); ok {
		file.Abandon()
	}
}
