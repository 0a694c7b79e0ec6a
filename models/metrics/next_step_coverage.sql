-- next_step_coverage: share of the open deals with something planned: a meeting ahead or a task that is due
-- grain: one row a deal open at the period's end, or at the build
-- key: source, record_id, occurred_at
-- signal: deals that somebody is working on
-- owner: sales management
-- kpi: open deals with a next step
-- okr: keep the pipeline moving
-- value: ratio
-- unit: share
-- better: higher
-- control: own
-- spans: quarter
-- streams: deals, activities
-- not_null: source, rep_id, occurred_at, record_type, record_id, numerator, denominator, is_truncated, detail
-- checks: none_or_one: numerator in (0, 1) and denominator = 1
-- gaming: tasks without an aim; overdue_follow_ups_cleared and demo_to_proposal show what came of them
-- changed: 2026-12-01 first version
with planned as (
    select
        activity_subjects.source,
        activity_subjects.record_id as deal_id,
        rep_activities.kind,
        rep_activities.occurred_at,
        coalesce(rep_activities.created_at, rep_activities.occurred_at) as planned_at,
        rep_activities.completed_at
    from core.activity_subjects
    join core.rep_activities
        on rep_activities.source = activity_subjects.source
        and rep_activities.activity_id = activity_subjects.activity_id
    where activity_subjects.record_type = 'deal'
        and rep_activities.kind in ('meeting', 'task')
),
next_steps as (
    select
        deals_at_period_end.source,
        deals_at_period_end.deal_id,
        deals_at_period_end.period,
        min(planned.occurred_at) as next_at
    from core.deals_at_period_end
    join planned
        on planned.source = deals_at_period_end.source
        and planned.deal_id = deals_at_period_end.deal_id
        and planned.planned_at <= deals_at_period_end.measured_at
        and planned.occurred_at > deals_at_period_end.measured_at
    where not deals_at_period_end.is_closed
        and coalesce(planned.completed_at > deals_at_period_end.measured_at, true)
    group by
        deals_at_period_end.source,
        deals_at_period_end.deal_id,
        deals_at_period_end.period
)
select
    deals_at_period_end.source, -- the source's name in merit.yml
    deals_at_period_end.rep_id, -- the owner at the period's end
    deals_at_period_end.measured_at as occurred_at, -- the period's last instant, or the build's
    'deal' as record_type, -- the record is a deal
    deals_at_period_end.deal_id as record_id, -- the CRM's id of the deal
    case when next_steps.deal_id is null then cast(0 as numeric(38, 9)) else cast(1 as numeric(38, 9)) end as numerator, -- 1: something is planned
    cast(1 as numeric(38, 9)) as denominator, -- one open deal
    deals_at_period_end.is_truncated, -- true: the CRM has forgotten how the deal's history began, or who owned it then
    coalesce('planned for ' || cast(fn.day(next_steps.next_at) as string), 'nothing is planned') as detail -- what is planned
from core.deals_at_period_end
left join next_steps
    on next_steps.source = deals_at_period_end.source
    and next_steps.deal_id = deals_at_period_end.deal_id
    and next_steps.period = deals_at_period_end.period
where not deals_at_period_end.is_closed
