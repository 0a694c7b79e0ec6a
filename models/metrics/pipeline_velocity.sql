-- pipeline_velocity: days that a deal takes from one stage to another
-- grain: one row a completed passage, at most one a deal
-- key: source, record_id, occurred_at
-- signal: how long decisions take; slower than usual means that deals are stuck before anybody says so
-- owner: sales management
-- kpi: days from the first stage to a win
-- okr: shorten the sales cycle
-- value: mean
-- unit: days
-- better: lower
-- parameters: from_stage:
--    to_stage:
-- present: source, rep_id, occurred_at, record_type, record_id, numerator, denominator, is_truncated, detail
-- checks: time_goes_forward: numerator >= 0 and denominator = 1
-- games: deals entered late, when they are nearly done; instant wins are flagged, and a deal that skipped the first stage has no row
-- changed: 2026-11-22 first version
with named as (
    select
        settings.period,
        sum(case when settings.name = 'from_stage' then 1 else 0 end) as from_stages,
        sum(case when settings.name = 'to_stage' then 1 else 0 end) as to_stages
    from plan.settings
    where settings.metric = 'pipeline_velocity'
    group by settings.period
),
-- A plan that names no stages means from the first one to a win. A name that a pipeline does not have leaves that pipeline out.
ladders as (
    select
        periods.period,
        stages.source,
        stages.pipeline_id,
        min(case
            when coalesce(named.from_stages, 0) = 0 or from_names.value is not null then stages.position
        end) as from_position,
        min(case
            when to_names.value is not null or (coalesce(named.to_stages, 0) = 0 and stages.is_won) then stages.position
        end) as to_position
    from plan.periods
    cross join core.stages
    left join named
        on named.period = periods.period
    left join plan.settings as from_names
        on from_names.period = periods.period
        and from_names.metric = 'pipeline_velocity'
        and from_names.name = 'from_stage'
        and from_names.value = stages.label
    left join plan.settings as to_names
        on to_names.period = periods.period
        and to_names.metric = 'pipeline_velocity'
        and to_names.name = 'to_stage'
        and to_names.value = stages.label
    group by
        periods.period,
        stages.source,
        stages.pipeline_id
),
stretches as (
    select
        ladders.source,
        ladders.pipeline_id,
        ladders.from_position,
        ladders.to_position
    from ladders
    where ladders.from_position < ladders.to_position
    group by
        ladders.source,
        ladders.pipeline_id,
        ladders.from_position,
        ladders.to_position
),
begun as (
    select
        stage_visits.source,
        stage_visits.deal_id,
        stage_visits.pipeline_id,
        stretches.from_position,
        stretches.to_position,
        min(stage_visits.visit_number) as visit_number,
        min(stage_visits.entered_at) as begun_at
    from core.stage_visits
    join stretches
        on stretches.source = stage_visits.source
        and stretches.pipeline_id = stage_visits.pipeline_id
        and stretches.from_position = stage_visits.position
    left join core.deal_copies
        on deal_copies.source = stage_visits.source
        and deal_copies.deal_id = stage_visits.deal_id
    where not stage_visits.is_deleted
        and deal_copies.deal_id is null
    group by
        stage_visits.source,
        stage_visits.deal_id,
        stage_visits.pipeline_id,
        stretches.from_position,
        stretches.to_position
),
arrivals as (
    select
        begun.source,
        begun.deal_id,
        begun.pipeline_id,
        begun.from_position,
        begun.to_position,
        begun.begun_at,
        stage_transitions.moved_at as reached_at,
        stage_transitions.to_stage as stage,
        stage_transitions.rep_id,
        stage_transitions.is_truncated,
        row_number() over (
            partition by begun.source, begun.deal_id, begun.from_position, begun.to_position
            order by stage_transitions.transition_number
        ) as arrival
    from begun
    -- Move 1 ends stay 1: the moves after a stay have its number and the higher ones.
    join core.stage_transitions
        on stage_transitions.source = begun.source
        and stage_transitions.deal_id = begun.deal_id
        and stage_transitions.transition_number >= begun.visit_number
        and stage_transitions.to_position >= begun.to_position
)
select
    arrivals.source, -- the source's name in merit.yml
    rep_spans.rep_id, -- the owner when the passage was complete
    arrivals.reached_at as occurred_at, -- when it was complete
    'deal' as record_type, -- the record is a deal
    arrivals.deal_id as record_id, -- the CRM's id of the deal
    cast(fn.days(arrivals.begun_at, arrivals.reached_at) as numeric(38, 9)) as numerator, -- days from the first entry of the one stage to the first later entry of the other or beyond
    cast(1 as numeric(38, 9)) as denominator, -- one passage
    arrivals.is_truncated, -- true: the CRM has forgotten how the deal's history began
    'reached ' || arrivals.stage as detail -- the stage that ended the passage
from arrivals
join core.rep_spans
    on rep_spans.rep_id = arrivals.rep_id
    and arrivals.reached_at >= rep_spans.starts_at
    and arrivals.reached_at < rep_spans.ends_at
join ladders
    on ladders.period = rep_spans.period
    and ladders.source = arrivals.source
    and ladders.pipeline_id = arrivals.pipeline_id
    and ladders.from_position = arrivals.from_position
    and ladders.to_position = arrivals.to_position
where arrivals.arrival = 1
