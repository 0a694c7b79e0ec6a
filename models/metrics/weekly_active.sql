-- weekly_active: share of weeks in which the rep was active at the CRM
-- grain: one row a rep and week with a working day, cut where a period or role ends
-- key: rep_id, record_id, occurred_at
-- signal: people who drop out of the programme, seen before the quarter is over
-- owner: revenue operations
-- kpi: weekly active users
-- okr: records that others can work with
-- value: ratio
-- unit: share
-- better: higher
-- control: own
-- spans: month quarter
-- streams: activities
-- parameters: active_days: 1
-- not_null: source, rep_id, occurred_at, record_type, record_id, numerator, denominator, is_truncated, detail
-- checks: none_or_one: numerator in (0, 1) and denominator = 1
-- gaming: one sign-in on Friday: active_days may ask for more days
-- changed: 2026-11-22 first version
--    2026-11-22 the record is of one rep: a steward who takes it out takes out no other
with weeks as (
    select
        working_days.rep_id,
        working_days.period,
        working_days.role,
        working_days.week_on,
        max(working_days.began_at) as last_began_at,
        max(working_days.day_on) as last_on,
        count(active_days.day_on) as active_days
    from core.working_days
    left join core.active_days
        on active_days.rep_id = working_days.rep_id
        and active_days.day_on = working_days.day_on
    group by
        working_days.rep_id,
        working_days.period,
        working_days.role,
        working_days.week_on
)
select
    'roster' as source, -- the week is of the roster's calendar, not of a CRM
    weeks.rep_id, -- whose week
    weeks.last_began_at as occurred_at, -- the beginning of its last working day
    'week' as record_type, -- the record is a week
    weeks.rep_id || ' ' || cast(weeks.week_on as string) as record_id, -- whose, and its Monday
    case
        when weeks.active_days >= fn.as_number(settings.value) then cast(1 as numeric(38, 9))
        else cast(0 as numeric(38, 9))
    end as numerator, -- 1: active on as many days as the plan asks for
    cast(1 as numeric(38, 9)) as denominator, -- one week
    false as is_truncated, -- a change that the CRM has forgotten leaves other signs of the week
    'active on ' || cast(weeks.active_days as string) || ' working days' as detail -- how often
from weeks
join plan.settings
    on settings.period = weeks.period
    and settings.metric = 'weekly_active'
    and settings.name = 'active_days'
-- A week that runs has time left.
where weeks.last_on < fn.today()
    and fn.date_after(weeks.week_on, 6) < fn.today()
