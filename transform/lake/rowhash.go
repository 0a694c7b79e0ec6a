package lake

import (
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"math"

	icebergio "github.com/apache/iceberg-go/io"

	"github.com/apache/iceberg-go"
	"github.com/cespare/xxhash/v2"
	"github.com/parquet-go/parquet-go"
)

// An opener gives files to read.
type opener = icebergio.IO

// checkRows reads a data file with parquet-go and computes each row's hash again.
func (t *tableCheck) checkRows(path string) (rows int64, err error) {
	opened, err := t.files.Open(path)
	if err != nil {
		return 0, err
	}
	defer opened.Close()
	state, err := opened.Stat()
	if err != nil {
		return 0, err
	}
	file, err := parquet.OpenFile(opened, state.Size())
	if err != nil {
		return 0, fmt.Errorf("is no Parquet file: %w", err)
	}
	fields := file.Schema().Fields()
	for _, group := range file.RowGroups() {
		one := rowCheck{sums: make([]uint64, group.NumRows()), given: make([]uint64, group.NumRows())}
		for i, chunk := range group.ColumnChunks() {
			if i >= len(fields) || !fields[i].Leaf() {
				return rows, errors.New("has a nested column")
			}
			if err := t.checkColumn(&one, fields[i], chunk); err != nil {
				return rows, fmt.Errorf("column %s: %w", fields[i].Name(), err)
			}
		}
		for i, sum := range one.sums {
			if sum != one.given[i] {
				return rows, fmt.Errorf("row %d: %w", rows+int64(i)+1, errRowHash)
			}
		}
		rows += group.NumRows()
	}
	return rows, nil
}

// A rowCheck is one row group's hashes: as computed and as given.
type rowCheck struct{ sums, given []uint64 }

func (t *tableCheck) checkColumn(rows *rowCheck, column parquet.Field, chunk parquet.ColumnChunk) error {
	field, there := t.table.Schema().FindFieldByID(column.ID()) // it may have been renamed since
	if !there {
		return errors.New("is not in the table")
	}
	name := field.Name
	nameHash := xxhash.Sum64String(hashedName(name))
	return eachValue(chunk, func(row int, value parquet.Value) error {
		switch {
		case row >= len(rows.sums):
			return errors.New("has more values than there are rows")
		case name == HashColumn:
			rows.given[row] = uint64(value.Int64())
		case name == OrderColumn:
			if order := value.Int64(); order < 1 || order > t.orders {
				return fmt.Errorf("row %d is outside of 1 to %d", order, t.orders)
			}
		case !value.IsNull():
			hash, err := hashValue(field.Type, value)
			if err != nil {
				return err
			}
			rows.sums[row] += stir(hash, nameHash)
		}
		return nil
	})
}

func eachValue(chunk parquet.ColumnChunk, visit func(row int, value parquet.Value) error) error {
	pages := chunk.Pages()
	defer pages.Close()
	values := make([]parquet.Value, 1024)
	row := 0
	for {
		page, err := pages.ReadPage()
		if errors.Is(err, io.EOF) {
			return nil
		}
		if err != nil {
			return err
		}
		reader := page.Values()
		for {
			n, err := reader.ReadValues(values)
			for _, value := range values[:n] {
				if err := visit(row, value); err != nil {
					parquet.Release(page)
					return err
				}
				row++
			}
			if errors.Is(err, io.EOF) {
				break
			}
			if err != nil {
				return err
			}
		}
		parquet.Release(page)
	}
}

// hashValue is what hashColumn gives a value, computed from the other library's.
func hashValue(kind iceberg.Type, value parquet.Value) (uint64, error) {
	switch kind.(type) {
	case iceberg.DecimalType:
		return hashDecimal(value), nil
	case iceberg.Float32Type, iceberg.Float64Type:
		if value.Kind() == parquet.Float {
			return hashNumber(math.Float64bits(float64(value.Float()))), nil
		}
		return hashNumber(math.Float64bits(value.Double())), nil
	}
	switch value.Kind() {
	case parquet.ByteArray, parquet.FixedLenByteArray:
		return xxhash.Sum64(value.ByteArray()), nil
	case parquet.Boolean:
		if value.Boolean() {
			return hashNumber(1), nil
		}
		return hashNumber(0), nil
	case parquet.Int32:
		return hashNumber(uint64(int64(value.Int32()))), nil
	case parquet.Int64:
		return hashNumber(uint64(value.Int64())), nil
	}
	return 0, fmt.Errorf("%s can't be hashed", value.Kind())
}

// hashDecimal hashes 128 bits, little end first, however the file keeps them.
func hashDecimal(value parquet.Value) uint64 {
	var bytes [16]byte
	switch value.Kind() {
	case parquet.Int32, parquet.Int64:
		number := int64(value.Int32())
		if value.Kind() == parquet.Int64 {
			number = value.Int64()
		}
		binary.LittleEndian.PutUint64(bytes[:8], uint64(number))
		binary.LittleEndian.PutUint64(bytes[8:], uint64(number>>63))
	default:
		big := value.ByteArray()
		if len(big) > 0 && big[0]&0x80 != 0 {
			for i := range bytes {
				bytes[i] = 0xff
			}
		}
		for i := range min(len(big), len(bytes)) {
			bytes[i] = big[len(big)-1-i]
		}
	}
	return xxhash.Sum64(bytes[:])
}
