-- deals_revived: deals that had stood still and went forward again
-- grain: one row a forward move to a new furthest stage after a long stay
-- key: source, record_id, occurred_at, detail
-- signal: what was given up and is worth it after all
-- owner: sales management
-- kpi: deals revived a quarter
-- okr: keep the pipeline moving
-- value: sum
-- unit: deals
-- better: higher
-- control: own
-- spans: week month quarter
-- streams: deals, deal_changes
-- parameters: idle_days: 45
-- not_null: source, rep_id, occurred_at, record_type, record_id, numerator, denominator, is_truncated, detail
-- checks: one_each: numerator = 1 and denominator = 1
-- gaming: letting deals lie to revive them; it is meant for recognition, not for pay, and stage_advances counts the same move once
-- changed: 2026-12-01 first version
select
    stage_transitions.source, -- the source's name in merit.yml
    stage_transitions.rep_id, -- the owner at that time
    stage_transitions.moved_at as occurred_at, -- when it went forward
    'deal' as record_type, -- the record is a deal
    stage_transitions.deal_id as record_id, -- the CRM's id of the deal
    cast(1 as numeric(38, 9)) as numerator, -- one move
    cast(1 as numeric(38, 9)) as denominator, -- one move
    stage_transitions.is_truncated or stage_visits.is_truncated as is_truncated, -- true: the CRM has forgotten how long it stood still, or who owned it then
    stage_transitions.from_stage || ' -> ' || stage_transitions.to_stage || ' after '
        || cast(cast(floor(stage_visits.days) as bigint) as string) || ' days' as detail -- the move
from core.stage_transitions
join core.stage_visits
    on stage_visits.source = stage_transitions.source
    and stage_visits.deal_id = stage_transitions.deal_id
    and stage_visits.visit_number = stage_transitions.transition_number
join core.rep_assignments
    on rep_assignments.rep_id = stage_transitions.rep_id
    and stage_transitions.moved_at >= rep_assignments.starts_at
    and stage_transitions.moved_at < rep_assignments.ends_at
join plan.settings
    on settings.period = rep_assignments.period
    and settings.metric = 'deals_revived'
    and settings.name = 'idle_days'
left join core.duplicate_deals
    on duplicate_deals.source = stage_transitions.source
    and duplicate_deals.deal_id = stage_transitions.deal_id
where stage_transitions.is_advance
    and not stage_transitions.is_deleted
    and not stage_visits.is_closed
    and stage_visits.days >= fn.as_number(settings.value)
    and duplicate_deals.deal_id is null
