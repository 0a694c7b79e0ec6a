-- stage_to_stage_days: days that a deal takes from one stage to another
-- grain: one row a completed passage, at most one a deal
-- key: source, record_id, occurred_at
-- signal: how long decisions take; slower than usual means that deals are stuck before anybody says so
-- owner: sales management
-- kpi: days from the first stage to a win
-- okr: shorten the sales cycle
-- value: mean
-- unit: days
-- better: lower
-- control: shared
-- spans: month quarter
-- streams: deals
-- parameters: from_stage:
--    to_stage:
--    deal_class:
-- names: deal_class: one of new, expansion, renewal, other
--    from_stage: stage
--    to_stage: stage
-- not_null: source, rep_id, occurred_at, record_type, record_id, numerator, denominator, is_truncated, detail
-- checks: time_goes_forward: numerator >= 0 and denominator = 1
-- gaming: deals entered late, when they are nearly done; instant wins are flagged, and a deal that skipped the first stage has no row
-- changed: 2026-11-22 first version
--    2026-11-22 by the pipeline as it was set up at the time
with named as (
    select
        settings.period,
        sum(case when settings.name = 'from_stage' then 1 else 0 end) as from_stages,
        sum(case when settings.name = 'to_stage' then 1 else 0 end) as to_stages,
        string_agg(settings.name || ' ' || settings.value, '; ' order by settings.name, settings.value) as names
    from plan.settings
    where settings.metric = 'stage_to_stage_days'
        and settings.name in ('from_stage', 'to_stage')
    group by settings.period
),
classes as (
    select settings.period
    from plan.settings
    where settings.metric = 'stage_to_stage_days'
        and settings.name = 'deal_class'
    group by settings.period
),
-- Periods whose plans name the same stages mean the same way, called by the first of them.
ways as (
    select
        periods.period,
        coalesce(named.from_stages, 0) as from_stages,
        coalesce(named.to_stages, 0) as to_stages,
        min(periods.period) over (partition by coalesce(named.names, '')) as way
    from plan.periods
    left join named
        on named.period = periods.period
),
-- A plan that names no stages means from the first one to a win. A name that a pipeline does not have leaves that pipeline out.
stretches as (
    select
        ways.way,
        pipeline_version_stages.source,
        pipeline_version_stages.pipeline_id,
        pipeline_version_stages.pipeline_version,
        min(case
            when ways.from_stages = 0 or from_names.value is not null then pipeline_version_stages.position
        end) as from_position,
        min(case
            when to_names.value is not null or (ways.to_stages = 0 and pipeline_version_stages.is_won) then pipeline_version_stages.position
        end) as to_position
    from ways
    cross join core.pipeline_version_stages
    left join plan.settings as from_names
        on from_names.period = ways.period
        and from_names.metric = 'stage_to_stage_days'
        and from_names.name = 'from_stage'
        and fn.word(from_names.value) in (fn.word(pipeline_version_stages.label), fn.word(pipeline_version_stages.stage_id))
    left join plan.settings as to_names
        on to_names.period = ways.period
        and to_names.metric = 'stage_to_stage_days'
        and to_names.name = 'to_stage'
        and fn.word(to_names.value) in (fn.word(pipeline_version_stages.label), fn.word(pipeline_version_stages.stage_id))
    where ways.period = ways.way
    group by
        ways.way,
        pipeline_version_stages.source,
        pipeline_version_stages.pipeline_id,
        pipeline_version_stages.pipeline_version
),
begun as (
    select
        stretches.way,
        stage_visits.source,
        stage_visits.deal_id,
        min(stage_visits.visit_number) as visit_number,
        min(stage_visits.entered_at) as begun_at
    from core.stage_visits
    join stretches
        on stretches.source = stage_visits.source
        and stretches.pipeline_id = stage_visits.pipeline_id
        and stretches.pipeline_version = stage_visits.pipeline_version
        and stretches.from_position = stage_visits.position
    join core.counted_deals
        on counted_deals.source = stage_visits.source
        and counted_deals.deal_id = stage_visits.deal_id
    where stretches.from_position < stretches.to_position
    group by
        stretches.way,
        stage_visits.source,
        stage_visits.deal_id
),
arrived as (
    select
        begun.way,
        begun.source,
        begun.deal_id,
        begun.begun_at,
        min(stage_visits.visit_number) as visit_number
    from begun
    join core.stage_visits
        on stage_visits.source = begun.source
        and stage_visits.deal_id = begun.deal_id
        and stage_visits.visit_number > begun.visit_number
    join stretches
        on stretches.way = begun.way
        and stretches.source = stage_visits.source
        and stretches.pipeline_id = stage_visits.pipeline_id
        and stretches.pipeline_version = stage_visits.pipeline_version
        and stage_visits.position >= stretches.to_position
    where stretches.from_position < stretches.to_position
    group by
        begun.way,
        begun.source,
        begun.deal_id,
        begun.begun_at
)
select
    arrived.source, -- the source's name in merit.yml
    stage_transitions.rep_id, -- the owner when the passage was complete
    stage_transitions.moved_at as occurred_at, -- when it was complete
    'deal' as record_type, -- the record is a deal
    arrived.deal_id as record_id, -- the CRM's id of the deal
    cast(fn.days(arrived.begun_at, stage_transitions.moved_at) as numeric(38, 9)) as numerator, -- days from the first entry of the one stage to the first later entry of the other or beyond
    cast(1 as numeric(38, 9)) as denominator, -- one passage
    stage_transitions.is_truncated, -- true: the CRM has forgotten how the deal's history began, or who owned it then
    'reached ' || stage_transitions.to_stage as detail -- the stage that ended the passage
from arrived
-- Move 1 ends stay 1.
join core.stage_transitions
    on stage_transitions.source = arrived.source
    and stage_transitions.deal_id = arrived.deal_id
    and stage_transitions.transition_number = arrived.visit_number - 1
join plan.periods
    on stage_transitions.moved_at >= periods.starts_at
    and stage_transitions.moved_at < periods.ends_at
join ways
    on ways.period = periods.period
    and ways.way = arrived.way
left join core.deal_classes
    on deal_classes.source = arrived.source
    and deal_classes.deal_id = arrived.deal_id
left join classes
    on classes.period = periods.period
where stage_transitions.rep_id is not null
    and (
        -- Without a class in the settings every class counts.
        classes.period is null
        or exists (
            select 1
            from plan.settings
            where settings.period = periods.period
                and settings.metric = 'stage_to_stage_days'
                and settings.name = 'deal_class'
                and fn.word(settings.value) = coalesce(deal_classes.deal_class, 'other')
        )
    )
