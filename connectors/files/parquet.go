package files

import (
	"errors"
	"io"
	"io/fs"
	"math/big"
	"strconv"
	"strings"
	"time"

	"github.com/parquet-go/parquet-go"
	"github.com/parquet-go/parquet-go/format"

	"merit/connectors/fault"
)

// readParquet reads a file of plain columns. Each value is written as text and
// read as one of a CSV would be, so that one meaning holds for all kinds of files.
func readParquet(from fs.File, into *rows, each func() error) error {
	at, ok := from.(seekable)
	if !ok {
		return fault.Errorf(fault.Us, "%s can't be read at any place", into.drop.path(into.file.name))
	}
	about, err := from.Stat()
	if err != nil {
		return into.broken(err)
	}
	opened, err := parquet.OpenFile(at, about.Size())
	if err != nil {
		return into.broken(err)
	}
	columns, err := parquetColumns(opened, into)
	if err != nil {
		return err
	}
	line := int64(0)
	for _, group := range opened.RowGroups() {
		if line, err = readGroup(group, columns, into, line, each); err != nil {
			return err
		}
	}
	return nil
}

// A parquetColumn writes its values as text.
type parquetColumn struct {
	place int
	text  func(into []byte, v parquet.Value) []byte
}

func parquetColumns(opened *parquet.File, into *rows) ([]parquetColumn, error) {
	var columns []parquetColumn
	for _, c := range opened.Root().Columns() {
		place, err := into.place(c.Name(), 0)
		if err != nil {
			return nil, err
		}
		if !c.Leaf() || c.Repeated() {
			if place >= 0 {
				return nil, into.faultf(0, "column %s holds more than one value a row", c.Name())
			}
			return nil, into.faultf(0, "column %s is nested; write the file without it", c.Name())
		}
		columns = append(columns, parquetColumn{place: place, text: textOf(c.Type())})
	}
	return columns, nil
}

func readGroup(group parquet.RowGroup, columns []parquetColumn, into *rows, line int64, each func() error) (int64, error) {
	reader := parquet.NewRowGroupReader(group)
	defer reader.Close()
	buffer := make([]parquet.Row, 64)
	var text []byte
	for {
		n, err := reader.ReadRows(buffer)
		for _, row := range buffer[:n] {
			line++
			for _, v := range row {
				if column := columns[v.Column()]; !v.IsNull() {
					text = column.text(text[:0], v)
					into.set(column.place, text)
				}
			}
			if err := into.end(line); err != nil {
				return line, err
			}
			if err := each(); err != nil {
				return line, err
			}
		}
		if errors.Is(err, io.EOF) {
			return line, nil
		}
		if err != nil {
			return line, into.broken(err)
		}
	}
}

// textOf is how a column's values are written: by its logical type, else as
// Parquet's own type says.
func textOf(t parquet.Type) func([]byte, parquet.Value) []byte {
	kind := t.Kind()
	if logical := t.LogicalType(); logical != nil {
		switch l := logical.Value.(type) {
		case *format.DecimalType:
			return func(into []byte, v parquet.Value) []byte { return appendDecimal(into, unscaled(v), int(l.Scale)) }
		case *format.DateType:
			return func(into []byte, v parquet.Value) []byte {
				return time.Unix(int64(v.Int32())*24*60*60, 0).UTC().AppendFormat(into, time.DateOnly)
			}
		case *format.TimestampType:
			return instants(l)
		}
	}
	switch kind {
	case parquet.Boolean:
		return func(into []byte, v parquet.Value) []byte { return strconv.AppendBool(into, v.Boolean()) }
	case parquet.Int32:
		return func(into []byte, v parquet.Value) []byte { return strconv.AppendInt(into, int64(v.Int32()), 10) }
	case parquet.Int64:
		return func(into []byte, v parquet.Value) []byte { return strconv.AppendInt(into, v.Int64(), 10) }
	case parquet.Float:
		return func(into []byte, v parquet.Value) []byte {
			return strconv.AppendFloat(into, float64(v.Float()), 'g', -1, 32)
		}
	case parquet.Double:
		return func(into []byte, v parquet.Value) []byte { return strconv.AppendFloat(into, v.Double(), 'g', -1, 64) }
	case parquet.Int96:
		return appendInt96
	}
	return func(into []byte, v parquet.Value) []byte { return append(into, v.ByteArray()...) }
}

// instants writes timestamps; one that is not adjusted to UTC has no zone, which
// the settings then say.
func instants(t *format.TimestampType) func([]byte, parquet.Value) []byte {
	layout := "2006-01-02T15:04:05.999999999"
	if t.IsAdjustedToUTC {
		layout += "Z"
	}
	unit := time.Nanosecond
	if t.Unit.Value != nil {
		unit = t.Unit.Value.Duration()
	}
	aSecond := int64(time.Second / unit)
	return func(into []byte, v parquet.Value) []byte {
		seconds, rest := v.Int64()/aSecond, v.Int64()%aSecond
		return time.Unix(seconds, rest*int64(unit)).UTC().AppendFormat(into, layout)
	}
}

// appendInt96 writes the timestamps of old Parquet files: nanoseconds of the day,
// then the Julian day; 1970-01-01 is day 2,440,588 (parquet-format, Types: INT96).
func appendInt96(into []byte, v parquet.Value) []byte {
	n := v.Int96()
	nanos := int64(uint64(n[1])<<32 | uint64(n[0]))
	const day1970 = 2_440_588
	return time.Unix((int64(n[2])-day1970)*24*60*60, nanos).UTC().AppendFormat(into, time.RFC3339Nano)
}

// unscaled is a decimal's whole number: little-endian integers, or big-endian
// bytes of two's complement.
func unscaled(v parquet.Value) *big.Int {
	switch v.Kind() {
	case parquet.Int32:
		return big.NewInt(int64(v.Int32()))
	case parquet.Int64:
		return big.NewInt(v.Int64())
	}
	bytes := v.ByteArray()
	n := new(big.Int).SetBytes(bytes)
	if len(bytes) > 0 && bytes[0]&0x80 != 0 {
		n.Sub(n, new(big.Int).Lsh(big.NewInt(1), uint(8*len(bytes))))
	}
	return n
}

func appendDecimal(into []byte, n *big.Int, scale int) []byte {
	digits := new(big.Int).Abs(n).String()
	if missing := scale + 1 - len(digits); missing > 0 {
		digits = strings.Repeat("0", missing) + digits
	}
	if n.Sign() < 0 {
		into = append(into, '-')
	}
	into = append(into, digits[:len(digits)-scale]...)
	if scale > 0 {
		into = append(append(into, '.'), digits[len(digits)-scale:]...)
	}
	return into
}
