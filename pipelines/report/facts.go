package report

import (
	"cmp"
	"maps"
	"slices"
	"strings"
)

// cardOf finds a person's card; they are in the order of rep, period and role.
func (f *facts) cardOf(rep, period, role string) *card {
	at, found := slices.BinarySearchFunc(f.cards, [3]string{rep, period, role}, func(c card, want [3]string) int {
		return cmp.Or(strings.Compare(c.rep, want[0]), strings.Compare(c.period, want[1]), strings.Compare(c.role, want[2]))
	})
	if !found {
		return nil
	}
	return &f.cards[at]
}

// sortCards makes sure of the order that cardOf needs: an engine may put letters in
// another order than bytes.
func (f *facts) sortCards() {
	slices.SortFunc(f.cards, func(a, b card) int {
		return cmp.Or(strings.Compare(a.rep, b.rep), strings.Compare(a.period, b.period), strings.Compare(a.role, b.role))
	})
}

// A person is everybody who was ever on the roster, with all cards.
type person struct {
	id, name string
	cards    []*card // by period and role
	emails   []string
}

// people are in the order of their ids.
func (f *facts) people() []person {
	var all []person
	for i := range f.cards {
		c := &f.cards[i]
		if len(all) == 0 || all[len(all)-1].id != c.rep {
			all = append(all, person{id: c.rep, emails: f.emails[c.rep]})
		}
		p := &all[len(all)-1]
		p.name = c.name
		p.cards = append(p.cards, c)
	}
	return all
}

// in are the person's cards of a period.
func (p person) in(period string) []*card {
	var cards []*card
	for _, c := range p.cards {
		if c.period == period {
			cards = append(cards, c)
		}
	}
	return cards
}

// periodNames are the periods that the person has a card in.
func (p person) periodNames() []string {
	var names []string
	for _, c := range p.cards {
		if len(names) == 0 || names[len(names)-1] != c.period {
			names = append(names, c.period)
		}
	}
	return names
}

func (f *facts) period(name string) period {
	for _, p := range f.periods {
		if p.Name == name {
			return p
		}
	}
	return period{Name: name}
}

// lastOver is the newest period that is over; where none is, the first.
func (f *facts) lastOver() period {
	var last period
	for _, p := range f.periods {
		if p.isOver || last.Name == "" {
			last = p
		}
	}
	return last
}

// running is the period of the build's instant.
func (f *facts) running() (period, bool) {
	for _, p := range f.periods {
		if p.hasBegun && !p.isOver {
			return p, true
		}
	}
	return period{}, false
}

// teams are those that somebody was in, by name.
func (f *facts) teams() []string {
	var names []string
	for _, c := range f.cards {
		if !slices.Contains(names, c.team) {
			names = append(names, c.team)
		}
	}
	slices.Sort(names)
	return names
}

// members are a team's cards of a period, by name.
func (f *facts) members(team, period string) []*card {
	var cards []*card
	for i := range f.cards {
		if c := &f.cards[i]; c.team == team && c.period == period {
			cards = append(cards, c)
		}
	}
	slices.SortFunc(cards, func(a, b *card) int {
		return cmp.Or(strings.Compare(a.name, b.name), strings.Compare(a.rep, b.rep), strings.Compare(a.role, b.role))
	})
	return cards
}

// A peers key is what people are compared within: the role, in a period.
type peersKey struct{ period, role, metric string }

// peers are all values of a metric in a role and period, with whose they are.
func (f *facts) peers() map[peersKey][]peerValue {
	all := map[peersKey][]peerValue{}
	for _, c := range f.cards {
		for _, v := range c.values {
			if shown := v.shown(); shown.Known {
				key := peersKey{c.period, c.role, v.metric}
				all[key] = append(all[key], peerValue{c.rep, shown.Of})
			}
		}
	}
	return all
}

type peerValue struct {
	rep string
	of  float64
}

// usualDays are, for each stage of a role in a period, the days of all its people.
func (f *facts) usualDays() map[peersKey]stageDays {
	all := map[peersKey]stageDays{}
	for _, c := range f.cards {
		for _, s := range f.stages[personPeriod{c.rep, c.period}] {
			key := peersKey{c.period, c.role, s.stage}
			sum := all[key]
			all[key] = stageDays{s.stage, s.position, sum.visits + s.visits, sum.days + s.days}
		}
	}
	return all
}

func median(values []float64) float64 {
	if len(values) == 0 {
		return 0
	}
	sorted := slices.Sorted(slices.Values(values))
	if n := len(sorted); n%2 == 1 {
		return sorted[n/2]
	}
	return (sorted[len(sorted)/2-1] + sorted[len(sorted)/2]) / 2
}

func sortedKeys[V any](m map[string]V) []string { return slices.Sorted(maps.Keys(m)) }

// parts are the metrics of which nobody ever had more above the line than below it:
// a share of deals, not a share of a quota.
func (f *facts) parts() map[string]bool {
	all := map[string]bool{}
	for _, c := range f.cards {
		for _, v := range c.values {
			if !v.value.Known || v.unit != "share" {
				continue
			}
			isPart, seen := all[v.metric]
			all[v.metric] = (isPart || !seen) && v.numerator <= v.denominator
		}
	}
	return all
}
