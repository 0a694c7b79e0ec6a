package currency

import (
	"strings"
	"testing"
)

func TestACurrencyHasTheDecimalsOfISO4217(t *testing.T) {
	for code, want := range map[string]int32{"USD": 2, "EUR": 2, "JPY": 0, "KRW": 0, "CLP": 0, "KWD": 3, "TND": 3, "CLF": 4, "MGA": 2, "ISK": 0} {
		if got := Decimals(code); got != want || !Known(code) {
			t.Errorf("%s: %d decimals, not %d; known: %v", code, got, want, Known(code))
		}
	}
}

func TestOnlyACodeOfTheListIsACurrency(t *testing.T) {
	for _, code := range []string{"", "US", "usd", "USDX", "XXX", "XAU", "EUR ", " ", "D AF"} {
		if Known(code) {
			t.Errorf("%q is taken for a currency", code)
		}
	}
	if n := len(strings.Fields(codes)); n < 150 {
		t.Errorf("only %d codes", n)
	}
}
