-- spans: the weeks, months and quarters that have begun
-- grain: one row a span
-- key: span, starts_on
-- signal: what is compared ends on the same day for everybody
-- owner: revenue operations
-- parameters: grace_days: 2
-- not_null: span, starts_on, ends_on, period, starts_at, ends_at, closes_at, is_running, is_closed
-- checks: in_order: starts_on <= ends_on and ends_at <= closes_at
--    spans: span in ('week', 'month', 'quarter')
-- changed: 2026-12-01 first version
with begun as (
    select
        'week' as span,
        calendar.week_on as starts_on,
        fn.date_after(calendar.week_on, 6) as ends_on,
        calendar.period
    from recognition.calendar
    where calendar.day_on = calendar.week_on
    union all
    select
        'month' as span,
        calendar.month_on as starts_on,
        fn.date_after(fn.month_after(calendar.month_on, 1), -1) as ends_on,
        calendar.period
    from recognition.calendar
    where calendar.day_on = calendar.month_on
    union all
    select
        'quarter' as span,
        periods.starts_on,
        periods.ends_on,
        periods.period
    from plan.periods
)
select
    begun.span, -- week, month or quarter
    begun.starts_on, -- its first day; a week or month of which the first scored quarter has only the end is none
    begun.ends_on, -- its last day
    begun.period, -- the quarter that its first day is of, whose plan holds
    fn.midnight(begun.starts_on) as starts_at, -- its first instant in the reporting zone
    fn.midnight(fn.date_after(begun.ends_on, 1)) as ends_at, -- midnight after its last day
    fn.add_days(fn.midnight(fn.date_after(begun.ends_on, 1)), cast(settings.value as bigint)) as closes_at, -- what is logged from then on changes no board of it
    fn.midnight(fn.date_after(begun.ends_on, 1)) > fn.as_of() as is_running, -- true: it is not over
    fn.add_days(fn.midnight(fn.date_after(begun.ends_on, 1)), cast(settings.value as bigint)) <= fn.as_of() as is_closed -- true: its boards stand
from begun
join plan.settings
    on settings.period = begun.period
    and settings.metric = 'spans'
    and settings.name = 'grace_days'
where begun.starts_on <= fn.today()
