package plan

import (
	"fmt"
	"maps"
	"slices"

	"github.com/cockroachdb/apd/v3"

	"merit/pipelines/currency"
)

var (
	countedPer   = []string{"role", "programme"}
	whenExceeded = []string{"proportional", "by_tier", "refuse"}
	sharedBy     = []string{"days", "equal", "score", "target"}
)

// checkPay is check for what the rules come to in money.
func (p *Plan) checkPay(place string, v *Version, known Known) error {
	if v.Eligibility.MinimumDays < 0 {
		return p.file.Errorf(place+".eligibility.minimum_days", "minimum_days %d is below 0", v.Eligibility.MinimumDays)
	}
	if err := p.oneOf(place+".eligibility.counted", "counted", &v.Eligibility.Counted, countedPer); err != nil {
		return err
	}
	if err := p.checkLimits(place+".limits", v.Limits); err != nil {
		return err
	}
	for _, role := range v.RoleNames() {
		if own := v.Roles[role].Limits; own != nil {
			if err := p.checkLimits(place+".roles."+role+".limits", *own); err != nil {
				return err
			}
		}
	}
	for i := range v.Budgets {
		if err := p.checkBudget(fmt.Sprintf("%s.budgets[%d]", place, i), v.Budgets[:i], &v.Budgets[i]); err != nil {
			return err
		}
	}
	for i := range v.Pools {
		if err := p.checkPool(fmt.Sprintf("%s.pools[%d]", place, i), v, i, known); err != nil {
			return err
		}
	}
	for i, okr := range v.OKRs {
		if err := p.checkOKR(fmt.Sprintf("%s.okrs[%d]", place, i), okr, v.OKRs[:i], known); err != nil {
			return err
		}
	}
	return nil
}

// oneOf puts the first choice where the plan is silent and refuses what is none.
func (p *Plan) oneOf(place, name string, value *string, choices []string) error {
	if *value == "" {
		*value = choices[0]
	}
	if !slices.Contains(choices, *value) {
		return p.file.Errorf(place, "%s is one of %s, not %q", name, list(choices), *value)
	}
	return nil
}

func (p *Plan) checkLimits(place string, l Limits) error {
	for name, percent := range map[string]*Decimal{"floor_percent": l.FloorPercent, "cap_percent": l.CapPercent} {
		if percent != nil && (percent.Sign() < 0 || percent.Cmp(apd.New(10000, 0)) > 0 || percent.Exponent < -4) {
			return p.file.Errorf(place+"."+name, "%s %s is not between 0 and 10000 with at most four decimals", name, percent.Plain())
		}
	}
	if l.FloorPercent != nil && l.CapPercent != nil && l.FloorPercent.Cmp(&l.CapPercent.Decimal) > 0 {
		return p.file.Errorf(place+".floor_percent", "floor_percent %s is above cap_percent %s", l.FloorPercent.Plain(), l.CapPercent.Plain())
	}
	for _, side := range []struct {
		name    string
		amounts map[string]Amount
	}{{"floor", l.Floor}, {"cap", l.Cap}} {
		for _, code := range slices.Sorted(maps.Keys(side.amounts)) {
			amount := side.amounts[code]
			if err := p.checkAmount(place+"."+side.name+"."+code, side.name, code, amount); err != nil {
				return err
			}
		}
	}
	for _, code := range slices.Sorted(maps.Keys(l.Floor)) {
		least, most := l.Floor[code], l.Cap[code]
		if _, capped := l.Cap[code]; capped && least.Cmp(&most.Decimal) > 0 {
			return p.file.Errorf(place+".floor."+code, "the floor of %s %s is above the cap of %s", least.Plain(), code, most.Plain())
		}
	}
	return nil
}

// checkAmount refuses fractions of the currency's smallest unit: they could never
// be paid.
func (p *Plan) checkAmount(place, name, code string, amount Amount) error {
	if !currency.Known(code) {
		return p.file.Errorf(place, "%s: %q is no currency of ISO 4217; write it as USD", name, code)
	}
	if amount.Sign() < 0 {
		return p.file.Errorf(place, "%s: %s is below 0", name, amount.Plain())
	}
	var reduced apd.Decimal
	reduced.Reduce(&amount.Decimal)
	if decimals := currency.Decimals(code); -reduced.Exponent > decimals {
		return p.file.Errorf(place, "%s: %s has more decimals than %s has (%d)", name, amount.Plain(), code, decimals)
	}
	return nil
}

