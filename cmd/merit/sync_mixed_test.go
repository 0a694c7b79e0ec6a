package main

import (
	"fmt"
	"math/rand/v2"
	"testing"

	"merit/connectors"
	"merit/connectors/sandbox/company"
)

// A mix is a row of bad runs: 5 to 30 % of the calls go wrong, each in any way.
type mix struct {
	day     *day
	dice    *rand.Rand
	share   float64
	streams []string // none: all
	kinds   []trouble
}

// runsInTrouble is how often merit is run before the CRM is well again.
const runsInTrouble = 4

// try runs merit again and again in trouble, and once more in peace.
func (x mix) try(t *testing.T) (broken []string, green int) {
	c, l := x.day.open(t), newLake(t)
	x.day.before.only(x.streams...).retain().mustKeep(t, l)
	m := newMischief(c, func(int) *trouble {
		if x.dice.Float64() < x.share {
			return &x.kinds[x.dice.IntN(len(x.kinds))]
		}
		return nil
	})
	c.answers = m
	var told []connectors.Reject
	for run := range runsInTrouble {
		r := c.sync(t, l, x.streams...)
		told = append(told, r.rejects()...)
		if r.failed == nil {
			green++
		}
		for _, b := range x.day.judge(r, told, contentOf(t, l, x.streams...), x.streams...) {
			broken = append(broken, fmt.Sprintf("run %d: %s", run, b))
		}
	}
	c.answers = c.box
	return append(broken, x.day.inTheEnd(t, c, l, told, x.streams...)...), green
}

// TestRandomMixesOfTroublesAreMendedOrTold draws, from a seed each, what goes wrong.
func TestRandomMixesOfTroublesAreMendedOrTold(t *testing.T) {
	if testing.Short() {
		t.Skip("takes long; make test runs it")
	}
	var days []*day
	for _, kind := range []string{"salesforce", "hubspot"} {
		days = append(days, twoDays(t, kind, company.Acme(42, 12))...)
	}
	all := seeds(faultDice(t), times(100, 1000))
	var tried tally
	sideBySide(t, len(all), func(t *testing.T, i int) {
		dice := rand.New(rand.NewPCG(all[i], 6))
		x := mix{day: days[i%len(days)], dice: dice, share: 0.05 + 0.25*dice.Float64(), kinds: troubles()}
		if i%8 > 0 { // every eighth reads all streams
			for range 1 + dice.IntN(3) {
				x.streams = append(x.streams, x.day.calls[dice.IntN(len(x.day.calls))].stream)
			}
		}
		broken, green := x.try(t)
		tried.note(green)
		tried.add(t, fmt.Sprintf("seed %d: %.0f %% of the calls of %s after %s, streams %v", all[i], 100*x.share, x.day.kind, x.day.later, x.streams), broken)
	})
	if tried.noted < len(all)/10 {
		t.Errorf("%d of %d runs in trouble ended well: too few to show anything", tried.noted, runsInTrouble*len(all))
	}
	tried.print(t, "F6", "random mixes of troubles, 5 to 30 % of the calls", "as F5, one seed a try")
}
