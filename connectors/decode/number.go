package decode

import (
	"fmt"
	"math"
	"math/bits"
	"strconv"

	"github.com/apache/arrow-go/v18/arrow/decimal128"
)

const (
	notNumber = "is not a number"
	notFinite = "is larger than a float64 holds"
	notWhole  = "is not a whole number of 64 bits"
)

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

// decimalParser reads decimal128(precision, scale). What has more digits than
// that, before or after the point, is refused and never rounded.
func decimalParser(precision, scale int32) func([]byte) (decimal128.Num, string) {
	limit := number{low: 1}
	limit.multiply(int(precision))
	unfit := fmt.Sprintf("has more digits than decimal(%d, %d)", precision, scale)
	return func(text []byte) (decimal128.Num, string) {
		n, ok := parseNumber(text)
		if !ok {
			return decimal128.Num{}, notNumber
		}
		if !n.scaled(int(scale)) || n.high > limit.high || n.high == limit.high && n.low >= limit.low {
			return decimal128.Num{}, unfit
		}
		value := decimal128.New(int64(n.high), n.low)
		if n.negative {
			value = value.Negate()
		}
		return value, ""
	}
}

// parseInt also takes 12.0 and 1.2E7: Salesforce's int fields are known to hold
// floats.
func parseInt(text []byte) (int64, string) {
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
	if _, ok := parseNumber(text); !ok {
		return 0, notNumber
	}
	value, err := strconv.ParseFloat(string(text), 64)
	if err != nil {
		return 0, notFinite
	}
	return value, ""
}
