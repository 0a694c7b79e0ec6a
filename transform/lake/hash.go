package lake

import (
	"encoding/binary"
	"fmt"
	"math"

	"github.com/apache/arrow-go/v18/arrow"
	"github.com/apache/arrow-go/v18/arrow/array"
	"github.com/apache/arrow-go/v18/arrow/bitutil"
	"github.com/apache/arrow-go/v18/arrow/memory"
	"github.com/cespare/xxhash/v2"
)

// hashRows gives a hash of each row's values in the named columns. Nulls count
// for nothing and the columns' order neither, so that a row keeps its hash when
// its table gets a column more or its columns a wider type.
func hashRows(fields []arrow.Field, columns []arrow.Array, rows int) ([]uint64, error) {
	sums := make([]uint64, rows)
	for i, column := range columns {
		if column == nil {
			continue
		}
		if err := hashColumn(column, xxhash.Sum64String(hashedName(fields[i].Name)), sums); err != nil {
			return nil, fmt.Errorf("column %s: %w", fields[i].Name, err)
		}
	}
	return sums, nil
}

// stir spreads a value's hash over all bits, differently in each column, so that
// a sum over the columns does not lose which value stood where.
func stir(hash, column uint64) uint64 {
	hash ^= column
	hash *= 0x9E3779B97F4A7C15 // the golden ratio, as in splitmix64, whose finish this is
	hash ^= hash >> 30
	hash *= 0xBF58476D1CE4E5B9
	hash ^= hash >> 27
	hash *= 0x94D049BB133111EB
	return hash ^ hash>>31
}

func hashNumber(number uint64) uint64 {
	var bytes [8]byte
	binary.LittleEndian.PutUint64(bytes[:], number)
	return xxhash.Sum64(bytes[:])
}

func hashColumn(column arrow.Array, name uint64, sums []uint64) error {
	each := func(hash func(i int) uint64) {
		for i := range sums {
			if column.IsValid(i) {
				sums[i] += stir(hash(i), name)
			}
		}
	}
	switch c := column.(type) {
	case *array.String:
		each(func(i int) uint64 { return xxhash.Sum64String(c.Value(i)) })
	case *array.Binary:
		each(func(i int) uint64 { return xxhash.Sum64(c.Value(i)) })
	case *array.Boolean:
		each(func(i int) uint64 {
			if c.Value(i) {
				return hashNumber(1)
			}
			return hashNumber(0)
		})
	case *array.Int32:
		each(func(i int) uint64 { return hashNumber(uint64(c.Value(i))) })
	case *array.Int64:
		each(func(i int) uint64 { return hashNumber(uint64(c.Value(i))) })
	case *array.Float32:
		each(func(i int) uint64 { return hashNumber(math.Float64bits(float64(c.Value(i)))) })
	case *array.Float64:
		each(func(i int) uint64 { return hashNumber(math.Float64bits(c.Value(i))) })
	case *array.Date32:
		each(func(i int) uint64 { return hashNumber(uint64(c.Value(i))) })
	case *array.Time64:
		each(func(i int) uint64 { return hashNumber(uint64(c.Value(i))) })
	case *array.Timestamp:
		each(func(i int) uint64 { return hashNumber(uint64(c.Value(i))) })
	case *array.Decimal128:
		each(func(i int) uint64 {
			value := c.Value(i)
			var bytes [16]byte
			binary.LittleEndian.PutUint64(bytes[:8], value.LowBits())
			binary.LittleEndian.PutUint64(bytes[8:], uint64(value.HighBits()))
			return xxhash.Sum64(bytes[:])
		})
	case *array.Null:
	default:
		return fmt.Errorf("%s can't be hashed", column.DataType())
	}
	return nil
}

// bitmapOf copies a column's validity, starting at bit 0.
func bitmapOf(column arrow.Array) *memory.Buffer {
	bitmap := memory.NewResizableBuffer(memory.DefaultAllocator)
	bitmap.Resize(int(bitutil.BytesForBits(int64(column.Len()))))
	bitutil.CopyBitmap(column.NullBitmapBytes(), column.Data().Offset(), column.Len(), bitmap.Bytes(), 0)
	return bitmap
}
