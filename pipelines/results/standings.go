package results

import (
	"context"
	"fmt"

	"github.com/cockroachdb/apd/v3"

	"merit/connectors/fault"
	"merit/pipelines/payouts"
	"merit/transform/warehouse"
)

// Standings are everybody on the roster in the period, with what they reached as
// of the last build, and whether the period was over by then.
func (t Tables) Standings(ctx context.Context, period string) ([]payouts.Standing, bool, error) {
	rows, err := t.Rows(ctx, `select
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
		return nil, false, warehouse.NotBuilt(err)
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
	if err := t.addSpans(ctx, period, standings); err != nil {
		return nil, false, err
	}
	return standings, rows[0].Bool("is_over"), t.addMeasures(ctx, period, standings)
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
func (t Tables) addSpans(ctx context.Context, period string, standings []payouts.Standing) error {
	rows, err := t.Rows(ctx, `select rep_id, role, days, leave_days, bonus_target, currency
		from core.rep_assignments where period = ? order by rep_id, role, starts_on`, period)
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
func (t Tables) addMeasures(ctx context.Context, period string, standings []payouts.Standing) error {
	rows, err := t.Rows(ctx, `select measures.rep_id, measures.role, measures.metric, metric_definitions.value as kind,
			measures.value, measures.numerator, measures.denominator, measures.samples, measures.missing_reason
		from scores.measures
		join scores.metric_definitions using (metric)
		where measures.period = ?
		order by measures.rep_id, measures.role, measures.metric`, period)
	if err != nil {
		return warehouse.NotBuilt(err)
	}
	return each(rows, standings, addMeasure)
}

// addMeasure adds a row of measures to the standing that it is of.
func addMeasure(s *payouts.Standing, row warehouse.Row) error {
	s.Measures = append(s.Measures, payouts.Measure{
		Metric: row.Text("metric"), Kind: row.Text("kind"), Value: row.Text("value"),
		Numerator: row.Text("numerator"), Denominator: row.Text("denominator"), Samples: row.Int("samples"), Missing: row.Text("missing_reason"),
	})
	return nil
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
