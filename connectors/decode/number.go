package decode

import (
	"bytes"
	"fmt"
	"math"
	"math/bits"
	"strconv"
	"strings"

	"github.com/apache/arrow-go/v18/arrow"
	"github.com/apache/arrow-go/v18/arrow/decimal128"
)

const (
	notNumber = "is not a number"
	notFinite = "is larger than a float64 holds"
	notWhole  = "is not a whole number of 64 bits"
)

// Decimal is how connectors keep a number with decimals, whatever its field is said
// to have: a CRM's pages round to the field's digits, its API gives and takes more
// (Salesforce Help 000385689). 18 digits after the point are all that a float of 0.1
// or more can have, and 20 before it are more than any amount needs.
func Decimal() *arrow.Decimal128Type { return &arrow.Decimal128Type{Precision: 38, Scale: 18} }

// A number is a decimal text taken apart, exactly: ±(high·2⁶⁴ + low)·10^exponent,
// where high·2⁶⁴ + low does not end in a zero. Huge: it has more digits than that
// holds, and thus more than any of our types.
type number struct {
	high, low uint64
	exponent  int
	negative  bool
	huge      bool
}

// parseNumber reads 12, -12.50, +.5 and 1.2E7, the form in which Salesforce
// writes large doubles. It reads no thousands separators, no hexadecimal, no NaN
// and no infinity.
func parseNumber(text []byte) (n number, ok bool) {
	i := 0
	if i < len(text) && (text[i] == '-' || text[i] == '+') {
		n.negative = text[i] == '-'
		i++
	}
	first, point := i, -1
	zeros := 0 // those at the end so far; they count once another digit follows
	for ; i < len(text); i++ {
		d := text[i] - '0'
		if d > 9 {
			if text[i] != '.' || point >= 0 {
				break
			}
			point = i
			continue
		}
		if d == 0 {
			zeros++
			continue
		}
		n.shiftIn(zeros+1, uint64(d))
		zeros = 0
	}
	digits := i - first
	n.exponent = zeros
	if point >= 0 {
		digits--
		n.exponent -= i - point - 1
	}
	if digits == 0 {
		return n, false
	}
	if i < len(text) {
		power, ok := parsePower(text[i:])
		if !ok {
			return n, false
		}
		n.exponent += power
	}
	return n, true
}

// parsePower reads the E7 of 1.2E7. Beyond a million it stops counting: nothing
// fits by then, and nothing overflows.
func parsePower(text []byte) (power int, ok bool) {
	if len(text) < 2 || text[0]|0x20 != 'e' {
		return 0, false
	}
	text = text[1:]
	negative := text[0] == '-'
	if text[0] == '-' || text[0] == '+' {
		text = text[1:]
	}
	if len(text) == 0 {
		return 0, false
	}
	for _, c := range text {
		if c-'0' > 9 {
			return 0, false
		}
		power = min(power*10+int(c-'0'), 1_000_000)
	}
	if negative {
		power = -power
	}
	return power, true
}

// shiftIn appends a digit after some zeros: n·10^places + digit.
func (n *number) shiftIn(places int, digit uint64) {
	if n.huge {
		return
	}
	if n.high == 0 && n.low == 0 {
		n.low = digit
		return
	}
	if n.high == 0 && places == 1 && n.low < math.MaxUint64/10-1 {
		n.low = n.low*10 + digit
		return
	}
	if !n.multiply(places) {
		n.huge = true
		return
	}
	var carry uint64
	n.low, carry = bits.Add64(n.low, digit, 0)
	n.high, carry = bits.Add64(n.high, 0, carry)
	n.huge = carry != 0
}

// multiply gives n·10^places; false when 128 bits do not hold it.
func (n *number) multiply(places int) bool {
	if n.high == 0 && n.low == 0 {
		return true
	}
	for ; places > 0; places-- {
		over, high := bits.Mul64(n.high, 10)
		carry, low := bits.Mul64(n.low, 10)
		var overflow uint64
		high, overflow = bits.Add64(high, carry, 0)
		if over != 0 || overflow != 0 {
			return false
		}
		n.high, n.low = high, low
	}
	return true
}

