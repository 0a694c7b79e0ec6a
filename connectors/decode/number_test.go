package decode_test

import (
	"math/big"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/apache/arrow-go/v18/arrow"
	"github.com/apache/arrow-go/v18/arrow/array"
	"github.com/cockroachdb/apd/v3"
	"pgregory.net/rapid"

	"merit/connectors/decode"
)

// numbers draws texts that look like numbers, most of which are.
var numbers = rapid.StringMatching(`[+-]?[0-9]{0,24}(\.[0-9]{0,24})?([eE][+-]?[0-9]{1,3})?`)

// exactly is what apd, a decimal library with arithmetic of its own, makes of a
// text: the value as a whole number of units of 10^-scale, rounded half away from
// zero. Nil: it does not fit.
func exactly(text string, precision, scale int32) *big.Int {
	value, _, err := apd.NewFromString(text)
	if err != nil || value.Form != apd.Finite {
		return nil
	}
	units := new(big.Int).Set(value.Coeff.MathBigInt())
	if value.Negative {
		units.Neg(units)
	}
	shift := int64(value.Exponent) + int64(scale)
	ten := big.NewInt(10)
	switch {
	case units.Sign() == 0:
	case shift > 100:
		return nil
	case shift >= 0:
		units.Mul(units, new(big.Int).Exp(ten, big.NewInt(shift), nil))
	default:
		var left big.Int
		unit := new(big.Int).Exp(ten, big.NewInt(-shift), nil)
		units.QuoRem(units, unit, &left)
		if left.Lsh(&left, 1).CmpAbs(unit) >= 0 {
			units.Add(units, big.NewInt(int64(left.Sign())))
		}
	}
	if units.CmpAbs(new(big.Int).Exp(ten, big.NewInt(int64(precision)), nil)) >= 0 {
		return nil
	}
	return units
}

func TestDecimalsAreRoundedOnceOrRejected(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		kind := &arrow.Decimal128Type{Precision: rapid.Int32Range(1, 38).Draw(t, "precision")}
		kind.Scale = rapid.Int32Range(0, kind.Precision).Draw(t, "scale")
		text := numbers.Draw(t, "text")
		want := exactly(text, kind.Precision, kind.Scale)
		b := decode.NewBuilder(table("value", kind))
		b.Set(1, []byte(text))
		b.EndRow()
		batch, rejects := b.Flush()
		defer batch.Records.Release()
		column := batch.Records.Column(1).(*array.Decimal128)
		switch {
		case text == "":
		case want == nil && len(rejects) == 0:
			t.Fatalf("%q is kept as %s", text, column.Value(0).BigInt())
		case want != nil && len(rejects) != 0:
			t.Fatalf("%q is rejected: it %s", text, rejects[0].Reason)
		case want != nil && column.Value(0).BigInt().Cmp(want) != 0:
			t.Fatalf("%q becomes %s, not %s", text, column.Value(0).BigInt(), want)
		}
	})
}

func TestFloatsAreStrconvs(t *testing.T) {
	rapid.Check(t, func(r *rapid.T) {
		text := numbers.Draw(r, "text")
		want, err := strconv.ParseFloat(text, 64)
		got, reason := read(t, arrow.PrimitiveTypes.Float64, text)
		if text != "" && (err == nil) != (reason == "") {
			r.Fatalf("%q: %q, %s; strconv: %v", text, got, reason, err)
		}
		if err == nil {
			if back, _ := strconv.ParseFloat(got, 64); back != want {
				r.Fatalf("%q becomes %s, not %v", text, got, want)
			}
		}
	})
}

func FuzzInstant(f *testing.F) {
	for _, seed := range []string{
		"2024-09-24T03:26:07.000Z", "2024-02-29T23:59:59.999999999+05:30", "0001-01-01T00:00:00Z", "9999-12-31T23:59:59Z",
		"2024-09-24T03:26:07.000+0000", "1706745600000", "-1.5E3", "2024-09-24", "2024-09-24T03:26:60Z", "1900-02-29T00:00:00Z",
	} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, text string) {
		got, reason := read(t, arrow.FixedWidthTypes.Timestamp_us, text)
		read(t, arrow.FixedWidthTypes.Date32, text)
		read(t, arrow.FixedWidthTypes.Time64us, text)
		want, err := time.Parse(time.RFC3339Nano, text)
		if err != nil || strings.Contains(text, ",") {
			return // we read more forms than this one, and not ISO's comma
		}
		want = want.UTC()
		if want.Year() < 1 || want.Year() > 9999 {
			if reason == "" {
				t.Fatalf("%s is kept as %s", text, got)
			}
			return
		}
		_, offset := want.Zone()
		if reason != "" && offset == 0 {
			if _, hour, ok := strings.Cut(text, "+24"); ok || strings.Contains(text, "-24:") {
				t.Skip(hour) // time.Parse takes an offset of 24 hours, which no zone has
			}
			t.Fatalf("%s is rejected: it %s", text, reason)
		}
		if got != want.Truncate(time.Microsecond).Format("2006-01-02T15:04:05.999999Z") {
			t.Fatalf("%s becomes %s, not %s", text, got, want)
		}
	})
}

func TestEveryDayCountsAsTheCalendarDoes(t *testing.T) {
	b := decode.NewBuilder(table("day", date))
	first := time.Date(1, 1, 1, 0, 0, 0, 0, time.UTC)
	last := time.Date(9999, 12, 31, 0, 0, 0, 0, time.UTC)
	days := 0
	for day := first; !day.After(last); day = day.AddDate(0, 0, 1) {
		b.Set(1, day.AppendFormat(nil, time.DateOnly))
		b.EndRow()
		days++
	}
	batch, rejects := b.Flush()
	defer batch.Records.Release()
	if len(rejects) != 0 {
		t.Fatalf("real days were rejected: %+v", rejects[0])
	}
	column := batch.Records.Column(1).(*array.Date32)
	for i := range days {
		if want := first.Unix()/86400 + int64(i); int64(column.Value(i)) != want {
			t.Fatalf("day %d is %d, not %d", i, column.Value(i), want)
		}
	}
}

func TestNoTextMakesAColumnPanic(t *testing.T) {
	kinds := []arrow.DataType{text, boolean, whole, money, widest, float, date, millis, micros, clock}
	texts := rapid.OneOf(rapid.String(), numbers, rapid.StringMatching(`[0-9]{4}-[0-9]{2}-[0-9]{2}([T ][0-9:.]{0,12}[Z+-]?[0-9:]{0,5})?`),
		rapid.Map(rapid.SliceOf(rapid.Byte()), func(b []byte) string { return string(b) }))
	rapid.Check(t, func(r *rapid.T) {
		value := texts.Draw(r, "text")
		for _, kind := range kinds {
			got, reason := read(t, kind, value)
			if value != "" && reason == "" && got == "null" && strings.Trim(value, "\x00") != "" {
				r.Fatalf("%q became null in a column of %s, and nobody was told", value, kind)
			}
		}
	})
}
