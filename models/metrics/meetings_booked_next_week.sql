-- meetings_booked_next_week: meetings of next week, as they are booked when this week ends
-- grain: one row a meeting that was booked before its week began
-- key: source, record_id
-- signal: a full calendar next week, while there is time to fill it
-- owner: sales management
-- kpi: meetings booked a week ahead
-- okr: enough conversations next week
-- value: sum
-- unit: meetings
-- better: higher
-- control: own
-- spans: week month quarter
-- streams: activities
-- not_null: source, rep_id, occurred_at, record_type, record_id, numerator, denominator, is_truncated, detail
-- checks: one_each: numerator = 1 and denominator = 1
-- gaming: meetings booked and called off again; those that were deleted do not count, and meetings_held tells which took place
-- changed: 2026-11-22 first version
--    2026-11-30 all that start next week as seen at the week's end, whenever they were booked
with meetings as (
    select
        rep_activities.source,
        rep_activities.activity_id,
        -- Weeks begin on Monday in the reporting zone.
        fn.date_after(fn.day(rep_activities.occurred_at), 1 - fn.weekday(fn.day(rep_activities.occurred_at))) as monday_on
    from core.rep_activities
    where rep_activities.kind = 'meeting'
),
asked as (
    select
        meetings.source,
        meetings.activity_id,
        fn.midnight(fn.date_after(meetings.monday_on, -7)) as week_begins_at,
        case
            when fn.midnight(meetings.monday_on) <= fn.as_of() then fn.just_before(fn.midnight(meetings.monday_on))
            else fn.as_of()
        end as asked_at
    from meetings
)
select
    rep_activities.source, -- the source's name in merit.yml
    rep_activities.rep_id, -- whose meeting it is
    asked.asked_at as occurred_at, -- the end of the week before it, or the build
    'activity' as record_type, -- the record is an activity
    rep_activities.activity_id as record_id, -- the CRM's id of it
    cast(1 as numeric(38, 9)) as numerator, -- one meeting
    cast(1 as numeric(38, 9)) as denominator, -- one meeting
    false as is_truncated, -- activities have no history that could be forgotten
    'booked for ' || cast(fn.day(rep_activities.occurred_at) as string) as detail -- for which day
from asked
join core.rep_activities
    on rep_activities.source = asked.source
    and rep_activities.activity_id = asked.activity_id
where rep_activities.created_at <= asked.asked_at
    and asked.week_begins_at <= asked.asked_at
