-- measured_periods: the plan's periods that have begun, and when what stands in each is measured
-- grain: one row a period that began by the build's as-of
-- key: period
-- signal: at which instant a pipeline is looked at
-- owner: revenue operations
-- not_null: period, starts_at, starts_on, ends_on, measured_at, measured_on
-- checks: within_it: measured_at >= starts_at and measured_on >= starts_on and measured_on <= ends_on
-- changed: 2026-11-22 first version
select
    periods.period, -- fiscal year and quarter
    periods.starts_at, -- the period's first instant
    periods.starts_on, -- its first day
    periods.ends_on, -- its last day
    fn.smaller(fn.just_before(periods.ends_at), fn.as_of()) as measured_at, -- its last millisecond, which is the latest that a CRM can name in it; of a running period the build's as-of
    fn.smaller(periods.ends_on, fn.today()) as measured_on -- the day of that
from plan.periods
where periods.starts_at <= fn.as_of()
