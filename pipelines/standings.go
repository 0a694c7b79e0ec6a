package pipelines

import (
	"context"
	"fmt"

	"github.com/cockroachdb/apd/v3"

	"merit/connectors/fault"
	"merit/pipelines/payouts"
	"merit/pipelines/plan"
	"merit/transform/warehouse"
)

// payRules are what a version of the plan says about who is paid how much.
func payRules(v plan.Version) payouts.Rules {
	rules := payouts.Rules{
		MinimumDays: int(v.Eligibility.MinimumDays), DaysOfAllRoles: v.Eligibility.Counted == "programme", NeedsLastDay: v.Eligibility.OnLastDay,
		Roles: map[string]payouts.RoleRules{},
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

// standings are everybody on the roster in the period, with what they reached as
// of the last build, and whether the period was over by then.
func (j *Job) standings(ctx context.Context, period string) ([]payouts.Standing, bool, error) {
	rows, err := j.rows(ctx, `select
			rep_scores.period, rep_scores.rep_id, rep_periods.name, rep_scores.role, rep_periods.team, rep_periods.days, rep_periods.leave_days,
			periods.days as period_days, rep_periods.bonus_target, rep_periods.currency, rep_scores.score, rep_scores.tier, rep_scores.multiplier,
			rep_scores.is_held, rep_scores.weight_used, rep_scores.coverage_percent, rep_scores.coverage_reason, periods.plan_version, periods.plan_hash, periods.ends_at <= as_of.as_of_at as is_over,
			max(rep_periods.ends_on) over (partition by rep_scores.rep_id) < periods.ends_on as has_left,
			coalesce(quotas.potential, quotas.quota) as potential
		from scores.rep_scores
		join core.rep_periods using (rep_id, period, role)
		join plan.periods using (period)
		left join core.quotas using (rep_id, period)
		cross join plan.as_of
		where rep_scores.period = ?
		order by rep_scores.rep_id, rep_scores.role`, period)
	if err != nil {
		return nil, false, notBuilt(err)
	}
	if len(rows) == 0 {
		return nil, false, fault.Errorf(fault.You, "nobody was on the roster in %s, or it is not among the periods that are scored", period)
	}
	var standings []payouts.Standing
	for _, row := range rows {
		s := payouts.Standing{
			Period: row.Text("period"), RepID: row.Text("rep_id"), Name: row.Text("name"), Role: row.Text("role"), Team: row.Text("team"),
			Days: row.Int("days"), LeaveDays: row.Int("leave_days"), PeriodDays: row.Int("period_days"), Currency: row.Text("currency"),
			Score: ofTwoDigits(row.Text("score")), Tier: row.Text("tier"), Multiplier: row.Text("multiplier"), IsHeld: row.Bool("is_held"), WeightUsed: trimmed(row.Text("weight_used")),
			CoveragePercent: trimmed(row.Text("coverage_percent")), CoverageReason: row.Text("coverage_reason"),
			PlanVersion: row.Text("plan_version"), PlanHash: row.Text("plan_hash"), HasLeft: row.Bool("has_left"), Potential: row.Text("potential"),
		}
		if s.BonusTarget, err = target(row.Text("bonus_target"), s.Currency); err != nil {
			return nil, false, err
		}
		standings = append(standings, s)
	}
	if err := j.addSpans(ctx, period, standings); err != nil {
		return nil, false, err
	}
	return standings, rows[0].Bool("is_over"), j.addMeasures(ctx, period, standings)
}

// target is a bonus target with the decimals of its currency.
func target(text, currency string) (string, error) {
	if text == "" {
		return "", nil
	}
	m, err := payouts.Parse(text, currency)
	if err != nil {
		return "", fmt.Errorf("bonus target: %w", err)
	}
	return m.Text(), nil
}

// addSpans gives each standing its stretches: the bonus target may have changed
// within the role.
func (j *Job) addSpans(ctx context.Context, period string, standings []payouts.Standing) error {
	rows, err := j.rows(ctx, `select rep_id, role, days, leave_days, bonus_target, currency
		from core.rep_spans where period = ? order by rep_id, role, starts_on`, period)
	if err != nil {
		return err
	}
	return each(rows, standings, func(s *payouts.Standing, row warehouse.Row) error {
		text, err := target(row.Text("bonus_target"), row.Text("currency"))
		s.Spans = append(s.Spans, payouts.Span{Days: row.Int("days"), LeaveDays: row.Int("leave_days"), BonusTarget: text, Currency: row.Text("currency")})
		return err
	})
}

// addMeasures gives each standing what its metrics came to, those included that
// its role is not measured by.
func (j *Job) addMeasures(ctx context.Context, period string, standings []payouts.Standing) error {
	rows, err := j.rows(ctx, `select measures.rep_id, measures.role, measures.metric, metric_definitions.value as kind,
			measures.value, measures.numerator, measures.denominator, measures.samples, measures.missing_reason
		from scores.measures
		join scores.metric_definitions using (metric)
		where measures.period = ?
		order by measures.rep_id, measures.role, measures.metric`, period)
	if err != nil {
		return notBuilt(err)
	}
	return each(rows, standings, func(s *payouts.Standing, row warehouse.Row) error {
		s.Measures = append(s.Measures, payouts.Measure{
			Metric: row.Text("metric"), Kind: row.Text("kind"), Value: row.Text("value"),
			Numerator: row.Text("numerator"), Denominator: row.Text("denominator"), Samples: row.Int("samples"), Missing: row.Text("missing_reason"),
		})
		return nil
	})
}

// each hands every row to the standing of its rep and role.
func each(rows []warehouse.Row, standings []payouts.Standing, add func(*payouts.Standing, warehouse.Row) error) error {
	places := map[[2]string]int{}
	for i, s := range standings {
		places[[2]string{s.RepID, s.Role}] = i
	}
	for _, row := range rows {
		if i, there := places[[2]string{row.Text("rep_id"), row.Text("role")}]; there {
			if err := add(&standings[i], row); err != nil {
				return err
			}
		}
	}
	return nil
}

// trimmed is a weight without the zeros at its end.
func trimmed(number string) string {
	var d apd.Decimal
	if _, _, err := d.SetString(number); err != nil {
		return number
	}
	d.Reduce(&d)
	return d.Text('f')
}

// ofTwoDigits is a score as people and payout files write it: BigQuery's numbers come
// without the zeros at their end.
func ofTwoDigits(score string) string {
	var number apd.Decimal
	if _, _, err := number.SetString(score); err != nil {
		return score // there is none
	}
	if _, err := apd.BaseContext.WithPrecision(20).Quantize(&number, &number, -2); err != nil {
		return score
	}
	return number.Text('f')
}
