package payouts

import (
	"flag"
	"math/big"
	"math/rand/v2"
	"slices"
	"testing"
	"time"

	"github.com/cockroachdb/apd/v3"
)

var (
	poolSeed  = flag.Uint64("pool-seed", 0, "seed of the random pools; 0 takes another one each time")
	poolCount = flag.Int("pools", 1_000_000, "how many random pools are shared out")
)

// Each of a million pools of another amount, currency and set of weights sums to
// the last unit, and nobody is a whole unit away from the exact share.
func TestAMillionRandomPoolsSumExactly(t *testing.T) {
	seed := *poolSeed
	if seed == 0 {
		seed = uint64(time.Now().UnixNano())
	}
	count := *poolCount
	if testing.Short() {
		count /= 50
	}
	t.Logf("seed %d, %d pools (-pool-seed repeats them)", seed, count)
	random := rand.New(rand.NewPCG(seed, 6))
	shares := 0
	for n := range count {
		units, weights := randomPool(random)
		m, weighed := moneyOf(units, []string{"JPY", "USD", "KWD"}[n%3], weights)
		parts, err := m.Split(weighed)
		if err != nil {
			t.Fatalf("pool %d of seed %d: %v of %v: %v", n, seed, units, weights, err)
		}
		if why := unfair(units, weights, parts); why != "" {
			t.Fatalf("pool %d of seed %d: %d shared by %v gives %v: %s", n, seed, units, weights, texts(parts), why)
		}
		shares += len(parts)
	}
	t.Logf("%d shares", shares)
}

// randomPool has up to twelve weights; some are 0, some equal, some far apart.
func randomPool(random *rand.Rand) (int64, []int64) {
	most := []int64{1, 7, 100, 10_000_00, 50_000_000_00, 1 << 53}
	units := random.Int64N(most[random.IntN(len(most))] + 1)
	if random.IntN(20) == 0 {
		units = -units
	}
	weights := make([]int64, 1+random.IntN(12))
	scale := []int64{1, 3, 92, 12_000, 1_000_000_00}[random.IntN(5)]
	for i := range weights {
		weights[i] = random.Int64N(scale + 1)
	}
	weights[random.IntN(len(weights))]++ // one at least is above 0
	return units, weights
}

func moneyOf(units int64, code string, weights []int64) (Money, []apd.Decimal) {
	m := Money{Currency: code}
	m.amount.SetFinite(units, map[string]int32{"JPY": 0, "USD": -2, "KWD": -3}[code])
	weighed := make([]apd.Decimal, len(weights))
	for i, w := range weights {
		weighed[i].SetFinite(w, -int32(i%2)) // 1.5 beside 2: not every weight has the same decimals
		if i%2 == 1 {
			weights[i] = w
		} else {
			weights[i] = w * 10
		}
	}
	return m, weighed
}

// unfair checks by other means, fractions of whole numbers, what Split promises;
// weights are in tenths.
func unfair(units int64, weights []int64, parts []Money) string {
	var all, sum int64
	for _, w := range weights {
		all += w
	}
	var floors, fraction, exact, one big.Int
	for i, part := range parts {
		if !part.amount.Coeff.IsInt64() {
			return "a share is no 64-bit number of units"
		}
		got := part.amount.Coeff.Int64()
		if part.amount.Negative {
			got = -got
		}
		sum += got
		// |got × all − units × weight| < all
		exact.Mul(big.NewInt(units), big.NewInt(weights[i]))
		fraction.Mul(big.NewInt(got), big.NewInt(all))
		if floors.Sub(&fraction, &exact).CmpAbs(one.SetInt64(all)) >= 0 {
			return "a share is a unit or more from the exact one"
		}
		if i > 0 && weights[i] == weights[i-1] && abs(got) > abs(units64(parts[i-1])) {
			return "of two equal weights the later has more"
		}
	}
	if sum != units {
		return "the shares do not sum to the pool"
	}
	return ""
}

func units64(m Money) int64 { return m.amount.Coeff.Int64() }

func abs(n int64) int64 { return max(n, -n) }

func texts(parts []Money) []string {
	var all []string
	for _, p := range parts {
		all = append(all, p.Text())
	}
	return all
}

func TestTheCentsThatAreLeftGoToTheLargestRemaindersThenToWhoStandsFirst(t *testing.T) {
	for _, test := range []struct {
		name, amount, currency string
		weights, want          []string
	}{
		{"a third each: the first has the cent", "100.00", "USD", []string{"1", "1", "1"}, []string{"33.34", "33.33", "33.33"}},
		{"two cents over three", "0.02", "USD", []string{"1", "1", "1"}, []string{"0.01", "0.01", "0.00"}},
		{"the largest remainder, not the first", "10.00", "USD", []string{"1", "2", "4"}, []string{"1.43", "2.86", "5.71"}}, // 1.428… 2.857… 5.714…
		{"yen", "1000", "JPY", []string{"61", "90", "90"}, []string{"253", "374", "373"}},                                   // 253.11 373.44 373.44
		{"fils", "1.000", "KWD", []string{"1", "1", "1"}, []string{"0.334", "0.333", "0.333"}},
		{"weight 0 has nothing", "5.00", "USD", []string{"0", "2.5", "0"}, []string{"0.00", "5.00", "0.00"}},
		{"below zero as above", "-100.00", "USD", []string{"1", "1", "1"}, []string{"-33.34", "-33.33", "-33.33"}},
	} {
		t.Run(test.name, func(t *testing.T) {
			m, err := Parse(test.amount, test.currency)
			if err != nil {
				t.Fatal(err)
			}
			var weights []apd.Decimal
			for _, w := range test.weights {
				weights = append(weights, decimal(t, w))
			}
			parts, err := m.Split(weights)
			if err != nil || !slices.Equal(texts(parts), test.want) {
				t.Errorf("%v, not %v (%v)", texts(parts), test.want, err)
			}
		})
	}
}

func TestWhatCanNotBeSharedOutIsRefused(t *testing.T) {
	for _, test := range []struct{ name, amount, weight, want string }{
		{"half a cent", "1.005", "1", "1.005 USD can't be shared out: it has more than 2 decimals"},
		{"no weight at all", "1.00", "0", "nobody has a weight"},
		{"a weight below zero", "1.00", "-1", "a weight of -1 is below 0"},
	} {
		m, err := Parse(test.amount, "USD")
		if err != nil {
			t.Fatal(err)
		}
		if _, err := m.Split([]apd.Decimal{decimal(t, test.weight)}); err == nil || err.Error() != test.want {
			t.Errorf("%s: %v, not %s", test.name, err, test.want)
		}
	}
}
