-- expansion_wins: deals won with customers whom the owner had asked what they need before the deal was there
-- grain: one row a won expansion deal whose owner held a discovery activity before it was created
-- key: source, record_id
-- signal: growth that was worked for, not renewals that came by themselves
-- owner: customer success
-- kpi: expansion deals won
-- okr: grow with the customers that we have
-- value: sum
-- unit: deals
-- better: higher
-- control: outcome
-- spans: month quarter
-- streams: deals, activities
-- parameters: deal_class: expansion
--    discovery: Discovery
--    within_days: 180
-- names: deal_class: one of new, expansion, renewal, other
--    discovery: subtype
-- not_null: source, rep_id, occurred_at, record_type, record_id, numerator, denominator, is_truncated, detail
-- checks: one_each: numerator = 1 and denominator = 1
-- gaming: a discovery logged afterwards; it must have taken place and been logged before the deal was created
-- changed: 2026-11-22 first version
--    2026-12-01 by the class of the deal, not by names of types
with won as (
    select
        closed_deals.source,
        closed_deals.deal_id,
        closed_deals.account_id,
        closed_deals.rep_id,
        closed_deals.created_at,
        closed_deals.closed_at,
        closed_deals.amount,
        closed_deals.currency,
        closed_deals.is_truncated,
        periods.period
    from core.closed_deals
    join plan.periods
        on closed_deals.closed_at >= periods.starts_at
        and closed_deals.closed_at < periods.ends_at
    join core.deal_classes
        on deal_classes.source = closed_deals.source
        and deal_classes.deal_id = closed_deals.deal_id
    where closed_deals.is_won
        and closed_deals.rep_id is not null
        and exists (
            select 1
            from plan.settings
            where settings.period = periods.period
                and settings.metric = 'expansion_wins'
                and settings.name = 'deal_class'
                and fn.word(settings.value) = deal_classes.deal_class
        )
),
discovered as (
    select
        won.source,
        won.deal_id,
        max(activity_accounts.occurred_at) as discovered_at
    from won
    join plan.settings as spans
        on spans.period = won.period
        and spans.metric = 'expansion_wins'
        and spans.name = 'within_days'
    join plan.settings as kinds
        on kinds.period = won.period
        and kinds.metric = 'expansion_wins'
        and kinds.name = 'discovery'
    join core.activity_accounts
        on activity_accounts.source = won.source
        and activity_accounts.account_id = won.account_id
        and activity_accounts.rep_id = won.rep_id
        and fn.word(activity_accounts.subtype) = fn.word(kinds.value)
        and activity_accounts.occurred_at < won.created_at
        and activity_accounts.occurred_at >= fn.add_days(won.created_at, -cast(fn.as_number(spans.value) as bigint))
    join core.rep_activities
        on rep_activities.source = activity_accounts.source
        and rep_activities.activity_id = activity_accounts.activity_id
        and coalesce(rep_activities.created_at, rep_activities.occurred_at) < won.created_at
    where activity_accounts.is_completed
    group by
        won.source,
        won.deal_id
)
select
    won.source, -- the source's name in merit.yml
    won.rep_id, -- the owner at the close
    won.closed_at as occurred_at, -- when it was won
    'deal' as record_type, -- the record is a deal
    won.deal_id as record_id, -- the CRM's id of the deal
    cast(1 as numeric(38, 9)) as numerator, -- one win
    cast(1 as numeric(38, 9)) as denominator, -- one win
    won.is_truncated, -- true: the CRM had forgotten who owned it then
    'expansion won' || coalesce(' for ' || fn.digits(won.amount, 2) || ' ' || won.currency, '')
        || ', discovery on ' || cast(fn.day(discovered.discovered_at) as string) as detail -- what it was worth, and when the need was found
from won
join discovered
    on discovered.source = won.source
    and discovered.deal_id = won.deal_id
