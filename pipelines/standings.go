package pipelines

import (
	"context"

	"merit/connectors"
	"merit/pipelines/payouts"
	"merit/pipelines/plan"
)

// payRules are what a version of the plan says about who is paid how much.
func payRules(v plan.Version) payouts.Rules {
	return payouts.Rules{MinimumDays: v.Eligibility.MinimumDays}
}

// standings are everybody on the roster in the period, with what they reached as
// of the last build, and whether the period was over by then.
func (j *Job) standings(ctx context.Context, period string) ([]payouts.Standing, bool, error) {
	rows, err := j.rows(ctx, `select
			rep_scores.period, rep_scores.rep_id, rep_periods.name, rep_scores.role, rep_periods.team, rep_periods.days, rep_periods.leave_days,
			periods.days as period_days, rep_periods.bonus_target, rep_periods.currency, rep_scores.score, rep_scores.tier, rep_scores.multiplier,
			rep_scores.is_held, periods.plan_version, periods.plan_hash, periods.ends_at <= as_of.as_of_at as is_over
		from scores.rep_scores
		join core.rep_periods using (rep_id, period, role)
		join plan.periods using (period)
		cross join plan.as_of
		where rep_scores.period = ?
		order by rep_scores.rep_id, rep_scores.role`, period)
	if err != nil {
		return nil, false, notBuilt(err)
	}
	if len(rows) == 0 {
		return nil, false, connectors.Faultf(connectors.You, "nobody was on the roster in %s, or it is not among the periods that are scored", period)
	}
	var standings []payouts.Standing
	for _, row := range rows {
		standings = append(standings, payouts.Standing{
			Period: row.Text("period"), RepID: row.Text("rep_id"), Name: row.Text("name"), Role: row.Text("role"), Team: row.Text("team"),
			Days: row.Int("days"), LeaveDays: row.Int("leave_days"), PeriodDays: row.Int("period_days"),
			BonusTarget: row.Text("bonus_target"), Currency: row.Text("currency"),
			Score: row.Text("score"), Tier: row.Text("tier"), Multiplier: row.Text("multiplier"), IsHeld: row.Bool("is_held"),
			PlanVersion: row.Text("plan_version"), PlanHash: row.Text("plan_hash"),
		})
	}
	return standings, rows[0].Bool("is_over"), nil
}
