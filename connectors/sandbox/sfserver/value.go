package sfserver

import (
	"strconv"
	"strings"

	"merit/connectors/sandbox/company"
)

// A value is one field of one record, before it is written as CSV or JSON.
type value struct {
	kind   valueKind
	text   string
	number int64  // of an integer, an instant in milliseconds, a boolean (0, 1) or an id made from a number
	prefix string // of an id made from a number
}

type valueKind uint8

const (
	null valueKind = iota
	plain
	boolean
	integer
	decimal // text
	instant
	identity
)

func textOf(text string) value {
	if text == "" {
		return value{}
	}
	return value{kind: plain, text: text}
}

func decimalOf(text string) value {
	if text == "" {
		return value{}
	}
	return value{kind: decimal, text: text}
}

func instantOf(at company.Instant) value {
	if at == 0 {
		return value{}
	}
	return value{kind: instant, number: int64(at)}
}

func integerOf(n int) value { return value{kind: integer, number: int64(n)} }

func booleanOf(yes bool) value {
	if yes {
		return value{kind: boolean, number: 1}
	}
	return value{kind: boolean}
}

// identityOf is the id that an imported record brought, or one made from its number.
func identityOf(own, prefix string, number int64) value {
	if own != "" {
		return value{kind: plain, text: longID(own)}
	}
	return value{kind: identity, number: number, prefix: prefix}
}

// Bulk API 2.0 and REST write the same instant in two ways.
const (
	bulkZone = "Z"
	restZone = "+0000"
)

// appendText writes the value without any quoting; null writes nothing.
func (v value) appendText(dst []byte, zone string) []byte {
	switch v.kind {
	case plain:
		return append(dst, v.text...)
	case boolean:
		return strconv.AppendBool(dst, v.number != 0)
	case integer:
		return strconv.AppendInt(dst, v.number, 10)
	case decimal:
		return appendDouble(dst, v.text)
	case instant:
		return appendInstant(dst, v.number, zone)
	case identity:
		return appendID(dst, v.prefix, v.number)
	}
	return dst
}

// appendCSV writes the value as Bulk API 2.0 does: everything in quotation marks.
func (v value) appendCSV(dst []byte) []byte {
	dst = append(dst, '"')
	if v.kind == plain && strings.IndexByte(v.text, '"') >= 0 {
		dst = append(dst, strings.ReplaceAll(v.text, `"`, `""`)...)
	} else {
		dst = v.appendText(dst, bulkZone)
	}
	return append(dst, '"')
}

// appendJSON writes the value as the REST API does.
func (v value) appendJSON(dst []byte) []byte {
	switch v.kind {
	case null:
		return append(dst, "null"...)
	case plain:
		return appendQuoted(dst, v.text)
	case boolean, integer, decimal:
		return v.appendText(dst, restZone)
	}
	dst = append(dst, '"')
	dst = v.appendText(dst, restZone)
	return append(dst, '"')
}

func appendQuoted(dst []byte, text string) []byte {
	const hex = "0123456789abcdef"
	dst = append(dst, '"')
	for i := range len(text) {
		switch c := text[i]; {
		case c == '"' || c == '\\':
			dst = append(dst, '\\', c)
		case c == '\n':
			dst = append(dst, '\\', 'n')
		case c == '\r':
			dst = append(dst, '\\', 'r')
		case c < ' ':
			dst = append(dst, '\\', 'u', '0', '0', hex[c>>4], hex[c&15])
		default:
			dst = append(dst, c)
		}
	}
	return append(dst, '"')
}

// appendDouble writes a decimal as Java writes a double: always with a decimal
// point, and with an exponent from ten million on.
func appendDouble(dst []byte, text string) []byte {
	if strings.HasPrefix(text, "-") {
		dst, text = append(dst, '-'), text[1:]
	}
	whole, fraction, _ := strings.Cut(text, ".")
	whole = strings.TrimLeft(whole, "0")
	fraction = strings.TrimRight(fraction, "0")
	if len(whole) <= 7 {
		dst = append(dst, orZero(whole)...)
		dst = append(dst, '.')
		return append(dst, orZero(fraction)...)
	}
	exponent := len(whole) - 1
	mantissa := strings.TrimRight(whole[1:]+fraction, "0")
	dst = append(dst, whole[0], '.')
	dst = append(dst, orZero(mantissa)...)
	dst = append(dst, 'E')
	return strconv.AppendInt(dst, int64(exponent), 10)
}

func orZero(text string) string {
	if text == "" {
		return "0"
	}
	return text
}

const dayInMilliseconds = 24 * 60 * 60 * 1000

// appendInstant writes 2024-09-24T03:26:07.000 and the zone. It is by hand since a
// bench reads millions of them.
func appendInstant(dst []byte, ms int64, zone string) []byte {
	days, rest := ms/dayInMilliseconds, ms%dayInMilliseconds
	if rest < 0 {
		days, rest = days-1, rest+dayInMilliseconds
	}
	dst = appendDay(dst, days)
	dst = append(dst, 'T')
	dst = appendTwo(dst, rest/3600_000)
	dst = append(dst, ':')
	dst = appendTwo(dst, rest/60_000%60)
	dst = append(dst, ':')
	dst = appendTwo(dst, rest/1000%60)
	dst = append(dst, '.', byte('0'+rest/100%10))
	dst = appendTwo(dst, rest%100)
	return append(dst, zone...)
}

// appendDay writes the date of a day counted from 1970-01-01: Howard Hinnant's
// civil_from_days, of which years begin in March and eras have 146,097 days.
func appendDay(dst []byte, days int64) []byte {
	days += 719468
	era := days / 146097
	day := days % 146097
	year := (day - day/1460 + day/36524 - day/146096) / 365
	day -= 365*year + year/4 - year/100
	month := (5*day + 2) / 153
	day -= (153*month + 2) / 5
	year += era * 400
	if month += 3; month > 12 {
		month, year = month-12, year+1
	}
	dst = appendTwo(dst, year/100)
	dst = appendTwo(dst, year%100)
	dst = append(dst, '-')
	dst = appendTwo(dst, month)
	dst = append(dst, '-')
	return appendTwo(dst, day+1)
}

func appendTwo(dst []byte, n int64) []byte { return append(dst, byte('0'+n/10), byte('0'+n%10)) }
