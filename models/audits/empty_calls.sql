-- empty_calls: completed calls of no length
-- grain: one row a completed call whose length is known
-- key: source, rep_id, record_id
-- signal: dialling to raise a count
-- owner: sales management
-- severity: look
-- test: share
-- span: period
-- parameters: least: 10
-- not_null: source, rep_id, occurred_at, record_type, record_id, is_suspect, detail
-- gaming: letting it ring for a second; qualified_touch_rate counts calls that something came of
-- changed: 2026-11-30 first version
select
    rep_activities.source, -- the source's name in merit.yml
    rep_activities.rep_id, -- whose work it was
    rep_activities.occurred_at, -- when it took place
    'activity' as record_type, -- the record is an activity
    rep_activities.activity_id as record_id, -- the CRM's id of it
    rep_activities.duration_seconds = 0 as is_suspect, -- true: of no length
    'call of ' || cast(rep_activities.duration_seconds as string) || ' seconds' as detail -- the call, in words
from core.rep_activities
join core.rep_assignments
    on rep_assignments.rep_id = rep_activities.rep_id
    and rep_activities.occurred_at >= rep_assignments.starts_at
    and rep_activities.occurred_at < rep_assignments.ends_at
where rep_activities.kind = 'call'
    and rep_activities.is_completed
    and rep_activities.duration_seconds is not null
    and rep_activities.occurred_at <= fn.as_of()
