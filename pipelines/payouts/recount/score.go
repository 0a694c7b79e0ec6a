package recount

import (
	"math/big"
	"sort"
)

// A value is what a metric's evidence comes to for one person.
type value struct {
	kind, missing          string
	numerator, denominator *big.Rat
	numerators             []*big.Rat
	samples                int
	raw, scored            *big.Rat // scored: normalised where the plan says so
	attainment             *big.Rat
	used                   *big.Rat
}

// measure adds a person's evidence up, metric by metric.
func (c *check) measure(p *person, evidence []record, period string) {
	if p.standing == nil {
		return
	}
	for _, t := range p.standing.Measures {
		if _, scored := c.plan.Roles[p.role].Metrics[t.Metric]; !scored {
			continue // what the plan does not name pays nobody, and its evidence is not frozen
		}
		v := &value{kind: t.Kind, missing: t.Missing, numerator: new(big.Rat), denominator: new(big.Rat), used: new(big.Rat)}
		p.values[t.Metric] = v
		unknown := false
		for _, e := range evidence {
			if e.RepID != p.rep || e.Role != p.role || e.Metric != t.Metric || e.Period != period || e.Excluded != "" {
				continue
			}
			n, d := number(e.Numerator), number(e.Denominator)
			if n == nil || d == nil {
				unknown = true
				continue
			}
			v.samples++
			v.numerator, v.denominator = plus(v.numerator, n), plus(v.denominator, d)
			v.numerators = append(v.numerators, n)
		}
		v.compute(unknown)
		what := p.name() + ": " + t.Metric
		if v.missing == "" || v.missing == noActivity {
			c.same(what, v.raw, t.Value, 12)
		}
		if v.samples != t.Samples {
			c.differs("%s has %d samples, its evidence %d", what, t.Samples, v.samples)
		}
		c.same(what+", numerator", v.numerator, t.Numerator, 9)
		c.same(what+", denominator", v.denominator, t.Denominator, 9)
	}
}

const noActivity = "no activity"

func (v *value) compute(unknown bool) {
	if unknown && (v.missing == "" || v.missing == noActivity) {
		v.missing = "value unknown"
	}
	if v.missing != "" && v.missing != noActivity {
		return
	}
	switch v.kind {
	case "sum":
		v.raw = v.numerator
	case "ratio", "mean":
		if v.denominator.Sign() != 0 {
			v.raw = over(v.numerator, v.denominator)
		}
	case "median":
		v.raw = median(v.numerators)
	}
}

func median(all []*big.Rat) *big.Rat {
	if len(all) == 0 {
		return nil
	}
	sorted := append([]*big.Rat(nil), all...)
	sort.Slice(sorted, func(i, j int) bool { return sorted[i].Cmp(sorted[j]) < 0 })
	middle := len(sorted) / 2
	if len(sorted)%2 == 1 {
		return sorted[middle]
	}
	return over(plus(sorted[middle-1], sorted[middle]), whole(2))
}

// score is Σ weight × attainment ÷ Σ weight, and the tier that it reaches.
func (c *check) score(people []*person) {
	for _, p := range people {
		mixes, ok := c.plan.Roles[p.role]
		if !ok || p.standing == nil {
			continue
		}
		sum := new(big.Rat)
		p.used = new(big.Rat)
		for metric, m := range mixes.Metrics {
			v := p.values[metric]
			if v == nil {
				c.differs("%s: the plan scores %s, which was not measured", p.name(), metric)
				continue
			}
			weight := number(m.Weight)
			attained, held := c.attain(p, v, m, people)
			v.attainment = attained
			if weight.Sign() == 0 {
				continue
			}
			p.held = p.held || held
			if attained != nil {
				v.used = weight
				sum, p.used = plus(sum, times(weight, attained)), plus(p.used, weight)
			}
		}
		if p.used.Sign() > 0 {
			p.score = round(over(sum, p.used), 2)
		}
		p.reach(c.tiers(p.role), or(c.plan.MinimumWeight, "60"), c.plan.BelowMinimum == "hold")
	}
}

