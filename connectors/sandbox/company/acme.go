package company

import (
	"math/rand/v2"
	"strconv"
	"time"
	_ "time/tzdata" // a machine without zones tells the same story
)

// Acme invents a company and its two years: the same seed and size always tell
// the same story, on every machine. Size is the number of deals that have come
// up by Now; about a thirteenth more come up in the eight weeks after it.
func Acme(seed uint64, size int) *Company {
	g := newGenerator(seed, nil)
	g.hire(size)
	g.openAccounts(size)
	g.sell(size)
	g.prospect(size)
	g.keepBooks()
	return g.company
}

// A generator holds what all parts of the invention share.
type generator struct {
	seed    uint64
	source  *rand.PCG
	dice    *rand.Rand
	dates   *calendar
	zone    *time.Location
	end     Instant // of the story
	company *Company

	people     []habits // of each user
	userText   []string // index of each user as text, shared by all Owner changes
	amountText []string
	slab       []Change // what is left of the block that Changes are cut from
	contactsOf []span   // by account
	base       int      // accounts that were there from the first day
	idle       int      // every idle-th account never has a deal
	owner      draw     // who gets a new deal
	market     *market  // nil: Acme's short story
	quotaLevel int64    // cents of a permille of potential, a quarter
}

// A span is a run of indexes: [from, to).
type span struct{ from, to int }

// turn starts a new row of dice: what happens to one record doesn't depend on how
// many dice another one took.
func (g *generator) turn(kind, index int) {
	g.source.Seed(g.seed^0x9e3779b97f4a7c15*uint64(kind+1), uint64(index)*0xbf58476d1ce4e5b9+1)
}

// chance comes true in so many of a thousand cases.
func (g *generator) chance(permille int) bool { return g.dice.IntN(1000) < permille }

// between gives one of [low, high].
func (g *generator) between(low, high int) int { return low + g.dice.IntN(high-low+1) }

// waits are sixteen equally likely waiting times in percent of the mean: many
// short ones and a few long ones, as an exponential distribution has them.
var waits = [16]int{3, 10, 17, 25, 33, 42, 52, 63, 76, 90, 106, 125, 149, 181, 232, 396}

// wait draws a waiting time with the given mean, in working seconds.
func (g *generator) wait(mean int) int {
	base := mean / 100 * waits[g.dice.IntN(len(waits))]
	return base + g.dice.IntN(mean/20+60)
}

func pick[T any](g *generator, from []T) T { return from[g.dice.IntN(len(from))] }

// keep copies changes into a block that many deals share.
func (g *generator) keep(changes []Change) []Change {
	const block = 64 << 10
	if len(changes) > len(g.slab) {
		g.slab = make([]Change, max(block, len(changes)))
	}
	kept := g.slab[:len(changes):len(changes)]
	g.slab = g.slab[len(changes):]
	copy(kept, changes)
	return kept
}

const (
	prospecting = iota
	qualification
	discovery
	demo
	proposal
	negotiation
	won
	lost
)

func acmeLadder() []Stage {
	return []Stage{
		{Name: "Prospecting", Probability: 10, Forecast: "Pipeline", SortOrder: 1},
		{Name: "Qualification", Probability: 20, Forecast: "Pipeline", SortOrder: 2},
		{Name: "Discovery", Probability: 35, Forecast: "Pipeline", SortOrder: 3},
		{Name: "Demo", Probability: 50, Forecast: "Best Case", SortOrder: 4},
		{Name: "Proposal", Probability: 65, Forecast: "Best Case", SortOrder: 5},
		{Name: "Negotiation", Probability: 85, Forecast: "Commit", SortOrder: 6},
		{Name: "Closed Won", Probability: 100, Forecast: "Closed", IsClosed: true, IsWon: true, SortOrder: 7},
		{Name: "Closed Lost", Probability: 0, Forecast: "Omitted", IsClosed: true, SortOrder: 8},
	}
}

// Amounts come in steps of 50, some with cents, and at the end a few very large
// ones, which Salesforce writes with an exponent.
const (
	amountStep   = 50
	plainAmounts = 8000
)

func amountTexts() []string {
	texts := make([]string, 0, plainAmounts+4)
	for i := range plainAmounts {
		text := strconv.Itoa((i + 1) * amountStep)
		if i%7 == 3 {
			text += ".75"
		}
		texts = append(texts, text)
	}
	return append(texts, "10400000", "12500000", "18250000.5", "99999999.99")
}
