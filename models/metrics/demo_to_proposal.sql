-- demo_to_proposal: share of demos after which the deal came to the proposal stage or beyond in time
-- grain: one row a demo that is old enough to be judged
-- key: source, record_type, record_id
-- signal: demos that convince
-- owner: sales management
-- kpi: demos that lead to a proposal
-- okr: conversations that move deals
-- value: ratio
-- unit: share
-- better: higher
-- control: shared
-- spans: month quarter
-- streams: deals
-- parameters: proposal_stage: Proposal, Proposal/Price Quote, Proposal/Quote
--    within_days: 30
-- names: proposal_stage: stage
-- not_null: source, rep_id, occurred_at, record_type, record_id, numerator, denominator, is_truncated, detail
-- checks: none_or_one: numerator in (0, 1) and denominator = 1
-- gaming: demos that name no deal count below the line; what a demo is, demos_held says
-- changed: 2026-11-22 first version
with goals as (
    select
        settings.period,
        pipeline_version_stages.source,
        pipeline_version_stages.pipeline_id,
        pipeline_version_stages.pipeline_version,
        min(pipeline_version_stages.position) as position
    from plan.settings
    join core.pipeline_version_stages
        on fn.word(settings.value) in (fn.word(pipeline_version_stages.label), fn.word(pipeline_version_stages.stage_id))
    where settings.metric = 'demo_to_proposal'
        and settings.name = 'proposal_stage'
    group by
        settings.period,
        pipeline_version_stages.source,
        pipeline_version_stages.pipeline_id,
        pipeline_version_stages.pipeline_version
),
mature as (
    select
        demos.source,
        demos.record_type,
        demos.record_id,
        demos.rep_id,
        demos.period,
        demos.held_at,
        demos.is_truncated,
        demos.deal_id,
        demos.visit_number,
        cast(fn.as_number(settings.value) as bigint) as within_days
    from core.demos
    join plan.settings
        on settings.period = demos.period
        and settings.metric = 'demo_to_proposal'
        and settings.name = 'within_days'
    -- Younger demos still have time: they are left out, not counted against the rep.
    where fn.add_days(demos.held_at, cast(fn.as_number(settings.value) as bigint)) <= fn.as_of()
),
about as (
    select
        mature.source,
        mature.record_type,
        mature.record_id,
        mature.period,
        mature.held_at,
        mature.within_days,
        mature.visit_number,
        mature.deal_id
    from mature
    where mature.deal_id is not null
    union all
    select
        mature.source,
        mature.record_type,
        mature.record_id,
        mature.period,
        mature.held_at,
        mature.within_days,
        mature.visit_number,
        activity_subjects.record_id as deal_id
    from mature
    join core.activity_subjects
        on activity_subjects.source = mature.source
        and activity_subjects.activity_id = mature.record_id
        and activity_subjects.record_type = 'deal'
        and activity_subjects.named_by = 'link'
    where mature.record_type = 'activity'
),
reached as (
    select
        about.source,
        about.record_type,
        about.record_id,
        stage_visits.deal_id,
        stage_visits.stage,
        fn.whole_days(fn.day(about.held_at), fn.day(stage_visits.entered_at)) as days,
        row_number() over (
            partition by about.source, about.record_type, about.record_id
            order by stage_visits.entered_at, stage_visits.deal_id, stage_visits.visit_number
        ) as place
    from about
    join core.stage_visits
        on stage_visits.source = about.source
        and stage_visits.deal_id = about.deal_id
        -- Of moves in one instant the order tells which came after the demo.
        and (stage_visits.entered_at > about.held_at or stage_visits.visit_number > about.visit_number)
        and stage_visits.entered_at <= fn.add_days(about.held_at, about.within_days)
    join goals
        on goals.period = about.period
        and goals.source = stage_visits.source
        and goals.pipeline_id = stage_visits.pipeline_id
        and goals.pipeline_version = stage_visits.pipeline_version
        and stage_visits.position >= goals.position
    -- Falling back from a later stage to the proposal is no step towards it.
    where stage_visits.direction in ('first', 'forward')
        and not stage_visits.is_deleted
)
select
    mature.source, -- the source's name in merit.yml
    mature.rep_id, -- who held the demo
    mature.held_at as occurred_at, -- when
    mature.record_type, -- activity, or deal where the plan names a stage
    mature.record_id, -- the CRM's id of it
    case when reached.record_id is null then cast(0 as numeric(38, 9)) else cast(1 as numeric(38, 9)) end as numerator, -- 1: the deal came to the proposal stage or beyond in time
    cast(1 as numeric(38, 9)) as denominator, -- one demo
    mature.is_truncated, -- true: the CRM has forgotten how the deal's history began, or who owned it then
    case
        when reached.record_id is not null then 'deal ' || reached.deal_id || ' came to ' || reached.stage || ' after ' || cast(reached.days as string) || ' days'
        when about.record_id is null then 'the demo names no deal'
        else 'no proposal within ' || cast(mature.within_days as string) || ' days'
    end as detail -- what came of it
from mature
left join reached
    on reached.source = mature.source
    and reached.record_type = mature.record_type
    and reached.record_id = mature.record_id
    and reached.place = 1
left join (
    select about.source, about.record_type, about.record_id
    from about
    group by about.source, about.record_type, about.record_id
) as about
    on about.source = mature.source
    and about.record_type = mature.record_type
    and about.record_id = mature.record_id