func (c *check) tiers(role string) []tier {
	if own := c.plan.Roles[role].Tiers; len(own) > 0 {
		return own
	}
	return c.plan.Tiers
}

func (p *person) reach(tiers []tier, least *big.Rat, holds bool) {
	p.multiplier = new(big.Rat)
	if p.score == nil {
		return
	}
	if p.used.Cmp(least) < 0 {
		p.held = p.held || holds
		return
	}
	for i, t := range tiers {
		if p.score.Cmp(number(t.From)) >= 0 {
			p.tier, p.rank, p.multiplier = t.Tier, i, number(t.Multiplier)
		}
	}
}

// attain is a metric's attainment, nil when its weight goes to the others, and
// whether the line has to wait.
func (c *check) attain(p *person, v *value, m mix, people []*person) (*big.Rat, bool) {
	if v.missing != "" && v.missing != noActivity {
		return nil, true
	}
	v.scored = v.raw
	if m.Normalise == "potential" && v.raw != nil {
		v.scored = c.normalise(p, v, people)
		if v.scored == nil {
			return nil, true
		}
	}
	enough := v.kind == "sum" || v.samples >= atoi(m.MinSamples, 3)
	if v.scored == nil || !enough {
		switch m.WhenMissing {
		case "zero":
			return new(big.Rat), false
		case "hold":
			return nil, true
		}
		return nil, false
	}
	return attainment(v.scored, m.Floor, m.Target, m.Cap), false
}

func atoi(text string, unless int) int {
	if n := number(text); n != nil {
		return int(n.Num().Int64())
	}
	return unless
}

func attainment(v *big.Rat, floor, target, limit string) *big.Rat {
	low, high := or(floor, "0"), number(target)
	a := over(times(whole(100), minus(v, low)), minus(high, low))
	if a.Sign() < 0 {
		return new(big.Rat)
	}
	if most := or(limit, "120"); a.Cmp(most) > 0 {
		return most
	}
	return a
}

// normalise holds the value against what the territory could give.
func (c *check) normalise(p *person, v *value, people []*person) *big.Rat {
	sum, n := new(big.Rat), 0
	for _, other := range people {
		if other.role == p.role && other.potential != nil && other.potential.Sign() != 0 {
			sum, n = plus(sum, other.potential), n+1
		}
	}
	if p.potential == nil || p.potential.Sign() == 0 || n == 0 {
		return nil
	}
	return times(over(v.raw, p.potential), over(sum, whole(n)))
}

func (c *check) compareScores(people []*person) {
	for _, p := range people {
		if p.standing == nil {
			continue
		}
		c.same(p.name()+": score", p.score, p.standing.Score, 2)
		if p.tier != p.standing.Tier {
			c.differs("%s: tier %q, computed again %q", p.name(), p.standing.Tier, p.tier)
		}
		if p.held != p.standing.IsHeld {
			c.differs("%s: held %v, computed again %v", p.name(), p.standing.IsHeld, p.held)
		}
	}
}

func (c *check) compareMeasures(people []*person) {
	byKey := map[string]*value{}
	for _, p := range people {
		for metric, v := range p.values {
			byKey[p.rep+"\x00"+p.role+"\x00"+metric] = v
		}
	}
	for _, m := range c.measures {
		v := byKey[m.RepID+"\x00"+m.Role+"\x00"+m.Metric]
		what := m.RepID + " (" + m.Role + "): " + m.Metric
		if v == nil {
			c.differs("%s is on the statement, and was not measured", what)
			continue
		}
		if v.used.Sign() > 0 || m.Attainment != "" {
			c.same(what+", attainment", v.attainment, m.Attainment, 6)
		}
		c.same(what+", weight used", v.used, m.WeightUsed, 4)
	}
}
