package hubspot

import (
	"testing"

	"github.com/cockroachdb/apd/v3"
	"pgregory.net/rapid"
)

func TestANumberIsRoundedAsADecimalLibraryRoundsIt(t *testing.T) {
	context := apd.BaseContext.WithPrecision(100)
	context.Rounding = apd.RoundHalfUp // half away from zero
	rapid.Check(t, func(t *rapid.T) {
		text := rapid.StringMatching(`-?[0-9]{1,12}\.(9{0,15}|[0-9]{0,18})`).Draw(t, "number")
		exact, _, err := apd.NewFromString(text)
		if err != nil {
			t.Skip()
		}
		want := new(apd.Decimal)
		if _, err := context.Quantize(want, exact, -decimals); err != nil {
			t.Fatal(err)
		}
		got, _, err := apd.NewFromString(string(rounded([]byte(text), nil)))
		if err != nil || got.Cmp(want) != 0 {
			t.Errorf("%s becomes %s, not %s (%v)", text, got, want, err)
		}
	})
}

func TestWhatIsNoLongPlainNumberStaysAsItIs(t *testing.T) {
	for _, text := range []string{"", "1", "-1.5", "0.123456789", "1.23456789012E7", "1;2.1234567890123x", ".", "-"} {
		if got := string(rounded([]byte(text), nil)); got != text {
			t.Errorf("%q becomes %q", text, got)
		}
	}
	for text, want := range map[string]string{"9.9999999999": "10.000000000", "-9.9999999999": "-10.000000000", "-.9999999999": "-1.000000000", "1999.98999999999978": "1999.990000000"} {
		if got := string(rounded([]byte(text), make([]byte, 0, 4))); got != want {
			t.Errorf("%q becomes %q, not %q", text, got, want)
		}
	}
}
