-- demos: each demo held, by an activity of the kind that the plan names, or by a deal's first entry of the stage that it names
-- grain: one row a demo
-- key: source, record_type, record_id
-- signal: customers who saw the product
-- owner: sales management
-- not_null: source, record_type, record_id, rep_id, period, held_at, is_truncated
-- checks: record_types: record_type in ('activity', 'deal')
-- gaming: any meeting called a demo; demo_to_proposal shows what came of them
-- changed: 2026-11-22 first version
with held as (
    select
        rep_activities.source,
        'activity' as record_type,
        rep_activities.activity_id as record_id,
        rep_activities.rep_id,
        periods.period,
        rep_activities.occurred_at as held_at,
        rep_activities.deal_id,
        false as is_truncated,
        cast(null as bigint) as visit_number
    from core.rep_activities
    join plan.periods
        on rep_activities.occurred_at >= periods.starts_at
        and rep_activities.occurred_at < periods.ends_at
    where exists (
            select 1
            from plan.settings
            where settings.period = periods.period
                and settings.metric = 'demos_held'
                and settings.name = 'subtype'
                and fn.word(settings.value) = fn.word(rep_activities.subtype)
        )
        and rep_activities.is_completed
        and rep_activities.kind in ('meeting', 'call')
        and rep_activities.occurred_at <= fn.as_of()
    union all
    select
        stage_transitions.source,
        'deal' as record_type,
        stage_transitions.deal_id as record_id,
        stage_transitions.rep_id,
        periods.period,
        stage_transitions.moved_at as held_at,
        stage_transitions.deal_id,
        stage_transitions.is_truncated,
        stage_transitions.transition_number + 1 as visit_number
    from core.stage_transitions
    join plan.periods
        on stage_transitions.moved_at >= periods.starts_at
        and stage_transitions.moved_at < periods.ends_at
    join core.counted_deals
        on counted_deals.source = stage_transitions.source
        and counted_deals.deal_id = stage_transitions.deal_id
    where exists (
            select 1
            from plan.settings
            where settings.period = periods.period
                and settings.metric = 'demos_held'
                and settings.name = 'stage'
                and fn.word(settings.value) in (fn.word(stage_transitions.to_stage), fn.word(stage_transitions.to_stage_id))
        )
        and stage_transitions.is_advance
        and stage_transitions.rep_id is not null
)
select
    held.source, -- the source's name in merit.yml
    held.record_type, -- activity, or deal where the plan names a stage
    held.record_id, -- the CRM's id of it
    held.rep_id, -- who held it
    held.period, -- fiscal year and quarter
    held.held_at, -- when
    held.deal_id, -- the deal that it was held for; null: none named
    held.is_truncated, -- true: the CRM has forgotten how the deal's history began, or who owned it then
    held.visit_number -- the deal's stay that was the demo: what comes after it, if only by order, came of it; null: an activity
from held
