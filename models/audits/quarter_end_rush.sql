-- quarter_end_rush: advances that come in the last days of a period
-- grain: one row an advance
-- key: source, rep_id, record_id, occurred_at
-- signal: stages that are moved for the score, not when the customer moved
-- owner: revenue operations
-- severity: high
-- test: share
-- span: period
-- parameters: least: 8
--    days: 3
-- not_null: source, rep_id, occurred_at, record_type, record_id, is_suspect, detail
-- gaming: a rush a week earlier; the score of each week shows it
-- changed: 2026-11-30 first version
select
    stage_transitions.source, -- the source's name in merit.yml
    stage_transitions.rep_id, -- who owned the deal
    stage_transitions.moved_at as occurred_at, -- when it advanced
    'deal' as record_type, -- the record is a deal
    stage_transitions.deal_id as record_id, -- the CRM's id of it
    fn.day(stage_transitions.moved_at)
        > fn.date_after(periods.ends_on, -cast(fn.as_number(settings.value) as bigint)) as is_suspect, -- true: in the last days of the period
    max('advanced from ' || stage_transitions.from_stage || ' to ' || stage_transitions.to_stage) as detail -- the advance, in words; of several in one instant, one
from core.stage_transitions
join core.rep_assignments
    on rep_assignments.rep_id = stage_transitions.rep_id
    and stage_transitions.moved_at >= rep_assignments.starts_at
    and stage_transitions.moved_at < rep_assignments.ends_at
join plan.periods
    on periods.period = rep_assignments.period
join plan.settings
    on settings.period = rep_assignments.period
    and settings.metric = 'quarter_end_rush'
    and settings.name = 'days'
where stage_transitions.is_advance
    and not stage_transitions.is_deleted
group by
    stage_transitions.source,
    stage_transitions.rep_id,
    stage_transitions.moved_at,
    stage_transitions.deal_id,
    periods.ends_on,
    settings.value
