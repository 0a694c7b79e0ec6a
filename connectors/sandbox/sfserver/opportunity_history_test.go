package sfserver

import (
	"math/big"
	"strings"
	"testing"
	"time"
)

func TestExpectedRevenueIsToTheCent(t *testing.T) {
	for _, amount := range []string{"0", "1", "12350.75", "99999999.99", "0.01", "-250.50"} {
		for _, probability := range []int{0, 10, 35, 50, 85, 100} {
			exact, _ := new(big.Rat).SetString(amount)
			exact.Mul(exact, big.NewRat(int64(probability), 100))
			want := strings.TrimSuffix(exact.FloatString(2), ".00")
			got, ok := new(big.Rat).SetString(expected(amount, probability))
			if !ok || strings.TrimSuffix(got.FloatString(2), ".00") != want {
				t.Errorf("%d %% of %s is %s, not %s", probability, amount, expected(amount, probability), want)
			}
		}
	}
	if expected("", 50) != "" {
		t.Error("half of nothing known is something")
	}
}

// An instant is written by hand for speed; the standard library writes it too.
func TestInstantsAreWrittenAsTheStandardLibraryWritesThem(t *testing.T) {
	for day := int64(-800_000); day < 800_000; day += 97 {
		if day < -719_162 {
			continue // before the year 1
		}
		ms := day*dayInMilliseconds + (day*7_919_777)%dayInMilliseconds
		want := time.UnixMilli(ms).UTC().Format("2006-01-02T15:04:05.000Z")
		if got := string(appendInstant(nil, ms, bulkZone)); got != want {
			t.Fatalf("%d is written %s, not %s", ms, got, want)
		}
	}
}
