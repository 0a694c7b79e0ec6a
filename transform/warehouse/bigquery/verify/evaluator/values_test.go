package evaluator

import (
	"fmt"
	"math/big"
	"slices"
	"strconv"
	"strings"
	"time"

	"google.golang.org/protobuf/reflect/protoreflect"
)

// A table is a table of DuckDB's, with its rows as texts.
type table struct {
	name    string
	columns []column
	rows    [][]cell
}

// A column has one of GoogleSQL's kinds: STRING, INT64, NUMERIC …
type column struct{ name, kind string }

// A cell is DuckDB's text of a value.
type cell struct {
	text   string
	isNull bool
}

func (t table) declare(b *strings.Builder) {
	fmt.Fprintf(b, "table { name: %q", t.name)
	for _, c := range t.columns {
		fmt.Fprintf(b, " column { name: %q type { type_kind: TYPE_%s } }", c.name, c.kind)
	}
	b.WriteString(" }\n")
}

func (t table) content(b *strings.Builder) {
	fmt.Fprintf(b, "table_content { key: %q value { table_data {", t.name)
	for _, row := range t.rows {
		b.WriteString(" row {")
		for i, c := range row {
			b.WriteString(" cell {" + valueOf(c, t.columns[i].kind) + "}")
		}
		b.WriteString(" }")
	}
	b.WriteString(" } } }\n")
}

// nano is what one is in a NUMERIC: it has nine digits after the point.
var nano = big.NewInt(1_000_000_000)

// valueOf writes a value as the service takes it.
func valueOf(c cell, kind string) string {
	if c.isNull {
		return ""
	}
	switch kind {
	case "INT64":
		return "int64_value: " + c.text
	case "BOOL":
		return "bool_value: " + c.text
	case "DOUBLE":
		return "double_value: " + c.text
	case "DATE":
		return fmt.Sprintf("date_value: %d", instant(c.text).Unix()/86400)
	case "TIMESTAMP":
		at := instant(c.text)
		return fmt.Sprintf("timestamp_value { seconds: %d nanos: %d }", at.Unix(), at.Nanosecond())
	case "NUMERIC":
		return `numeric_value: "` + bytesOf(c.text) + `"`
	}
	return "string_value: " + strconv.Quote(c.text)
}

// instant reads DuckDB's texts of dates and, in UTC, instants.
func instant(text string) time.Time {
	for _, layout := range []string{"2006-01-02 15:04:05.999999999-07", time.DateOnly} {
		if at, err := time.Parse(layout, text); err == nil {
			return at
		}
	}
	panic("no instant: " + text) // DuckDB wrote it
}

// bytesOf is a decimal as GoogleSQL stores a NUMERIC: nanos, in two's complement,
// lowest byte first, as few bytes as hold it.
func bytesOf(decimal string) string {
	r, isNumber := new(big.Rat).SetString(decimal)
	if !isNumber {
		panic("no decimal: " + decimal)
	}
	r.Mul(r, new(big.Rat).SetInt(nano))
	n := r.Num()
	size := n.BitLen()/8 + 1
	if n.Sign() < 0 {
		n = new(big.Int).Add(n, new(big.Int).Lsh(big.NewInt(1), uint(8*size)))
	}
	bytes := n.FillBytes(make([]byte, size))
	var b strings.Builder
	for _, one := range slices.Backward(bytes) {
		fmt.Fprintf(&b, `\x%02x`, one)
	}
	return b.String()
}

func decimalOf(bytes []byte) string {
	bytes = slices.Clone(bytes)
	slices.Reverse(bytes)
	n := new(big.Int).SetBytes(bytes)
	if len(bytes) > 0 && bytes[0] >= 0x80 {
		n.Sub(n, new(big.Int).Lsh(big.NewInt(1), uint(8*len(bytes))))
	}
	return new(big.Rat).SetFrac(n, nano).FloatString(9)
}

const none = "∅"

// textOf reads a value of the service's, in the form of canonical.
func textOf(m protoreflect.Message) (string, error) {
	field := m.WhichOneof(m.Descriptor().Oneofs().ByName("value"))
	if field == nil {
		return none, nil
	}
	v := m.Get(field)
	switch field.Name() {
	case "string_value", "int64_value", "bool_value":
		return fmt.Sprint(v.Interface()), nil
	case "double_value":
		return rounded(v.Float()), nil
	case "numeric_value":
		return trimmed(decimalOf(v.Bytes())), nil
	case "date_value":
		return time.Unix(v.Int()*86400, 0).UTC().Format(time.DateOnly), nil
	case "timestamp_value":
		x := v.Message()
		at := func(name protoreflect.Name) int64 { return x.Get(x.Descriptor().Fields().ByName(name)).Int() }
		return time.Unix(at("seconds"), at("nanos")).UTC().Format(time.RFC3339Nano), nil
	}
	return "", fmt.Errorf("a %s has no place in a table that others read", field.Name())
}

// canonical is one text for what both engines mean by a value.
func canonical(c cell, kind string) string {
	switch {
	case c.isNull:
		return none
	case kind == "DOUBLE":
		v, err := strconv.ParseFloat(c.text, 64)
		if err != nil {
			panic(err) // DuckDB wrote it
		}
		return rounded(v)
	case kind == "NUMERIC":
		return trimmed(c.text)
	case kind == "TIMESTAMP":
		return instant(c.text).UTC().Format(time.RFC3339Nano)
	}
	return c.text
}

// rounded leaves the digits of a double on which two ways of adding agree.
func rounded(v float64) string { return strconv.FormatFloat(v, 'g', 12, 64) }

func trimmed(decimal string) string {
	if !strings.Contains(decimal, ".") {
		return decimal
	}
	return strings.TrimSuffix(strings.TrimRight(decimal, "0"), ".")
}
