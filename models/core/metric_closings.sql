-- metric_closings: the closed deals that win rate, cycle and deal size are each made of, as their settings choose them
-- grain: one row a metric and closed deal
-- key: metric, source, deal_id
-- signal: new business is not measured together with renewals unless the plan says so
-- owner: sales management
-- not_null: metric, source, deal_id, rep_id, period, closed_at, is_won, deal_class, begun_at, is_truncated
-- checks: metrics: metric in ('win_rate', 'sales_cycle_days', 'average_deal_size')
-- gaming: losses left open for ever, renewals typed as new business; hygiene_score and core.deal_classes show both
-- changed: 2026-12-01 first version
with measured as (
    select 'win_rate' as metric
    union all select 'sales_cycle_days' as metric
    union all select 'average_deal_size' as metric
),
rules as (
    select
        periods.period,
        measured.metric,
        sum(case when settings.name = 'deal_class' then 1 else 0 end) as classes,
        sum(case when settings.name = 'from_stage' then 1 else 0 end) as from_stages,
        max(case when settings.name = 'no_zero_amount' and lower(settings.value) = 'true' then 1 else 0 end) = 1 as leaves_out_zero
    from plan.periods
    cross join measured
    left join plan.settings
        on settings.period = periods.period
        and settings.metric = measured.metric
    group by
        periods.period,
        measured.metric
),
chosen as (
    select
        settings.period,
        settings.metric,
        fn.word(settings.value) as deal_class
    from plan.settings
    where settings.name = 'deal_class'
    group by
        settings.period,
        settings.metric,
        fn.word(settings.value)
)
select
    rules.metric, -- win_rate, sales_cycle_days or average_deal_size
    closed_deals.source, -- the source's name in merit.yml
    closed_deals.deal_id, -- the deal
    closed_deals.rep_id, -- the owner at the close
    periods.period, -- fiscal year and quarter in which it closed
    closed_deals.closed_at, -- since when it is won, or lost
    closed_deals.is_won, -- true: won; false: lost
    coalesce(deal_classes.deal_class, 'other') as deal_class, -- new, expansion, renewal or other
    case when rules.from_stages > 0 then named_stage_entries.entered_at else closed_deals.created_at end as begun_at, -- when it was created, or first came to the stage from which the settings count
    closed_deals.is_truncated
        or coalesce(rules.from_stages > 0 and named_stage_entries.is_truncated, false) as is_truncated -- true: the CRM had forgotten who owned it then, or how its history began where a stage is asked for
from core.closed_deals
join plan.periods
    on closed_deals.closed_at >= periods.starts_at
    and closed_deals.closed_at < periods.ends_at
join rules
    on rules.period = periods.period
left join core.deal_classes
    on deal_classes.source = closed_deals.source
    and deal_classes.deal_id = closed_deals.deal_id
left join chosen
    on chosen.period = rules.period
    and chosen.metric = rules.metric
    and chosen.deal_class = coalesce(deal_classes.deal_class, 'other')
left join core.named_stage_entries
    on named_stage_entries.metric = rules.metric
    and named_stage_entries.name = 'from_stage'
    and named_stage_entries.period = rules.period
    and named_stage_entries.source = closed_deals.source
    and named_stage_entries.deal_id = closed_deals.deal_id
    and named_stage_entries.entered_at <= closed_deals.closed_at
where closed_deals.rep_id is not null
    -- Without a class in the settings every class counts.
    and (rules.classes = 0 or chosen.deal_class is not null)
    -- A deal that never came to the stage was never accepted as one: neither won nor lost.
    and (rules.from_stages = 0 or named_stage_entries.deal_id is not null)
    and not (rules.leaves_out_zero and coalesce(closed_deals.amount = 0, false))
