-- stale_deals: share of the open deals on which nothing has happened for too long
-- grain: one row a deal open at the period's end, or at the build
-- key: source, record_id, occurred_at
-- signal: deals that are dead and not yet called so
-- owner: sales management
-- kpi: stale deals
-- okr: a forecast that the company can plan by
-- value: ratio
-- unit: share
-- better: lower
-- control: own
-- spans: quarter
-- streams: deals, activities
-- parameters: stale_days: 21
-- not_null: source, rep_id, occurred_at, record_type, record_id, numerator, denominator, is_truncated, detail
-- checks: none_or_one: numerator in (0, 1) and denominator = 1
-- gaming: a note a week without news: qualified_touch_rate shows what came of the work
-- changed: 2026-12-01 first version
with rules as (
    select
        settings.period,
        max(cast(fn.as_number(settings.value) as bigint)) as stale_days
    from plan.settings
    where settings.metric = 'stale_deals'
        and settings.name = 'stale_days'
    group by settings.period
),
touches as (
    select
        activity_subjects.source,
        activity_subjects.record_id as deal_id,
        rep_activities.occurred_at as happened_at
    from core.activity_subjects
    join core.rep_activities
        on rep_activities.source = activity_subjects.source
        and rep_activities.activity_id = activity_subjects.activity_id
    where activity_subjects.record_type = 'deal'
        and rep_activities.is_completed
    union all
    select
        deal_changes.source,
        deal_changes.deal_id,
        deal_changes.changed_at as happened_at
    from staging.deal_changes
    where coalesce(deal_changes.changed_through, 'user') <> 'automation'
),
open_deals as (
    select
        deals_at_period_end.source,
        deals_at_period_end.deal_id,
        deals_at_period_end.period,
        deals_at_period_end.rep_id,
        deals_at_period_end.measured_at,
        deals_at_period_end.is_truncated,
        rules.stale_days,
        -- Nothing has happened since it was created, or came into its stage, whichever was later.
        max(coalesce(touches.happened_at, deals_at_period_end.entered_at)) as last_at,
        min(deals_at_period_end.entered_at) as entered_at
    from core.deals_at_period_end
    join rules
        on rules.period = deals_at_period_end.period
    left join touches
        on touches.source = deals_at_period_end.source
        and touches.deal_id = deals_at_period_end.deal_id
        and touches.happened_at <= deals_at_period_end.measured_at
    where not deals_at_period_end.is_closed
    group by
        deals_at_period_end.source,
        deals_at_period_end.deal_id,
        deals_at_period_end.period,
        deals_at_period_end.rep_id,
        deals_at_period_end.measured_at,
        deals_at_period_end.is_truncated,
        rules.stale_days
)
select
    open_deals.source, -- the source's name in merit.yml
    open_deals.rep_id, -- the owner at the period's end
    open_deals.measured_at as occurred_at, -- the period's last instant, or the build's
    'deal' as record_type, -- the record is a deal
    open_deals.deal_id as record_id, -- the CRM's id of the deal
    case
        when fn.days(case when open_deals.last_at > open_deals.entered_at then open_deals.last_at else open_deals.entered_at end, open_deals.measured_at) >= open_deals.stale_days
            then cast(1 as numeric(38, 9))
        else cast(0 as numeric(38, 9))
    end as numerator, -- 1: stale
    cast(1 as numeric(38, 9)) as denominator, -- one open deal
    open_deals.is_truncated, -- true: the CRM has forgotten how the deal's history began, or who owned it then
    'last seen to move on ' || cast(fn.day(case when open_deals.last_at > open_deals.entered_at then open_deals.last_at else open_deals.entered_at end) as string) as detail -- since when nothing has happened
from open_deals
