-- named_stage_entries: when each deal first came to a stage that a metric's settings name, or beyond it
-- grain: one row a deal, period and setting that names stages
-- key: metric, name, period, source, deal_id
-- signal: deals that were accepted, demonstrated or proposed, whatever a pipeline calls it
-- owner: revenue operations
-- not_null: metric, name, period, source, deal_id, entered_at, visit_number, stage, is_truncated
-- gaming: deals put into the stage to be counted; each entry can be looked up in core.stage_visits
-- changed: 2026-12-01 first version
with goals as (
    select
        settings.metric,
        settings.name,
        settings.period,
        pipeline_version_stages.source,
        pipeline_version_stages.pipeline_id,
        pipeline_version_stages.pipeline_version,
        min(pipeline_version_stages.position) as position
    from plan.settings
    join core.pipeline_version_stages
        -- By label or by value, in any spelling.
        on fn.word(settings.value) in (fn.word(pipeline_version_stages.label), fn.word(pipeline_version_stages.stage_id))
    where settings.name = 'from_stage'
        and settings.metric in ('win_rate', 'sales_cycle_days', 'average_deal_size')
        or settings.name = 'stage'
        and settings.metric = 'qualified_opportunities'
        or settings.name in ('from_stage', 'to_stage')
        and settings.metric = 'stage_conversion'
    group by
        settings.metric,
        settings.name,
        settings.period,
        pipeline_version_stages.source,
        pipeline_version_stages.pipeline_id,
        pipeline_version_stages.pipeline_version
),
entries as (
    select
        goals.metric,
        goals.name,
        goals.period,
        stage_visits.source,
        stage_visits.deal_id,
        stage_visits.entered_at,
        stage_visits.visit_number,
        stage_visits.stage,
        stage_visits.is_truncated,
        row_number() over (
            partition by goals.metric, goals.name, goals.period, stage_visits.source, stage_visits.deal_id
            order by stage_visits.visit_number
        ) as place
    from goals
    join core.stage_visits
        on stage_visits.source = goals.source
        and stage_visits.pipeline_id = goals.pipeline_id
        and stage_visits.pipeline_version = goals.pipeline_version
        and stage_visits.position >= goals.position
)
select
    entries.metric, -- the metric whose setting it is
    entries.name, -- the setting
    entries.period, -- fiscal year and quarter in which it says so
    entries.source, -- the source's name in merit.yml
    entries.deal_id, -- the deal
    entries.entered_at, -- when it first came there or beyond; of a deal without history, since when it is there as far as anybody knows
    entries.visit_number, -- the visit of core.stage_visits
    entries.stage, -- the stage it came to, by its label of then
    entries.is_truncated -- true: the CRM has forgotten how the deal's history began
from entries
where entries.place = 1
