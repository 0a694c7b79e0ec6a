-- periods: the fiscal quarters that are scored, with their days and the plan in force
-- grain: one row a period
-- key: period
-- signal: what a period's name means
-- owner: revenue operations
-- not_null: period, period_starts_on, period_ends_on, days, is_over, is_running, plan_version, plan_hash, computed_at
-- checks: in_order: period_starts_on <= period_ends_on
--    one_of_both: not (is_over and is_running)
-- form: view
-- changed: 2026-12-01 first version
select
    periods.period, -- fiscal year and quarter: 2026-Q1
    periods.starts_on as period_starts_on, -- first day
    periods.ends_on as period_ends_on, -- last day
    periods.days, -- calendar days
    periods.ends_at <= fn.as_of() as is_over, -- true: it had ended by the build's instant
    periods.starts_at <= fn.as_of() and periods.ends_at > fn.as_of() as is_running, -- true: the build's instant lies in it, its numbers are not final
    periods.plan_version, -- the version of the plan in force on the last day
    periods.plan_hash, -- SHA-256 of that version
    fn.as_of() as computed_at -- the instant that the numbers speak of
from plan.periods
