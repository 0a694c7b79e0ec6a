package recount

import (
	"math/big"
	"sort"
)

// A due is what somebody should get by one rule.
type due struct {
	p              *person
	currency       string
	amount, target *big.Rat // target: bonus target × days ÷ days of the quarter
	eligible       bool
}

// bonuses computes everybody's bonus, cut to the budgets.
func (c *check) bonuses(people []*person) []*due {
	programme := programmeDays(people)
	var dues []*due
	for _, p := range people {
		for _, currency := range currencies(p) {
			dues = append(dues, c.bonus(p, currency, programme[p.rep]))
		}
	}
	c.budget(dues)
	return dues
}

// programmeDays are a person's paid days in all roles together.
func programmeDays(people []*person) map[string]int {
	sums := map[string]int{}
	for _, p := range people {
		all, leave := p.days()
		sums[p.rep] += all - leave
	}
	return sums
}

// pay holds everybody's bonus against the lines.
func (c *check) pay(people []*person) {
	c.explained = map[string]bool{}
	for _, d := range c.bonuses(people) {
		l := c.line(d.p.rep, d.p.role, "bonus", "", d.currency)
		if l == nil {
			c.differs("%s has no line in %s", d.p.name(), d.currency)
			continue
		}
		what := d.p.name() + ": bonus in " + d.currency
		c.same(what, d.amount, l.Amount, exponent(d.currency))
		c.state(what, d.p, l, d.eligible, d.amount)
	}
}

func currencies(p *person) []string {
	seen := map[string]bool{}
	var all []string
	for _, s := range p.stretches {
		if !seen[s.currency] {
			seen[s.currency] = true
			all = append(all, s.currency)
		}
	}
	sort.Strings(all)
	return all
}

func (c *check) eligible(p *person, programme int) bool {
	all, leave := p.days()
	counted := all - leave
	if c.plan.Eligibility.Counted == "programme" {
		counted = programme
	}
	return counted >= c.plan.Eligibility.MinimumDays && !(c.plan.Eligibility.OnLastDay && p.hasLeft)
}

func (c *check) bonus(p *person, currency string, programme int) *due {
	d := &due{p: p, currency: currency, amount: new(big.Rat), target: new(big.Rat), eligible: c.eligible(p, programme)}
	named := false
	for _, s := range p.stretches {
		if s.currency != currency || s.target == nil {
			continue
		}
		named = true
		d.target = plus(d.target, over(times(s.target, whole(s.days-s.leave)), whole(c.heading.totalDays)))
	}
	d.eligible = d.eligible && named
	if !d.eligible || p.multiplier == nil {
		return d
	}
	d.amount = round(c.limit(times(d.target, p.multiplier), d.target, p.role, currency), exponent(currency))
	return d
}

// limit: the percentages of the target first, then the amounts of the currency.
func (c *check) limit(amount, target *big.Rat, role, currency string) *big.Rat {
	l := c.plan.Roles[role].Limits
	if l == nil {
		l = c.plan.Limits
	}
	if l == nil {
		return amount
	}
	hundredth := func(percent string) *big.Rat {
		if percent == "" {
			return nil
		}
		return over(times(target, number(percent)), whole(100))
	}
	amount = most(amount, hundredth(l.CapPercent))
	amount = least(amount, hundredth(l.FloorPercent))
	amount = most(amount, number(l.Cap[currency]))
	return least(amount, number(l.Floor[currency]))
}

func most(a, limit *big.Rat) *big.Rat {
	if limit != nil && a.Cmp(limit) > 0 {
		return limit
	}
	return a
}

func least(a, limit *big.Rat) *big.Rat {
	if limit != nil && a.Cmp(limit) < 0 {
		return limit
	}
	return a
}

