-- mission_results: which missions that people were shown are done
-- grain: one row a mission that an earlier build showed
-- key: mission_id
-- signal: whether advice is followed on its day
-- owner: sales management
-- not_null: mission_id, rep_id, day_on
-- checks: counted: done is null or done >= 0
-- changed: 2026-12-01 first version
with missions as (
    select
        shown.id as mission_id,
        shown.rep_id,
        shown.day_on,
        shown.metric,
        shown.target,
        shown.source,
        shown.record_id,
        shown.shown_at,
        coalesce(rep_days.time_zone, fn.zone()) as time_zone
    from plan.shown
    left join recognition.rep_days
        on rep_days.rep_id = shown.rep_id
        and rep_days.day_on = shown.day_on
    where shown.kind = 'mission'
        and shown.shown_at < fn.as_of()
),
-- What was done before the mission was shown made it smaller already.
records as (
    select
        missions.mission_id,
        missions.target,
        metric_evidence.occurred_at,
        sum(metric_evidence.numerator) over (
            partition by missions.mission_id
            order by metric_evidence.occurred_at, metric_evidence.source, metric_evidence.record_id
            rows between unbounded preceding and current row
        ) as so_far
    from missions
    join scores.metric_evidence
        on metric_evidence.rep_id = missions.rep_id
        and metric_evidence.metric = missions.metric
    where missions.target is not null
        and not metric_evidence.is_excluded
        and metric_evidence.occurred_at > missions.shown_at
        and fn.day_in(metric_evidence.occurred_at, missions.time_zone) = missions.day_on
),
counted as (
    select
        records.mission_id,
        max(records.so_far) as done,
        min(case when records.so_far >= records.target then records.occurred_at end) as done_at
    from records
    group by records.mission_id
),
followed as (
    select
        next_actions.action_id,
        next_actions.rep_id,
        next_actions.source,
        next_actions.record_id,
        next_actions.metric,
        next_actions.followed_at
    from marts.next_actions
    where next_actions.state = 'followed'
)
select
    missions.mission_id, -- made of person, day and place: the same in every build
    missions.rep_id, -- the company's own id of the person
    missions.day_on, -- whose day it was
    case when missions.target is not null then coalesce(counted.done, cast(0 as numeric(38, 9))) end as done, -- how much of what was to be counted; null: it is about a record
    coalesce(counted.done_at, min(case when fn.day_in(followed.followed_at, missions.time_zone) >= missions.day_on then followed.followed_at end)) as done_at -- when it was done; null: it was not, or not yet
from missions
left join counted
    on counted.mission_id = missions.mission_id
left join followed
    on followed.rep_id = missions.rep_id
    and followed.source = missions.source
    and followed.record_id = missions.record_id
    and followed.metric = missions.metric
group by
    missions.mission_id,
    missions.rep_id,
    missions.day_on,
    missions.target,
    counted.done,
    counted.done_at
