-- meetings_held: meetings that took place
-- grain: one row a meeting held
-- key: source, record_id
-- signal: time with customers
-- owner: sales management
-- kpi: meetings a quarter
-- okr: conversations that move deals
-- value: sum
-- unit: meetings
-- better: higher
-- control: shared
-- spans: week month quarter
-- streams: activities
-- not_null: source, rep_id, occurred_at, record_type, record_id, numerator, denominator, is_truncated, detail
-- checks: one_each: numerator = 1 and denominator = 1
-- gaming: meetings without customers, or that never took place: meeting_logging_rate holds them against the calendar
-- changed: 2026-11-22 first version
select
    rep_activities.source, -- the source's name in merit.yml
    rep_activities.rep_id, -- whose work it was
    rep_activities.occurred_at, -- when it took place
    'activity' as record_type, -- the record is an activity
    rep_activities.activity_id as record_id, -- the CRM's id of it
    cast(1 as numeric(38, 9)) as numerator, -- one
    cast(1 as numeric(38, 9)) as denominator, -- one
    false as is_truncated, -- activities have no history that could be forgotten
    'meeting' || coalesce(': ' || rep_activities.subtype, '') as detail -- meeting held, in words
from core.rep_activities
where rep_activities.kind = 'meeting'
    and rep_activities.is_completed
    and rep_activities.occurred_at <= fn.as_of()
