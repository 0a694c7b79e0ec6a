-- calendar: each day from the first scored quarter to the end of the week, month and quarter that are running
-- grain: one row a day
-- key: day_on
-- signal: which week, month and quarter a day is of
-- owner: revenue operations
-- not_null: day_on, week_on, month_on
-- checks: week_begins_before: week_on <= day_on and month_on <= day_on
-- changed: 2026-12-01 first version
with digits as (
    select 0 as digit union all select 1 union all select 2 union all select 3 union all select 4
    union all select 5 union all select 6 union all select 7 union all select 8 union all select 9
),
-- Ten thousand days are 27 years.
numbers as (
    select 1000 * thousands.digit + 100 * hundreds.digit + 10 * tens.digit + ones.digit as number
    from digits as thousands
    cross join digits as hundreds
    cross join digits as tens
    cross join digits as ones
),
bounds as (
    select
        min(periods.starts_on) as first_on,
        fn.larger(
            fn.larger(max(periods.ends_on), fn.date_after(fn.today(), 7 - fn.weekday(fn.today()))),
            fn.date_after(fn.month_after(fn.month(fn.midnight(fn.today())), 1), -1)
        ) as last_on
    from plan.periods
),
days as (
    select fn.date_after(bounds.first_on, numbers.number) as day_on
    from bounds
    join numbers
        on numbers.number <= fn.whole_days(bounds.first_on, bounds.last_on)
)
select
    days.day_on, -- the day
    fn.date_after(days.day_on, 1 - fn.weekday(days.day_on)) as week_on, -- the Monday of its week
    fn.month(fn.midnight(days.day_on)) as month_on, -- the first day of its month
    periods.period -- the quarter that it is of; null: one that has not begun
from days
left join plan.periods
    on days.day_on >= periods.starts_on
    and days.day_on <= periods.ends_on
