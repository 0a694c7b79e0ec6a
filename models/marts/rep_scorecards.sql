-- rep_scorecards: each rep's score and tier, quarter by quarter
-- grain: one row a rep, period and role
-- key: rep_id, period, role
-- signal: how a rep sells, beside the tier that it earns
-- owner: sales management
-- not_null: rep_id, period, role, name, starts_on, ends_on, days, leave_days, weight_used, weight_planned, coverage_percent, metrics_scored, metrics_planned, multiplier, is_held, is_running, plan_version, plan_hash, computed_at
-- changed: 2026-11-22 first version
select
    rep_scores.rep_id, -- the company's own id of the person
    rep_scores.period, -- fiscal year and quarter
    rep_scores.role, -- a role of plan.yml
    rep_periods.name, -- as statements show it
    rep_periods.team, -- as of the last day in the role
    rep_periods.region, -- as of the last day in the role
    rep_periods.territory, -- as of the last day in the role
    rep_periods.shift, -- as of the last day in the role
    rep_periods.starts_on, -- first day in the role within the period
    rep_periods.ends_on, -- last day in the role within the period
    rep_periods.days, -- calendar days in the role within the period
    rep_periods.leave_days, -- days of leave among them
    cast(rep_scores.score as numeric(18, 2)) as score, -- weighted mean of the attainments; null: no metric has a value
    cast(rep_scores.projected_score as numeric(18, 2)) as projected_score, -- what it would be if every value that has too few samples were scored as it is; null: there is no value
    rep_scores.tier, -- the tier that the score reaches; null: below all, no score, or too little of the plan was measured
    cast(rep_scores.multiplier as numeric(18, 4)) as multiplier, -- of the bonus target
    cast(rep_scores.weight_used as numeric(18, 4)) as weight_used, -- weight of the metrics that were scored
    cast(rep_scores.weight_planned as numeric(18, 4)) as weight_planned, -- weight of all metrics of the role
    cast(rep_scores.coverage_percent as numeric(18, 4)) as coverage_percent, -- how much of the plan was measured: weight_used of weight_planned
    rep_scores.coverage_reason, -- why there is no tier, whatever the score; null: enough of the plan was measured
    rep_scores.metrics_scored, -- metrics with a value and samples enough
    rep_scores.metrics_planned, -- metrics of the role
    rep_scores.is_held, -- true: the line waits: something is unknown, or the plan can't do without a value or so much of its weight
    rep_scores.reasons, -- which metrics were not scored, and why; null: all were
    periods.ends_at > fn.as_of() as is_running, -- true: the period is not over, the score is a draft
    periods.plan_version, -- the version of the plan in force
    periods.plan_hash, -- SHA-256 of that version
    fn.as_of() as computed_at -- the instant that the numbers speak of
from scores.rep_scores
join core.rep_periods
    on rep_periods.rep_id = rep_scores.rep_id
    and rep_periods.period = rep_scores.period
    and rep_periods.role = rep_scores.role
join plan.periods
    on periods.period = rep_scores.period