// budget cuts what is beyond the most that all bonuses of a currency come to.
func (c *check) budget(dues []*due) {
	for _, b := range c.plan.Budgets {
		left := number(b.Amount)
		groups := map[string][]*due{}
		sum := new(big.Rat)
		for _, d := range dues {
			if d.currency == b.Currency && d.amount.Sign() > 0 {
				sum = plus(sum, d.amount)
				key := "all"
				if b.When == "by_tier" {
					key = d.p.multiplier.FloatString(6)
				}
				groups[key] = append(groups[key], d)
			}
		}
		if sum.Cmp(left) <= 0 {
			continue
		}
		if b.When == "refuse" {
			c.differs("the bonuses in %s come to %s, and the plan refuses more than %s", b.Currency, show(sum, 2), b.Amount)
			continue
		}
		var keys []string
		for key := range groups {
			keys = append(keys, key)
		}
		sort.Slice(keys, func(i, j int) bool {
			return len(keys[i]) > len(keys[j]) || len(keys[i]) == len(keys[j]) && keys[i] > keys[j]
		})
		for _, key := range keys {
			left = cut(groups[key], left, exponent(b.Currency))
		}
	}
}

// cut pays a group in full if it fits, else in proportion, and returns what is left.
func cut(group []*due, left *big.Rat, decimals int) *big.Rat {
	sum := new(big.Rat)
	var parts []*big.Rat
	for _, d := range group {
		sum = plus(sum, d.amount)
		parts = append(parts, d.amount)
	}
	if sum.Cmp(left) <= 0 {
		return minus(left, sum)
	}
	for i, amount := range share(left, parts, decimals) {
		group[i].amount = amount
	}
	return new(big.Rat)
}

// share goes by largest remainder; of equal ones the first in order comes first.
func share(amount *big.Rat, parts []*big.Rat, decimals int) []*big.Rat {
	unit := over(whole(1), new(big.Rat).SetInt(new(big.Int).Exp(big.NewInt(10), big.NewInt(int64(decimals)), nil)))
	sum := new(big.Rat)
	for _, part := range parts {
		sum = plus(sum, part)
	}
	shares, rests, order := make([]*big.Rat, len(parts)), make([]*big.Rat, len(parts)), make([]int, len(parts))
	given := new(big.Rat)
	for i, part := range parts {
		exact := over(times(amount, part), sum)
		units := over(exact, unit)
		floor := new(big.Rat).SetInt(new(big.Int).Quo(units.Num(), units.Denom()))
		shares[i], rests[i], order[i] = times(floor, unit), minus(units, floor), i
		given = plus(given, shares[i])
	}
	sort.SliceStable(order, func(i, j int) bool { return rests[order[i]].Cmp(rests[order[j]]) > 0 })
	for _, i := range order {
		if plus(given, unit).Cmp(amount) > 0 {
			break
		}
		shares[i], given = plus(shares[i], unit), plus(given, unit)
	}
	return shares
}

func (c *check) line(rep, role, kind, pool, currency string) *line {
	for i, l := range c.lines {
		if l.RepID == rep && l.Role == role && l.Kind == kind && l.Pool == pool && l.Currency == currency && l.ForPeriod == c.heading.Period {
			c.explained[key(l)] = true
			return &c.lines[i]
		}
	}
	return nil
}

func key(l line) string {
	return l.RepID + "\x00" + l.Role + "\x00" + l.Kind + "\x00" + l.Pool + "\x00" + l.Currency + "\x00" + l.ForPeriod
}

// state: who is eligible for something is payable, unless it waits.
func (c *check) state(what string, p *person, l *line, eligible bool, amount *big.Rat) {
	switch {
	case !eligible:
		if l.State != "not_eligible" {
			c.differs("%s is %s, and not eligible by the rules", what, l.State)
		}
	case p.held || c.isFlagged(p):
		if l.State != "held" {
			c.differs("%s is %s, and should be held", what, l.State)
		}
	case l.State == "payable" && amount.Sign() == 0 && p.multiplier.Sign() == 0, l.State == "not_eligible" && amount.Sign() != 0:
		c.differs("%s is %s with %s", what, l.State, l.Amount)
	}
}

func (c *check) isFlagged(p *person) bool {
	for _, f := range c.flags {
		if f.RepID == p.rep && f.Period == c.heading.Period {
			if f.Kind == "data quality" && c.plan.Unsound == "pay" {
				continue
			}
			return true
		}
	}
	return false
}
