-- meetings_booked_next_week: meetings booked for the week after
-- grain: one row a meeting that was booked in one week for the next
-- key: source, record_id
-- signal: a full calendar next week, while there is time to fill it
-- owner: sales management
-- kpi: meetings booked a week ahead
-- okr: enough conversations next week
-- value: sum
-- unit: meetings
-- better: higher
-- streams: activities
-- present: source, rep_id, occurred_at, record_type, record_id, numerator, denominator, is_truncated, detail
-- checks: one_each: numerator = 1 and denominator = 1
-- games: meetings booked and called off again; those that were deleted do not count, and meetings_held tells which took place
-- changed: 2026-11-22 first version
select
    rep_activities.source, -- the source's name in merit.yml
    rep_activities.rep_id, -- whose meeting it is
    rep_activities.created_at as occurred_at, -- when it was booked
    'activity' as record_type, -- the record is an activity
    rep_activities.activity_id as record_id, -- the CRM's id of it
    cast(1 as numeric(38, 9)) as numerator, -- one meeting
    cast(1 as numeric(38, 9)) as denominator, -- one meeting
    false as is_truncated, -- activities have no history that could be forgotten
    'booked for ' || cast(fn.day(rep_activities.occurred_at) as string) as detail -- for which day
from core.rep_activities
join core.rep_spans
    on rep_spans.rep_id = rep_activities.rep_id
    and rep_activities.created_at >= rep_spans.starts_at
    and rep_activities.created_at < rep_spans.ends_at
where rep_activities.kind = 'meeting'
    and rep_activities.created_at <= fn.as_of()
    -- Weeks begin on Monday in the reporting zone.
    and fn.whole_days(
        fn.date_after(fn.day(rep_activities.created_at), 1 - fn.weekday(fn.day(rep_activities.created_at))),
        fn.day(rep_activities.occurred_at)
    ) between 7 and 13
