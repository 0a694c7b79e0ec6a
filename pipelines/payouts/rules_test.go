package payouts

import (
	"strings"
	"testing"

	"github.com/cockroachdb/apd/v3"
	"pgregory.net/rapid"

	"merit/connectors/fault"
)

func measured() (Standing, Rules) {
	s := ann()
	s.Score, s.Tier, s.Multiplier, s.WeightUsed = "95.50", "silver", "0.8", "100"
	s.Measures = []Measure{{Metric: "moves", Kind: "ratio", Value: "191", Numerator: "191", Denominator: "1", Samples: 191}}
	return s, Rules{Roles: map[string]RoleRules{"ae": {
		Metrics: []MetricRule{{Name: "moves", Kind: "ratio", Weight: *apd.New(100, 0), Target: *apd.New(200, 0), Cap: *apd.New(120, 0), MinSamples: 3, WhenMissing: "redistribute"}},
		Tiers:   []Tier{{"silver", *apd.New(90, 0), *apd.New(8, -1)}, {"gold", *apd.New(100, 0), *apd.New(1, 0)}},
	}}}
}

func TestNoMoneyIsMadeOfAScoreThatIsNotTheRecordsOwn(t *testing.T) {
	s, rules := measured()
	if _, err := Lines([]Standing{s}, rules); err != nil {
		t.Fatal(err)
	}
	for name, tamper := range map[string]func(*Standing){
		"a score":      func(s *Standing) { s.Score = "95.51" },
		"a tier":       func(s *Standing) { s.Tier, s.Multiplier = "gold", "1" },
		"a coverage":   func(s *Standing) { s.WeightUsed = "60" },
		"a hold":       func(s *Standing) { s.IsHeld = true },
		"the records":  func(s *Standing) { s.Measures[0].Value = "192" },
		"their number": func(s *Standing) { s.Measures[0].Samples = 2 },
	} {
		t.Run(name, func(t *testing.T) {
			s, rules := measured()
			tamper(&s)
			if _, err := Lines([]Standing{s}, rules); err == nil || !strings.Contains(err.Error(), "computed again in exact decimals") {
				t.Errorf("%v", err)
			}
		})
	}
}

func TestABudgetThatIsExceededIsSpentToTheLastUnitAndNobodyGetsMore(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		rules := Rules{Budgets: []Budget{{
			Currency: "USD", Amount: *apd.New(rapid.Int64Range(0, 50_000_00).Draw(t, "cents of budget"), -2),
			WhenExceeded: rapid.SampledFrom([]WhenExceeded{Proportional, ByTier}).Draw(t, "rule"),
		}}}
		var standings []Standing
		for i := range rapid.IntRange(1, 12).Draw(t, "people") {
			s := ann()
			s.RepID = string(rune('a' + i))
			s.Days = rapid.Int64Range(0, 90).Draw(t, "days")
			s.Multiplier = rapid.SampledFrom([]string{"0", "0.5", "0.333", "1"}).Draw(t, "multiplier")
			s.IsHeld = rapid.Bool().Draw(t, "held")
			standings = append(standings, s)
		}
		free, err := Lines(standings, Rules{})
		if err != nil {
			t.Fatal(err)
		}
		cut, err := Lines(standings, rules)
		if err != nil {
			t.Fatal(err)
		}
		before, after := Money{Currency: "USD"}, Money{Currency: "USD"}
		for i := range free {
			before, _ = before.Add(free[i].Amount)
			after, _ = after.Add(cut[i].Amount)
			if more, _ := free[i].Amount.Sub(cut[i].Amount); more.amount.Sign() < 0 || cut[i].Amount.amount.Sign() < 0 {
				t.Fatalf("%s gets %s, without the budget %s", cut[i].RepID, cut[i].Amount.Text(), free[i].Amount.Text())
			}
			if cut[i].State != free[i].State {
				t.Fatalf("%s is %s, without the budget %s", cut[i].RepID, cut[i].State, free[i].State)
			}
		}
		limit := Money{rules.Budgets[0].Amount, "USD"}
		want := before
		if over, _ := before.Sub(limit); over.amount.Sign() > 0 {
			want = limit
		}
		if after.Text() != want.Text() {
			t.Fatalf("%s is paid of a budget of %s where %s was earned", after.Text(), limit.Text(), before.Text())
		}
	})
}

func TestAPoolIsForPeoplePaidInItsCurrency(t *testing.T) {
	yen := ann()
	yen.RepID, yen.Currency, yen.BonusTarget = "cho", "JPY", "1000000"
	yen.Measures = []Measure{{Metric: "moves", Kind: "sum", Value: "10", Numerator: "10", Denominator: "1", Samples: 10}}
	pool := Pool{Name: "All", Amount: *apd.New(100, 0), Currency: "USD", Metric: "moves", Target: *apd.New(10, 0), Cap: *apd.New(120, 0)}
	_, err := Lines([]Standing{ann(), yen}, Rules{Pools: []Pool{pool}})
	if err == nil || fault.WhoMends(err) != fault.You || !strings.Contains(err.Error(), "pool All: it is in USD, but cho is paid in JPY") {
		t.Errorf("%v", err)
	}
}

func TestAPoolWithoutRecordsEnoughIsNotEarned(t *testing.T) {
	pool := Pool{Name: "All", Amount: *apd.New(100, 0), Currency: "USD", Metric: "moves", Target: *apd.New(10, 0), Cap: *apd.New(120, 0), MinSamples: 3}
	lines, err := Lines([]Standing{ann()}, Rules{Pools: []Pool{pool}})
	if err != nil || len(lines) != 2 {
		t.Fatalf("%d lines, %v", len(lines), err)
	}
	if l := lines[1]; l.Kind != TeamPool || l.State != NotEligible || l.Amount.Text() != "0.00" || l.Reason != "the team has 0 of at least 3 records of moves: the pool is not earned" {
		t.Errorf("%s %s %s %q", l.Kind, l.State, l.Amount.Text(), l.Reason)
	}
}
