-- overlapping_calls: calls that begin before the rep's call before them has ended
-- grain: one row a completed call of some length
-- key: source, rep_id, record_id
-- signal: more talk than the clock allows
-- owner: sales management
-- severity: high
-- test: share
-- span: period
-- parameters: least: 10
-- not_null: source, rep_id, occurred_at, record_type, record_id, is_suspect, detail
-- gaming: shorter lengths; calls_logged beside qualified_touch_rate shows calls that lead nowhere
-- changed: 2026-11-30 first version
with calls as (
    select
        rep_activities.source,
        rep_activities.rep_id,
        rep_activities.activity_id,
        rep_activities.occurred_at,
        rep_activities.duration_seconds,
        lag(rep_activities.occurred_at) over earlier as before_at,
        lag(rep_activities.duration_seconds) over earlier as seconds_before
    from core.rep_activities
    join core.rep_assignments
        on rep_assignments.rep_id = rep_activities.rep_id
        and rep_activities.occurred_at >= rep_assignments.starts_at
        and rep_activities.occurred_at < rep_assignments.ends_at
    where rep_activities.kind = 'call'
        and rep_activities.is_completed
        and rep_activities.duration_seconds > 0
        and rep_activities.occurred_at <= fn.as_of()
    window earlier as (
        partition by rep_activities.rep_id
        order by rep_activities.occurred_at, rep_activities.source, rep_activities.activity_id
    )
)
select
    calls.source, -- the source's name in merit.yml
    calls.rep_id, -- whose work it was
    calls.occurred_at, -- when it began
    'activity' as record_type, -- the record is an activity
    calls.activity_id as record_id, -- the CRM's id of it
    coalesce(fn.micros(calls.before_at, calls.occurred_at) < 1000000 * calls.seconds_before, false) as is_suspect, -- true: the call before it was still going on
    'call of ' || cast(calls.duration_seconds as string) || ' seconds' as detail -- the call, in words
from calls
