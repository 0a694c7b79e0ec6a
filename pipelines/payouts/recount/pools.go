package recount

import (
	"math/big"
	"slices"
)

// A portion is what one member gets of one pool.
type portion struct {
	pool   pool
	p      *person
	amount *big.Rat
	known  bool // the whole team's value is known
}

// pools holds what teams earned together against the lines.
func (c *check) pools(people []*person) {
	for _, got := range c.portions(people) {
		l := c.line(got.p.rep, got.p.role, "pool", got.pool.Pool, got.pool.Currency)
		what := got.p.name() + ": pool " + got.pool.Pool
		switch {
		case l == nil:
			c.differs("%s has no line", what)
		case got.known:
			c.same(what, got.amount, l.Amount, exponent(got.pool.Currency))
		case l.State == "payable":
			c.differs("%s is payable, and its team's value is not known", what)
		}
	}
}

func (c *check) portions(people []*person) []portion {
	programme := programmeDays(people)
	var all []portion
	for _, pool := range c.plan.Pools {
		var members []*person
		for _, p := range people {
			if (len(pool.Teams) == 0 || slices.Contains(pool.Teams, p.team)) && (len(pool.Roles) == 0 || slices.Contains(pool.Roles, p.role)) {
				members = append(members, p)
			}
		}
		all = append(all, c.split(pool, members, programme)...)
	}
	return all
}

// split shares what a pool's members earned among those who are eligible.
func (c *check) split(pool pool, members []*person, programme map[string]int) []portion {
	team, known := together(pool, members)
	earned := new(big.Rat)
	enough := team.kind == "sum" || team.samples >= atoi(pool.MinSamples, 3)
	if known && team.raw != nil && enough {
		reached := round(attainment(team.raw, pool.Floor, pool.Target, pool.Cap), 2)
		earned = round(over(times(number(pool.Amount), reached), whole(100)), exponent(pool.Currency))
	}
	total := new(big.Rat)
	var parts []*big.Rat
	var sharing []int
	all := make([]portion, len(members))
	for i, p := range members {
		all[i] = portion{pool: pool, p: p, amount: new(big.Rat), known: known}
		if c.eligible(p, programme[p.rep]) {
			part := times(pool.part(p), or(pool.Weights[p.role], "1"))
			total, parts, sharing = plus(total, part), append(parts, part), append(sharing, i)
		}
	}
	if earned.Sign() > 0 && total.Sign() > 0 {
		for i, amount := range share(earned, parts, exponent(pool.Currency)) {
			all[sharing[i]].amount = amount
		}
	}
	return all
}

// together is the metric of all members' records.
func together(pool pool, members []*person) (*value, bool) {
	team := &value{numerator: new(big.Rat), denominator: new(big.Rat)}
	known := true
	for _, p := range members {
		v := p.values[pool.Metric]
		if v == nil {
			continue
		}
		team.kind = v.kind
		if v.missing != "" && v.missing != noActivity {
			known = false
		}
		team.numerator, team.denominator = plus(team.numerator, v.numerator), plus(team.denominator, v.denominator)
		team.numerators = append(team.numerators, v.numerators...)
		team.samples += v.samples
	}
	team.compute(false)
	return team, known
}

func (pool pool) part(p *person) *big.Rat {
	all, leave := p.days()
	switch pool.SharedBy {
	case "equal":
		return whole(1)
	case "score":
		if p.score == nil {
			return new(big.Rat)
		}
		return p.score
	case "target":
		sum := new(big.Rat)
		for _, s := range p.stretches {
			if s.target != nil {
				sum = plus(sum, times(s.target, whole(s.days-s.leave)))
			}
		}
		return sum
	}
	return whole(all - leave)
}
