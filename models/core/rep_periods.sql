-- rep_periods: everyone on the roster in a period, in each role held
-- grain: one row a rep, period and role
-- key: rep_id, period, role
-- signal: who is measured and paid, by which mix, for how many days
-- owner: revenue operations
-- not_null: rep_id, period, role, days, leave_days, starts_on, ends_on, name, currency
-- checks: days_are_counted: days >= 1 and leave_days >= 0 and leave_days <= days
-- gaming: see core.rep_assignments
-- changed: 2026-11-22 first version
with ranked as (
    select
        rep_assignments.rep_id,
        rep_assignments.period,
        rep_assignments.role,
        rep_assignments.starts_on,
        rep_assignments.ends_on,
        rep_assignments.days,
        rep_assignments.leave_days,
        rep_assignments.name,
        rep_assignments.team,
        rep_assignments.region,
        rep_assignments.territory,
        rep_assignments.shift,
        rep_assignments.bonus_target,
        rep_assignments.currency,
        row_number() over (
            partition by rep_assignments.rep_id, rep_assignments.period, rep_assignments.role
            order by rep_assignments.starts_on desc
        ) as place
    from core.rep_assignments
)
select
    ranked.rep_id, -- the company's own id of the person
    ranked.period, -- fiscal year and quarter
    ranked.role, -- a role of plan.yml
    cast(sum(ranked.days) as bigint) as days, -- calendar days in the role within the period, both ends counted
    cast(sum(ranked.leave_days) as bigint) as leave_days, -- days of leave among them
    min(ranked.starts_on) as starts_on, -- first day in the role within the period
    max(ranked.ends_on) as ends_on, -- last day in the role within the period
    max(case when ranked.place = 1 then ranked.name end) as name, -- as of ends_on, as all that follows
    max(case when ranked.place = 1 then ranked.team end) as team, -- for pools and boards
    max(case when ranked.place = 1 then ranked.region end) as region, -- for fairness and boards
    max(case when ranked.place = 1 then ranked.territory end) as territory, -- for normalisation
    max(case when ranked.place = 1 then ranked.shift end) as shift, -- for boards
    max(case when ranked.place = 1 then ranked.bonus_target end) as bonus_target, -- for a whole period, in currency
    max(case when ranked.place = 1 then ranked.currency end) as currency -- ISO 4217
from ranked
group by
    ranked.rep_id,
    ranked.period,
    ranked.role
