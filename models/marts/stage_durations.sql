-- stage_durations: how long the deals of each rep were in each stage
-- grain: one row a rep, period and stage in which visits ended
-- key: rep_id, period, source, pipeline_id, stage_id
-- signal: the stage in which deals get stuck
-- owner: sales management
-- not_null: rep_id, period, source, pipeline_id, stage_id, stage, visits, deals, mean_days, median_days, p90_days, truncated_visits, computed_at
-- checks: in_order: median_days <= p90_days
-- changed: 2026-11-22 first version
--    2026-11-22 copies of another source's deals are left out
--    2026-11-22 deals that a steward took out are left out
with ended as (
    select
        rep_assignments.rep_id,
        rep_assignments.period,
        stage_visits.source,
        stage_visits.pipeline_id,
        stage_visits.stage_id,
        stage_visits.stage,
        stage_visits.position,
        stage_visits.deal_id,
        stage_visits.days,
        stage_visits.is_truncated,
        stage_visits.visit_number
    from core.stage_visits
    -- The move that ended the visit knows its owner: move 1 ended visit 1.
    join core.stage_transitions
        on stage_transitions.source = stage_visits.source
        and stage_transitions.deal_id = stage_visits.deal_id
        and stage_transitions.transition_number = stage_visits.visit_number
    join core.rep_assignments
        on rep_assignments.rep_id = stage_transitions.rep_id
        and stage_transitions.moved_at >= rep_assignments.starts_at
        and stage_transitions.moved_at < rep_assignments.ends_at
    join core.counted_deals
        on counted_deals.source = stage_visits.source
        and counted_deals.deal_id = stage_visits.deal_id
    where not stage_visits.is_closed
        and not counted_deals.is_excluded
),
ranked as (
    select
        ended.rep_id,
        ended.period,
        ended.source,
        ended.pipeline_id,
        ended.stage_id,
        ended.stage,
        ended.position,
        ended.deal_id,
        ended.days,
        ended.is_truncated,
        row_number() over (
            partition by ended.rep_id, ended.period, ended.source, ended.pipeline_id, ended.stage_id
            order by ended.days, ended.deal_id, ended.visit_number
        ) as place,
        count(*) over (
            partition by ended.rep_id, ended.period, ended.source, ended.pipeline_id, ended.stage_id
        ) as places
    from ended
)
select
    ranked.rep_id, -- the owner when the visit ended
    ranked.period, -- the period in which it ended
    ranked.source, -- the source's name in merit.yml
    ranked.pipeline_id, -- the deal's pipeline
    ranked.stage_id, -- the stage, as the CRM names it
    min(ranked.stage) as stage, -- its label for people
    min(ranked.position) as position, -- its place in the pipeline, from 1; null: unknown
    count(*) as visits, -- visits that ended; those that go on are not averaged in
    count(distinct ranked.deal_id) as deals, -- deals among them
    cast(fn.ratio(sum(ranked.days), count(*)) as numeric(18, 6)) as mean_days, -- mean length of a visit
    cast(
        fn.ratio(
            sum(case when 2 * ranked.place between ranked.places and ranked.places + 2 then ranked.days end),
            sum(case when 2 * ranked.place between ranked.places and ranked.places + 2 then 1 end)
        ) as numeric(18, 6)
    ) as median_days, -- half of the visits were no longer
    -- The first of the ordered visits that has nine tenths of them at or before it.
    cast(min(case when 10 * ranked.place >= 9 * ranked.places then ranked.days end) as numeric(18, 6)) as p90_days, -- nine of ten visits were no longer
    cast(sum(case when ranked.is_truncated then 1 else 0 end) as bigint) as truncated_visits, -- visits of deals whose history the CRM has forgotten in part
    fn.as_of() as computed_at -- the instant that the numbers speak of
from ranked
group by
    ranked.rep_id,
    ranked.period,
    ranked.source,
    ranked.pipeline_id,
    ranked.stage_id
