-- rep_assignments: each stretch of days that a rep held a role, cut where a period ends
-- grain: one row a stretch within a period
-- key: rep_id, period, starts_on
-- signal: whoever is on the roster at an instant, and as what, is said here and nowhere else
-- owner: revenue operations
-- not_null: rep_id, period, role, starts_on, ends_on, starts_at, ends_at, days, leave_days, name, currency
-- checks: in_order: starts_on <= ends_on
--    leave_fits: leave_days >= 0 and leave_days <= days
-- gaming: a role of convenience for part of a quarter; every stretch is a row of its own, so statements show it
-- changed: 2026-11-22 first version
with cut as (
    select
        reps.rep_id,
        periods.period,
        reps.role,
        case when reps.valid_from > periods.starts_on then reps.valid_from else periods.starts_on end as starts_on,
        case when reps.valid_to is null or reps.valid_to > periods.ends_on then periods.ends_on else reps.valid_to end as ends_on,
        -- Leave is taken off once: in the period in which its roster row begins.
        case when reps.valid_from >= periods.starts_on then reps.leave_days else 0 end as leave_days,
        reps.name,
        reps.team,
        reps.region,
        reps.territory,
        reps.shift,
        reps.bonus_target,
        reps.currency
    from plan.reps
    join plan.periods
        on reps.valid_from <= periods.ends_on
        and (reps.valid_to is null or reps.valid_to >= periods.starts_on)
)
select
    cut.rep_id, -- the company's own id of the person
    cut.period, -- fiscal year and quarter
    cut.role, -- a role of plan.yml
    cut.starts_on, -- first day of the stretch
    cut.ends_on, -- its last day
    fn.midnight(cut.starts_on) as starts_at, -- its first instant in the reporting zone
    fn.midnight(fn.date_after(cut.ends_on, 1)) as ends_at, -- midnight after its last day: not in it any more
    fn.whole_days(cut.starts_on, cut.ends_on) + 1 as days, -- calendar days, both ends counted
    fn.smaller(cut.leave_days, fn.whole_days(cut.starts_on, cut.ends_on) + 1) as leave_days, -- days of leave among them
    cut.name, -- as statements show it
    cut.team, -- for pools and boards
    cut.region, -- for fairness and boards
    cut.territory, -- for normalisation
    cut.shift, -- for boards
    cut.bonus_target, -- for a whole period, in currency
    cut.currency -- ISO 4217
from cut
