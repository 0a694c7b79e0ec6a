package decode

import (
	"bytes"
	"encoding/binary"
	"fmt"
	"iter"
	"math"
	"strings"
	"unicode/utf8"

	"github.com/apache/arrow-go/v18/arrow"
	"github.com/apache/arrow-go/v18/arrow/array"
	"github.com/apache/arrow-go/v18/arrow/decimal128"
	"github.com/apache/arrow-go/v18/arrow/memory"
)

// A column is one column of the batch being built: its values, and which of them
// are null.
type column struct {
	dtype  arrow.DataType
	cells  cells
	valid  []byte // Arrow's validity bitmap
	length int
	nulls  int
	isKey  bool
	text   []byte // of a key column: what the row being built has in it
}

// cells hold a column's values. On flush they give their buffers away, so that a
// batch shares no memory with the next one and nothing is copied.
type cells interface {
	put(text []byte) (why string) // appends; or appends nothing and says why the text does not fit
	null()
	drop()
	buffers() []*memory.Buffer // all but the validity bitmap; begins anew
	size() int
}

func newCells(table string, field arrow.Field) cells {
	switch t := field.Type.(type) {
	case *arrow.StringType:
		return &texts{ends: []int32{0}}
	case *arrow.BooleanType:
		return &flags{}
	case *arrow.Int64Type:
		return &fixed[int64]{parse: parseInt}
	case *arrow.Float64Type:
		return &fixed[float64]{parse: parseFloat}
	case *arrow.Decimal128Type:
		return &fixed[decimal128.Num]{parse: decimalParser(t.Precision, t.Scale)}
	case *arrow.Date32Type:
		return &fixed[arrow.Date32]{parse: parseDate}
	case *arrow.TimestampType:
		if t.Unit == arrow.Millisecond || t.Unit == arrow.Microsecond {
			return &fixed[int64]{parse: instantParser(t.Unit)}
		}
	case *arrow.Time64Type:
		return &fixed[int64]{parse: timeParser(t.Unit)}
	}
	panic(fmt.Sprintf("decode: %s.%s has type %s, which no text is read into", table, field.Name, field.Type))
}

func (c *column) mark(valid bool) {
	if c.length&7 == 0 {
		c.valid = append(c.valid, 0)
	}
	if valid {
		c.valid[c.length>>3] |= 1 << (c.length & 7)
	} else {
		c.nulls++
	}
	c.length++
}

func (c *column) appendNull() {
	c.cells.null()
	c.mark(false)
}

// drop takes the last value back.
func (c *column) drop() {
	c.cells.drop()
	c.length--
	bit := byte(1) << (c.length & 7)
	if c.valid[c.length>>3]&bit == 0 {
		c.nulls--
	}
	c.valid[c.length>>3] &^= bit
	if c.length&7 == 0 {
		c.valid = c.valid[:len(c.valid)-1]
	}
}

func (c *column) flush() arrow.Array {
	var validity *memory.Buffer
	if c.nulls > 0 {
		validity = memory.NewBufferBytes(c.valid)
		c.valid = make([]byte, 0, likely(c.valid))
	} else {
		c.valid = c.valid[:0]
	}
	data := array.NewData(c.dtype, c.length, append([]*memory.Buffer{validity}, c.cells.buffers()...), nil, c.nulls, 0)
	defer data.Release()
	c.length, c.nulls = 0, 0
	return array.MakeFromData(data)
}

// texts are strings: all their bytes in a row, and where each one ends.
type texts struct {
	ends  []int32
	bytes []byte
}

func (t *texts) put(text []byte) string {
	if !isPlain(text) {
		if bytes.IndexByte(text, 0) >= 0 {
			return "has NUL bytes"
		}
		if !utf8.Valid(text) {
			return "is not valid UTF-8"
		}
	}
	if len(t.bytes)+len(text) > math.MaxInt32 {
		return "is more text than one batch holds"
	}
	t.bytes = append(t.bytes, text...)
	t.ends = append(t.ends, int32(len(t.bytes)))
	return ""
}

func (t *texts) null() { t.ends = append(t.ends, int32(len(t.bytes))) }

func (t *texts) drop() {
	t.ends = t.ends[:len(t.ends)-1]
	t.bytes = t.bytes[:t.ends[len(t.ends)-1]]
}

