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
--    2026-12-01 where the CRM marks a call as done when it has ended, it is the end that is known
with calls as (
    select
        rep_activities.source,
        rep_activities.rep_id,
        rep_activities.activity_id,
        rep_activities.occurred_at,
        rep_activities.duration_seconds,
        rep_assignments.starts_at,
        -- Salesforce has no time at which a call begins: it is marked done, or logged, when it is over.
        fn.micros(rep_assignments.starts_at, rep_activities.occurred_at) - case
            when rep_activities.completed_at is not null and rep_activities.occurred_at in (rep_activities.completed_at, rep_activities.created_at)
                then 1000000 * rep_activities.duration_seconds
            else 0
        end as began
    from core.rep_activities
    join core.rep_assignments
        on rep_assignments.rep_id = rep_activities.rep_id
        and rep_activities.occurred_at >= rep_assignments.starts_at
        and rep_activities.occurred_at < rep_assignments.ends_at
    where rep_activities.kind = 'call'
        and rep_activities.is_completed
        and rep_activities.duration_seconds > 0
        and rep_activities.occurred_at <= fn.as_of()
        -- At midnight sharp only the day is known.
        and rep_activities.occurred_at <> fn.midnight(fn.day(rep_activities.occurred_at))
),
followed as (
    select
        calls.source,
        calls.rep_id,
        calls.activity_id,
        calls.occurred_at,
        calls.duration_seconds,
        calls.began,
        lag(calls.began) over earlier as began_before,
        lag(calls.duration_seconds) over earlier as seconds_before
    from calls
    window earlier as (
        partition by calls.rep_id, calls.starts_at
        order by calls.began, calls.source, calls.activity_id
    )
)
select
    followed.source, -- the source's name in merit.yml
    followed.rep_id, -- whose work it was
    followed.occurred_at, -- when it took place
    'activity' as record_type, -- the record is an activity
    followed.activity_id as record_id, -- the CRM's id of it
    coalesce(followed.began - followed.began_before < 1000000 * followed.seconds_before, false) as is_suspect, -- true: the call before it was still going on
    'call of ' || cast(followed.duration_seconds as string) || ' seconds' as detail -- the call, in words
from followed