func (p *Plan) checkBudget(place string, earlier []Budget, b *Budget) error {
	if err := p.checkAmount(place+".amount", "budget", b.Currency, b.Amount); err != nil {
		return err
	}
	if slices.ContainsFunc(earlier, func(other Budget) bool { return other.Currency == b.Currency }) {
		return p.file.Errorf(place+".currency", "there are two budgets in %s", b.Currency)
	}
	if b.WhenExceeded == "" {
		return p.file.Errorf(place, "the budget in %s does not say what happens when it is exceeded: when_exceeded is one of %s", b.Currency, list(whenExceeded))
	}
	return p.oneOf(place+".when_exceeded", "when_exceeded", &b.WhenExceeded, whenExceeded)
}

func (p *Plan) checkPool(place string, v *Version, i int, known Known) error {
	pool := &v.Pools[i]
	if pool.Name == "" {
		return p.file.Errorf(place, "a pool needs a name: pool: Sales East")
	}
	if slices.ContainsFunc(v.Pools[:i], func(other Pool) bool { return other.Name == pool.Name }) {
		return p.file.Errorf(place+".pool", "two pools are called %s", pool.Name)
	}
	if err := p.checkAmount(place+".amount", "pool "+pool.Name, pool.Currency, pool.Amount); err != nil {
		return err
	}
	if err := p.oneOf(place+".shared_by", "shared_by", &pool.SharedBy, sharedBy); err != nil {
		return err
	}
	for _, role := range append(slices.Sorted(maps.Keys(pool.Weights)), pool.Roles...) {
		if _, there := v.Roles[role]; !there {
			return p.file.Errorf(place, "pool %s: %q is no role of version %s; there are %s", pool.Name, role, v.Name, list(v.RoleNames()))
		}
		if weight := pool.Weights[role]; weight.Sign() < 0 {
			return p.file.Errorf(place+".weights."+role, "pool %s: weight %s is below 0", pool.Name, weight.Plain())
		}
	}
	return p.checkPoolMetric(place, v, pool, known)
}

func (p *Plan) checkPoolMetric(place string, v *Version, pool *Pool, known Known) error {
	definition, there := known[pool.Metric]
	if !there {
		return p.file.Errorf(place+".metric", "pool %s: %s", pool.Name, known.unknown(pool.Metric))
	}
	if definition.Kind == "median" {
		return p.file.Errorf(place+".metric", "pool %s: %s is a median, which can't be taken of a team from its members' values; name a metric that sums or divides", pool.Name, pool.Metric)
	}
	roles := pool.Roles
	if len(roles) == 0 {
		roles = v.RoleNames()
	}
	for _, role := range roles {
		if _, measured := v.Roles[role].Metrics[pool.Metric]; !measured {
			return p.file.Errorf(place+".metric", "pool %s: role %s is not measured by %s; put it into the role's mix, with weight 0 if it shall not count there, or name the roles that take part", pool.Name, role, pool.Metric)
		}
	}
	m := Metric{Target: pool.Target, Floor: pool.Floor, Cap: pool.Cap, MinSamples: pool.MinSamples}
	err := p.checkMetric(place, pool.Metric, definition.Kind, &m)
	pool.Cap, pool.MinSamples = m.Cap, m.MinSamples
	return err
}

func (p *Plan) checkOKR(place string, okr OKR, earlier []OKR, known Known) error {
	if okr.Name == "" {
		return p.file.Errorf(place, "an objective needs a name: okr: Grow recurring revenue")
	}
	if slices.ContainsFunc(earlier, func(other OKR) bool { return other.Name == okr.Name }) {
		return p.file.Errorf(place+".okr", "two objectives are called %q", okr.Name)
	}
	if len(okr.Metrics) == 0 {
		return p.file.Errorf(place, "no metric serves %q; name one under metrics:", okr.Name)
	}
	for i, metric := range okr.Metrics {
		if _, there := known[metric]; !there {
			return p.file.Errorf(fmt.Sprintf("%s.metrics[%d]", place, i), "%s", known.unknown(metric))
		}
		if slices.Contains(okr.Metrics[:i], metric) {
			return p.file.Errorf(fmt.Sprintf("%s.metrics[%d]", place, i), "%s is named twice", metric)
		}
	}
	return nil
}
