package payouts

import (
	"math/big"
	"os"
	"regexp"
	"strings"
	"testing"

	"github.com/cockroachdb/apd/v3"
	"pgregory.net/rapid"
)

func decimal(t interface{ Fatalf(string, ...any) }, text string) apd.Decimal {
	d, _, err := apd.NewFromString(text)
	if err != nil {
		t.Fatalf("%s: %v", text, err)
	}
	return *d
}

func TestAShareIsRoundedOnceHalfAwayFromZeroInTheCurrencysOwnUnit(t *testing.T) {
	for _, test := range []struct {
		target, currency, multiplier string
		part, whole                  int64
		want                         string
	}{
		{"10000", "USD", "1.25", 90, 90, "12500.00"},
		{"10000", "USD", "1", 61, 92, "6630.43"},    // 6630.4347…
		{"0.05", "USD", "0.5", 1, 1, "0.03"},        // 0.025: half goes up
		{"-0.05", "USD", "0.5", 1, 1, "-0.03"},      // and down below zero
		{"1000000", "JPY", "0.5", 45, 91, "247253"}, // 247252.747…
		{"1000", "KWD", "0.333", 1, 1, "333.000"},
		{"1", "KWD", "0.0005", 1, 1, "0.001"},
		{"10000", "USD", "1.25", 0, 90, "0.00"},
	} {
		m, err := Parse(test.target, test.currency)
		if err != nil {
			t.Fatal(err)
		}
		share, err := m.Share(decimal(t, test.multiplier), test.part, test.whole)
		if err != nil || share.Text() != test.want {
			t.Errorf("%s %s × %s × %d/%d = %s, not %s (%v)", test.target, test.currency, test.multiplier, test.part, test.whole, share.Text(), test.want, err)
		}
	}
}

func TestAShareIsWithinHalfAUnitOfTheExactFraction(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		cents := rapid.Int64Range(0, 1_000_000_000_00).Draw(t, "cents")
		multiplier := rapid.Int64Range(0, 50_000).Draw(t, "multiplier of 10000")
		whole := rapid.Int64Range(1, 100).Draw(t, "whole")
		part := rapid.Int64Range(0, whole).Draw(t, "part")
		m, err := Parse(apd.New(cents, -2).Text('f'), "USD")
		if err != nil {
			t.Fatal(err)
		}
		share, err := m.Share(*apd.New(multiplier, -4), part, whole)
		if err != nil {
			t.Fatal(err)
		}
		truth := new(big.Rat).SetFrac(
			new(big.Int).Mul(big.NewInt(cents), big.NewInt(multiplier*part)),
			new(big.Int).Mul(big.NewInt(1_000_000), big.NewInt(whole)))
		got, _ := new(big.Rat).SetString(share.Text())
		off := new(big.Rat).Sub(got, truth)
		if off.Abs(off).Cmp(big.NewRat(1, 200)) > 0 {
			t.Fatalf("%s is %s off", share.Text(), off)
		}
	})
}

func TestAmountsOfTwoCurrenciesAreNotAdded(t *testing.T) {
	usd, _ := Parse("1", "USD")
	eur, _ := Parse("1", "EUR")
	if _, err := usd.Add(eur); err == nil {
		t.Error("they were")
	}
}

func TestNoFloatIsInThePayoutPackages(t *testing.T) {
	float := regexp.MustCompile(`\bfloat(32|64)\b|ParseFloat|\.Float64\(`)
	files, err := os.ReadDir(".")
	if err != nil {
		t.Fatal(err)
	}
	read := 0
	for _, f := range files {
		if !strings.HasSuffix(f.Name(), ".go") || strings.HasSuffix(f.Name(), "_test.go") {
			continue
		}
		text, err := os.ReadFile(f.Name())
		if err != nil {
			t.Fatal(err)
		}
		read++
		if at := float.Find(text); at != nil {
			t.Errorf("%s: %s", f.Name(), at)
		}
	}
	if read == 0 {
		t.Error("no file was looked at")
	}
}
