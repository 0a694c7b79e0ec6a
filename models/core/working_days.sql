-- working_days: each day on which a rep had to work, up to the day of the build
-- grain: one row a rep and working day
-- key: rep_id, day_on
-- signal: activity is held against the days that there were, not against the calendar
-- owner: revenue operations
-- not_null: rep_id, day_on, period, role, week_on, began_at
-- checks: week_begins_on_monday: week_on <= day_on
-- gaming: leave taken on paper only; the roster says it, and active days in it count for nothing
-- changed: 2026-11-22 first version
with digits as (
    select 0 as digit union all select 1 union all select 2 union all select 3 union all select 4
    union all select 5 union all select 6 union all select 7 union all select 8 union all select 9
),
-- No stretch within a period is longer than a thousand days.
numbers as (
    select 100 * hundreds.digit + 10 * tens.digit + ones.digit as number
    from digits as hundreds
    cross join digits as tens
    cross join digits as ones
),
stretches as (
    select
        rep_assignments.rep_id,
        rep_assignments.period,
        rep_assignments.role,
        rep_assignments.region,
        rep_assignments.starts_on,
        fn.smaller(rep_assignments.ends_on, fn.today()) as ends_on
    from core.rep_assignments
    -- A row of the roster that is all leave is no work.
    where rep_assignments.leave_days < rep_assignments.days
),
days as (
    select
        stretches.rep_id,
        stretches.period,
        stretches.role,
        stretches.region,
        fn.date_after(stretches.starts_on, numbers.number) as day_on
    from stretches
    join numbers
        on numbers.number <= fn.whole_days(stretches.starts_on, stretches.ends_on)
),
free as (
    select
        holidays.region,
        holidays.day_on
    from staging.holidays
    group by
        holidays.region,
        holidays.day_on
)
select
    days.rep_id, -- the company's own id of the person
    days.day_on, -- the day
    days.period, -- fiscal year and quarter
    days.role, -- the role held on it
    fn.date_after(days.day_on, 1 - fn.weekday(days.day_on)) as week_on, -- the Monday of its week
    fn.midnight(days.day_on) as began_at -- its first instant in the reporting zone
from days
left join free as everywhere
    on everywhere.region = 'all'
    and everywhere.day_on = days.day_on
left join free as regional
    on regional.region = days.region
    and regional.day_on = days.day_on
where fn.weekday(days.day_on) <= 5
    and everywhere.day_on is null
    and regional.day_on is null
