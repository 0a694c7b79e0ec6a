-- meeting_logging_rate: share of the customer meetings in the rep's calendar that were logged at the CRM
-- grain: one row a customer meeting that took place
-- key: source, record_id
-- signal: whether the CRM knows what happened
-- owner: revenue operations
-- kpi: meetings logged
-- okr: records that others can work with
-- value: ratio
-- unit: share
-- better: higher
-- control: own
-- spans: week month quarter
-- streams: calendar_events, activities
-- parameters: within_minutes: 30
-- not_null: source, rep_id, occurred_at, record_type, record_id, numerator, denominator, is_truncated, detail
-- checks: none_or_one: numerator in (0, 1) and denominator = 1
-- gaming: one logged meeting for several in the calendar: it must begin within some minutes of each; meetings without customers do not count
-- changed: 2026-11-22 first version
with events as (
    select
        calendar_events.source,
        calendar_events.event_id,
        calendar_events.activity_id,
        calendar_events.starts_at,
        rep_identifiers.rep_id,
        cast(fn.as_number(settings.value) as bigint) as within_minutes
    from staging.calendar_events
    join core.rep_identifiers
        on rep_identifiers.source = calendar_events.source
        and rep_identifiers.user_key = calendar_events.user_key
    join plan.periods
        on calendar_events.starts_at >= periods.starts_at
        and calendar_events.starts_at < periods.ends_at
    join plan.settings
        on settings.period = periods.period
        and settings.metric = 'meeting_logging_rate'
        and settings.name = 'within_minutes'
    where calendar_events.has_customer
        and not calendar_events.is_cancelled
        and coalesce(calendar_events.ends_at, calendar_events.starts_at) <= fn.as_of()
),
logged as (
    -- The calendar may be another source than the CRM, so an activity is known by its id alone.
    select
        events.source,
        events.event_id,
        rep_activities.activity_id
    from events
    join core.rep_activities
        on rep_activities.activity_id = events.activity_id
        and rep_activities.rep_id = events.rep_id
    union all
    select
        events.source,
        events.event_id,
        rep_activities.activity_id
    from events
    join core.rep_activities
        on rep_activities.rep_id = events.rep_id
        and rep_activities.kind = 'meeting'
        and rep_activities.occurred_at >= fn.add_minutes(events.starts_at, -events.within_minutes)
        and rep_activities.occurred_at <= fn.add_minutes(events.starts_at, events.within_minutes)
),
found as (
    select
        logged.source,
        logged.event_id,
        min(logged.activity_id) as activity_id
    from logged
    group by
        logged.source,
        logged.event_id
)
select
    events.source, -- the source's name in merit.yml
    events.rep_id, -- whose calendar
    events.starts_at as occurred_at, -- when the meeting began
    'calendar event' as record_type, -- the record is an event of a calendar
    events.event_id as record_id, -- the calendar's id of it
    case when found.event_id is null then cast(0 as numeric(38, 9)) else cast(1 as numeric(38, 9)) end as numerator, -- 1: logged
    cast(1 as numeric(38, 9)) as denominator, -- one meeting
    false as is_truncated, -- calendars have no history that could be forgotten
    coalesce('logged as ' || found.activity_id, 'not logged') as detail -- as which activity
from events
left join found
    on found.source = events.source
    and found.event_id = events.event_id
