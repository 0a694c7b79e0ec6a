-- own_skeleton: long calls, of ten minutes or more
-- grain: one row a call
-- key: source, record_id
-- signal: conversations, not dials
-- owner: sales management
-- kpi: long calls a quarter
-- okr: conversations that move deals
-- value: sum
-- unit: calls
-- better: higher
-- control: own
-- spans: week month quarter
-- streams: activities
-- not_null: source, rep_id, occurred_at, record_type, record_id, numerator, denominator, is_truncated, detail
-- checks: one_each: numerator = 1 and denominator = 1
-- gaming: a line that is kept open; say here what would give that away
-- changed: 2026-01-01 first version
select
    rep_activities.source, -- the source's name in merit.yml
    rep_activities.rep_id, -- whose work it was
    rep_activities.occurred_at, -- when it took place
    'activity' as record_type, -- the record is an activity
    rep_activities.activity_id as record_id, -- the CRM's id of it
    cast(1 as numeric(38, 9)) as numerator, -- one
    cast(1 as numeric(38, 9)) as denominator, -- one
    false as is_truncated, -- activities have no history that could be forgotten
    'call of ' || cast(rep_activities.duration_seconds as string) || ' seconds' as detail -- what counted, in words
from core.rep_activities
where rep_activities.kind = 'call'
    and rep_activities.is_completed
    and rep_activities.duration_seconds >= 600
    and rep_activities.occurred_at <= fn.as_of()