func (t *texts) buffers() []*memory.Buffer {
	out := []*memory.Buffer{memory.NewBufferBytes(arrow.GetBytes(t.ends)), memory.NewBufferBytes(t.bytes)}
	t.ends = append(make([]int32, 0, likely(t.ends)), 0)
	t.bytes = make([]byte, 0, likely(t.bytes))
	return out
}

func (t *texts) size() int { return len(t.bytes) + 4*len(t.ends) }

// flags are booleans.
type flags struct {
	packed []byte
	length int
}

func (f *flags) put(text []byte) string {
	value, ok := parseBool(text)
	if !ok {
		return "is neither true nor false"
	}
	f.append(value)
	return ""
}

func (f *flags) append(value bool) {
	if f.length&7 == 0 {
		f.packed = append(f.packed, 0)
	}
	if value {
		f.packed[f.length>>3] |= 1 << (f.length & 7)
	}
	f.length++
}

func (f *flags) null() { f.append(false) }

func (f *flags) drop() {
	f.length--
	f.packed[f.length>>3] &^= 1 << (f.length & 7)
	if f.length&7 == 0 {
		f.packed = f.packed[:len(f.packed)-1]
	}
}

func (f *flags) buffers() []*memory.Buffer {
	out := []*memory.Buffer{memory.NewBufferBytes(f.packed)}
	f.packed, f.length = make([]byte, 0, likely(f.packed)), 0
	return out
}

func (f *flags) size() int { return len(f.packed) }

// parseBool also takes Yes and No, which HubSpot sends for some of its own
// booleans, and what databases and spreadsheets write: 1 and 0, 1.0 and 0.0, t and
// f, y and n.
func parseBool(text []byte) (value, ok bool) {
	switch string(text) {
	case "true":
		return true, true
	case "false":
		return false, true
	}
	switch strings.ToLower(string(bytes.TrimSpace(text))) {
	case "true", "yes", "1", "1.0", "t", "y":
		return true, true
	case "false", "no", "0", "0.0", "f", "n":
		return false, true
	}
	return false, false
}

// fixed are values of one width.
type fixed[T arrow.FixedWidthType] struct {
	values []T
	parse  func([]byte) (value T, why string)
}

func (f *fixed[T]) put(text []byte) string {
	value, why := f.parse(text)
	if why == "" {
		f.values = append(f.values, value)
	}
	return why
}

func (f *fixed[T]) null() {
	var zero T
	f.values = append(f.values, zero)
}

func (f *fixed[T]) drop() { f.values = f.values[:len(f.values)-1] }

func (f *fixed[T]) buffers() []*memory.Buffer {
	out := []*memory.Buffer{memory.NewBufferBytes(arrow.GetBytes(f.values))}
	f.values = make([]T, 0, likely(f.values))
	return out
}

func (f *fixed[T]) size() int { return len(arrow.GetBytes(f.values)) }

// likely is the room that the batch after this one will need: that of this one,
// but no less than half of what was needed before, for the last page is short.
func likely[T any](values []T) int { return max(len(values), cap(values)/2) }

// isPlain tells whether text is ASCII without NUL, as most texts of a CRM are. It
// looks at eight bytes at once.
func isPlain(text []byte) bool {
	const ones, tops = 0x0101010101010101, 0x8080808080808080
	for len(text) >= 8 {
		w := binary.LittleEndian.Uint64(text)
		if (w|(w-ones))&tops != 0 { // a byte above 0x7f, or one that borrows: 0
			return false
		}
		text = text[8:]
	}
	for _, c := range text {
		if c-1 >= 0x7f {
			return false
		}
	}
	return true
}

// A run is valid UTF-8 followed by bytes that are none.
type run struct{ text, broken []byte }

func invalidRuns(text []byte) iter.Seq[run] {
	return func(yield func(run) bool) {
		start := 0
		for i := 0; i < len(text); {
			r, n := utf8.DecodeRune(text[i:])
			if r == utf8.RuneError && n == 1 {
				if !yield(run{text[start:i], text[i : i+1]}) {
					return
				}
				start = i + 1
			}
			i += n
		}
		yield(run{text: text[start:]})
	}
}
