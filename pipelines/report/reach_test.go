package report

import (
	"strings"
	"testing"
)

// pressOf is a press for one role with the tiers bronze 80, silver 90 and gold 100.
func pressOf(t *testing.T, metrics ...Metric) *press {
	t.Helper()
	p := &press{Report: Report{Words: wordsOf(t, "en-US")}, metric: map[string]Metric{}, isPart: map[string]bool{},
		facts: &facts{tiers: map[string][]tier{"2026-Q1 ae": {{"bronze", 80, .5}, {"silver", 90, .8}, {"gold", 100, 1}}}, hygiene: map[personPeriod][]hygieneDeal{}}}
	for _, m := range metrics {
		p.metric[m.Name] = m
	}
	return p
}

// cardOf makes a card whose score is what its values come to.
func cardWith(values ...value) *card {
	c := &card{rep: "ann", period: "2026-Q1", role: "ae"}
	sum := 0.0
	for i := range values {
		v := &values[i]
		v.isScored = v.attainment.Known
		if v.counts() {
			c.weightUsed += v.weight
			sum += v.weight * v.attainment.Of
		}
	}
	c.values, c.score = values, known(sum/c.weightUsed)
	return c
}

func moves(n float64, weight float64) value {
	return value{metric: "moves", unit: "moves", value: known(n), target: 40, cap: 120, weight: weight, attainment: known(min(120, 100*n/40))}
}

func kept(share float64, weight float64) value {
	return value{metric: hygieneMetric, unit: "share", value: known(share), floor: .4, target: .95, cap: 120, weight: weight,
		attainment: known(100 * (share - .4) / .55), numerator: share * 10, denominator: 10}
}

func TestWhatBringsTheNextTierAddsUp(t *testing.T) {
	p := pressOf(t, Metric{Name: "moves", Kind: "sum"})
	c := cardWith(moves(34, 50), kept(.95, 50)) // 85 and 100: 92.5
	r := p.reach(c, false)
	if r.Tier != "gold" || r.Short != "7.50" {
		t.Fatalf("%s is the next tier, %s short", r.Tier, r.Short)
	}
	way := r.Ways[0]
	if way.Name != "Moves" || way.Step != "each one more adds 1.25" || way.Alone != "alone enough at 40" {
		t.Errorf("six moves more are 7.5 points: %+v", way)
	}
	// And so they are.
	if again := cardWith(moves(40, 50), kept(.95, 50)); again.score.Of != 100 {
		t.Errorf("with 40 moves the score is %v", again.score.Of)
	}
}

func TestItSaysWhenTheNextTierCantBeReached(t *testing.T) {
	p := pressOf(t, Metric{Name: "moves", Kind: "sum"})
	p.isPart[hygieneMetric] = true
	// 120 moves' worth is the cap already; hygiene can go from .5 to 1 at best: 109.09.
	c := cardWith(moves(60, 10), kept(.5, 90))
	r := p.reach(c, true)
	if r.Tier != "bronze" {
		t.Fatalf("the score is %v, the next tier %s", c.score.Of, r.Tier)
	}
	c = cardWith(moves(48, 90), value{metric: "touches", unit: "share", value: known(.1), target: .6, cap: 20, weight: 10, attainment: known(16)})
	p.facts.tiers["2026-Q1 ae"] = []tier{{"platinum", 119, 2}}
	r = p.reach(c, true)
	if !strings.Contains(r.Verdict, "Platinum couldn't be reached") || !strings.Contains(r.Verdict, "it would be 0.40 points more, and 9.40 was missing") {
		t.Errorf("the verdict is %q", r.Verdict)
	}
	for _, way := range r.Ways {
		if strings.HasPrefix(way.Alone, "alone") {
			t.Errorf("%s is said to be enough", way.Name)
		}
	}
}

func TestAPartOfAWholeEndsAtTheWhole(t *testing.T) {
	p := pressOf(t)
	v := kept(.7, 10)
	if got := p.room(v); got < 65.4 || got > 65.5 {
		t.Errorf("without that knowledge the cap holds: room for %v", got)
	}
	p.isPart[hygieneMetric] = true
	if got := p.room(v); got < 54.5 || got > 54.6 { // from 54.55 to 109.09
		t.Errorf("from 70 %% to 100 %%: room for %v", got)
	}
}

func TestTheHighestTierHasNothingAboveIt(t *testing.T) {
	p := pressOf(t)
	if r := p.reach(cardWith(moves(48, 100)), false); r.Tier != "" {
		t.Errorf("above gold there is %q", r.Tier)
	}
}

func TestDealsAddUpToWhatHygieneCanGain(t *testing.T) {
	p := pressOf(t)
	p.isPart[hygieneMetric] = true
	c := cardWith(moves(30, 90), kept(.7, 10))
	for _, score := range []float64{.5, .75, .25} {
		p.facts.hygiene[personPeriod{"ann", "2026-Q1"}] = append(p.facts.hygiene[personPeriod{"ann", "2026-Q1"}],
			hygieneDeal{name: "deal", stage: "Demo", missing: "no contact with a role", score: score})
	}
	p.facts.hygiene[personPeriod{"ann", "2026-Q1"}] = append(p.facts.hygiene[personPeriod{"ann", "2026-Q1"}],
		hygieneDeal{name: "over", missing: "no amount", isClosed: true})
	todos, said := p.todos(c, 5, false)
	// 1.5 deals of 10 are 0.15 of the share, 27.27 of attainment, 2.73 points.
	if len(todos) != 3 || !strings.Contains(said, "2.73 points together, not enough for the 5.00") {
		t.Errorf("%d deals: %s", len(todos), said)
	}
}

func TestAStatementsLedgerAddsUp(t *testing.T) {
	p := pressOf(t)
	for _, l := range []PayoutLine{
		{BonusTarget: "10000.00", Multiplier: "0.8", Tier: "silver", Score: "97.99", PaidDays: "81", PeriodDays: "90", Amount: "6896.55", Reason: "cut to the budget"},
		{BonusTarget: "10000.00", Multiplier: "0.5", Tier: "bronze", PaidDays: "30", PeriodDays: "91", Amount: "1648.35"},
		{BonusTarget: "900001", Multiplier: "1", Tier: "gold", PaidDays: "90", PeriodDays: "90", Amount: "900001"},
		{BonusTarget: "1000.500", Multiplier: "1.2", Tier: "gold", PaidDays: "45", PeriodDays: "92", Amount: "587.250"},
		{BonusTarget: "4000.00", PaidDays: "90", PeriodDays: "90", Amount: "0.00"},
	} {
		sum := "0"
		steps := p.ledger(l)
		for i, s := range steps {
			if i == len(steps)-1 {
				break
			}
			sum = plus(sum, strings.NewReplacer(",", "", minus, "-").Replace(s.Amount))
		}
		if !isZero(minusOf(sum, l.Amount)) {
			t.Errorf("%s of %s: the steps come to %s: %+v", l.Amount, l.BonusTarget, sum, steps)
		}
	}
}