// scaled gives n·10^scale as a whole number; false when it has a fraction left or
// more than 128 bits.
func (n *number) scaled(scale int) bool {
	if n.huge {
		return false
	}
	if n.high == 0 && n.low == 0 {
		return true
	}
	// n ends in no zero, so a negative power always leaves a fraction.
	shift := n.exponent + scale
	return shift >= 0 && n.multiply(shift)
}

// rounded gives n·10^scale as a whole number, half away from zero; false when it
// has more than 128 bits. The text is what n was parsed from.
func (n *number) rounded(text []byte, scale int) bool {
	if n.scaled(scale) {
		return true
	}
	dropped := -(n.exponent + scale)
	if dropped <= 0 { // too large, not too fine
		return false
	}
	digits := bytes.TrimRight(coefficient(text), "0")
	left, isUp := digits[:max(len(digits)-dropped, 0)], false
	if dropped <= len(digits) {
		isUp = digits[len(digits)-dropped] >= '5'
	}
	n.high, n.low, n.huge = 0, 0, false
	for _, digit := range left {
		n.shiftIn(1, uint64(digit-'0'))
	}
	if isUp {
		var carry uint64
		n.low, carry = bits.Add64(n.low, 1, 0)
		n.high, carry = bits.Add64(n.high, 0, carry)
		n.huge = n.huge || carry != 0
	}
	return !n.huge
}

// coefficient is the digits of a number's text before its power of ten.
func coefficient(text []byte) []byte {
	digits := make([]byte, 0, len(text))
	for _, c := range text {
		switch {
		case c-'0' <= 9:
			digits = append(digits, c)
		case c|0x20 == 'e':
			return digits
		}
	}
	return digits
}

// decimalParser reads decimal128(precision, scale). What is larger is refused;
// what has more digits after the point is rounded half away from zero, which is
// why a connector gives its columns more digits than a CRM's floats have.
func decimalParser(precision, scale int32) func([]byte) (decimal128.Num, string) {
	limit := number{low: 1}
	limit.multiply(int(precision))
	unfit := fmt.Sprintf("is larger than decimal(%d, %d)", precision, scale)
	return func(text []byte) (decimal128.Num, string) {
		text = bytes.TrimSpace(text)
		n, ok := parseNumber(text)
		if !ok {
			return decimal128.Num{}, notNumber
		}
		if !n.rounded(text, int(scale)) || n.high > limit.high || n.high == limit.high && n.low >= limit.low {
			return decimal128.Num{}, unfit
		}
		value := decimal128.New(int64(n.high), n.low)
		if n.negative {
			value = value.Negate()
		}
		return value, ""
	}
}

// PlainDecimal is a number's text as a Decimal column keeps it, without exponent and
// without zeros at its end; false when it is no number or too large for one.
func PlainDecimal(text []byte) (string, bool) {
	kind := Decimal()
	value, why := decimalParser(kind.Precision, kind.Scale)(text)
	if why != "" {
		return "", false
	}
	return strings.TrimSuffix(strings.TrimRight(value.ToString(kind.Scale), "0"), "."), true
}

// parseInt also takes 12.0 and 1.2E7: Salesforce's int fields are known to hold
// floats.
func parseInt(text []byte) (int64, string) {
	text = bytes.TrimSpace(text)
	n, ok := parseNumber(text)
	if !ok {
		return 0, notNumber
	}
	if !n.scaled(0) || n.high != 0 {
		return 0, notWhole
	}
	switch {
	case !n.negative && n.low <= math.MaxInt64:
		return int64(n.low), ""
	case n.negative && n.low <= 1<<63:
		return -int64(n.low), ""
	}
	return 0, notWhole
}

func parseFloat(text []byte) (float64, string) {
	text = bytes.TrimSpace(text)
	if _, ok := parseNumber(text); !ok {
		return 0, notNumber
	}
	value, err := strconv.ParseFloat(string(text), 64)
	if err != nil {
		return 0, notFinite
	}
	return value, ""
}
