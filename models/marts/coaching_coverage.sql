-- coaching_coverage: who was coached how often on what, and what became of what was agreed
-- grain: one row a rep, quarter and topic, and one for all topics together, also where there was no session
-- key: rep_id, period, topic
-- signal: whether coaching reaches everybody, or those who need it least
-- owner: sales management
-- not_null: rep_id, period, topic, sessions, planned_sessions, minutes, actions_agreed, actions_done, actions_overdue, is_covered, why
-- checks: counted: sessions >= 0 and actions_done <= actions_agreed
-- gaming: sessions on paper; marts.coaching_effect tells what they changed
-- changed: 2026-12-01 first version
with sessions as (
    select
        coaching.source,
        coaching.session_id,
        rep_identifiers.rep_id,
        coalesce(coaching.topic, 'no topic') as topic,
        coaching.held_at,
        coaching.duration_seconds,
        coalesce(coaching.held_at, coaching.planned_at) as counted_at
    from staging.coaching
    join core.rep_identifiers
        on rep_identifiers.source = coaching.source
        and rep_identifiers.user_key = coaching.user_key
    where coalesce(coaching.held_at, coaching.planned_at) <= fn.as_of()
),
agreed as (
    select
        coaching_actions.source,
        coaching_actions.session_id,
        count(*) as agreed,
        sum(case when coaching_actions.done_at <= fn.as_of() then 1 else 0 end) as done,
        sum(case when coaching_actions.due_on < fn.today() and (coaching_actions.done_at is null or coaching_actions.done_at > fn.as_of()) then 1 else 0 end) as overdue
    from staging.coaching_actions
    where coaching_actions.agreed_at <= fn.as_of()
        and coaching_actions.session_id is not null
    group by
        coaching_actions.source,
        coaching_actions.session_id
),
topics as (
    select sessions.source, sessions.session_id, sessions.rep_id, sessions.topic, sessions.held_at, sessions.duration_seconds, sessions.counted_at
    from sessions
    union all
    select sessions.source, sessions.session_id, sessions.rep_id, 'all topics' as topic, sessions.held_at, sessions.duration_seconds, sessions.counted_at
    from sessions
),
summed as (
    select
        topics.rep_id,
        periods.period,
        topics.topic,
        sum(case when topics.held_at is not null then 1 else 0 end) as sessions,
        count(*) as planned_sessions,
        sum(case when topics.held_at is not null then coalesce(topics.duration_seconds, 0) else 0 end) as seconds,
        max(topics.held_at) as last_held_at,
        sum(coalesce(agreed.agreed, 0)) as agreed,
        sum(coalesce(agreed.done, 0)) as done,
        sum(coalesce(agreed.overdue, 0)) as overdue
    from topics
    join plan.periods
        on topics.counted_at >= periods.starts_at
        and topics.counted_at < periods.ends_at
    left join agreed
        on agreed.source = topics.source
        and agreed.session_id = topics.session_id
    group by
        topics.rep_id,
        periods.period,
        topics.topic
),
people as (
    select
        rep_periods.rep_id,
        rep_periods.period
    from core.rep_periods
    group by
        rep_periods.rep_id,
        rep_periods.period
),
told as (
    select summed.rep_id, summed.period, summed.topic, summed.sessions, summed.planned_sessions, summed.seconds, summed.last_held_at, summed.agreed, summed.done, summed.overdue
    from summed
    union all
    select people.rep_id, people.period, 'all topics' as topic, 0 as sessions, 0 as planned_sessions, 0 as seconds, cast(null as timestamp with time zone) as last_held_at, 0 as agreed, 0 as done, 0 as overdue
    from people
    left join summed
        on summed.rep_id = people.rep_id
        and summed.period = people.period
    where summed.rep_id is null
)
select
    told.rep_id, -- who was coached
    told.period, -- the quarter in which the sessions were held or planned
    told.topic, -- as the coaching file says it, or all topics
    cast(told.sessions as bigint) as sessions, -- that were held
    cast(told.planned_sessions as bigint) as planned_sessions, -- that were planned or held
    cast(floor(fn.ratio(told.seconds, 60)) as bigint) as minutes, -- of those that were held
    fn.day(told.last_held_at) as last_held_on, -- null: none was held
    cast(told.agreed as bigint) as actions_agreed, -- action items of these sessions
    cast(told.done as bigint) as actions_done, -- of them
    cast(told.overdue as bigint) as actions_overdue, -- of them, with a due day that is over
    told.sessions > 0 as is_covered, -- true: at least one session was held
    cast(told.sessions as string) || ' of ' || cast(told.planned_sessions as string) || ' sessions were held; ' || cast(told.done as string) || ' of ' || cast(told.agreed as string)
        || ' action items are done, ' || cast(told.overdue as string) || ' overdue' as why -- in a sentence
from told
