package ledger

import (
	"github.com/cockroachdb/apd/v3"

	"merit/pipelines/payouts"
	"merit/pipelines/plan"
)

// PayRules are what a version of the plan says about who is paid how much.
func PayRules(v plan.Version) payouts.Rules {
	rules := payouts.Rules{
		MinimumDays: int(v.Eligibility.MinimumDays), DaysOfAllRoles: v.Eligibility.Counted == "programme", NeedsLastDay: v.Eligibility.OnLastDay,
		Roles: map[string]payouts.RoleRules{}, HoldDisputed: v.HoldsDisputed(), PayUnsound: v.PaysUnsound(),
	}
	if v.Recovery != nil {
		rules.Recovery = &payouts.RecoveryRule{TakesAll: v.Recovery.TakesAll(), MostPercent: v.Recovery.Most()}
	}
	for _, name := range v.RoleNames() {
		role := payouts.RoleRules{Limits: limitsOf(v.LimitsOf(name)), MinimumWeight: v.MinimumWeight.Decimal, HoldBelow: v.BelowMinimum == "hold"}
		for _, metric := range v.Roles[name].MetricNames() {
			m := v.Roles[name].Metrics[metric]
			role.Metrics = append(role.Metrics, payouts.MetricRule{
				Name: metric, Kind: m.Kind(), Weight: m.Weight.Decimal, Floor: m.Floor.Decimal, Target: m.Target.Decimal, Cap: m.Cap.Decimal,
				MinSamples: int64(*m.MinSamples), WhenMissing: m.WhenMissing, ByPotential: m.Normalise == plan.ByPotential,
			})
		}
		for _, t := range v.TiersOf(name) {
			role.Tiers = append(role.Tiers, payouts.Tier{Name: t.Name, From: t.From.Decimal, Multiplier: t.Multiplier.Decimal})
		}
		rules.Roles[name] = role
	}
	for _, b := range v.Budgets {
		rules.Budgets = append(rules.Budgets, payouts.Budget{Currency: b.Currency, Amount: b.Amount.Decimal, WhenExceeded: payouts.WhenExceeded(b.WhenExceeded)})
	}
	for _, p := range v.Pools {
		rules.Pools = append(rules.Pools, payouts.Pool{
			Name: p.Name, Teams: p.Teams, Roles: p.Roles, Amount: p.Amount.Decimal, Currency: p.Currency,
			Metric: p.Metric, Floor: p.Floor.Decimal, Target: p.Target.Decimal, Cap: p.Cap.Decimal, MinSamples: int64(*p.MinSamples),
			SharedBy: payouts.SharedBy(p.SharedBy), Weights: amounts(p.Weights),
		})
	}
	return rules
}

func limitsOf(l plan.Limits) payouts.Limits {
	limits := payouts.Limits{Floors: amounts(l.Floor), Caps: amounts(l.Cap)}
	if l.FloorPercent != nil {
		limits.FloorPercent = &l.FloorPercent.Decimal
	}
	if l.CapPercent != nil {
		limits.CapPercent = &l.CapPercent.Decimal
	}
	return limits
}

func amounts(given map[string]plan.Decimal) map[string]apd.Decimal {
	plain := map[string]apd.Decimal{}
	for name, d := range given {
		plain[name] = d.Decimal
	}
	return plain
}
