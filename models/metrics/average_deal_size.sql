-- average_deal_size: what a won deal is worth, on average
-- grain: one row a won deal whose worth is known
-- key: source, record_id
-- signal: deal size, beside how many there are
-- owner: finance
-- kpi: average deal value
-- okr: grow revenue
-- value: mean
-- unit: money
-- better: higher
-- control: outcome
-- spans: month quarter
-- streams: deals
-- parameters: deal_class: new, expansion, other
--    from_stage:
--    no_zero_amount: false
-- names: deal_class: one of new, expansion, renewal, other
--    from_stage: stage
--    no_zero_amount: one of true, false
-- not_null: source, rep_id, occurred_at, record_type, record_id, numerator, denominator, is_truncated, detail
-- checks: one_each: denominator = 1
-- gaming: small deals left unentered, or several put into one; the count of won deals stands beside it
-- changed: 2026-11-22 first version
--    2026-12-01 renewals apart; from a named stage, and without deals of 0, where the plan says so
select
    closed_deals.source, -- the source's name in merit.yml
    closed_deals.rep_id, -- the owner at the close
    closed_deals.closed_at as occurred_at, -- when it closed
    'deal' as record_type, -- the record is a deal
    closed_deals.deal_id as record_id, -- the CRM's id of the deal
    cast(closed_deals.company_amount as numeric(38, 9)) as numerator, -- its amount in the company's currency, by the rate of the close date
    cast(1 as numeric(38, 9)) as denominator, -- one deal
    metric_closings.is_truncated, -- true: the CRM had forgotten who owned it then, or how its history began where a stage is asked for
    'won for ' || fn.digits(closed_deals.amount, 2) || ' ' || closed_deals.currency as detail -- the amount as the CRM has it
from core.metric_closings
join core.closed_deals
    on closed_deals.source = metric_closings.source
    and closed_deals.deal_id = metric_closings.deal_id
where metric_closings.metric = 'average_deal_size'
    and closed_deals.is_won
    and closed_deals.has_rate
    and closed_deals.amount is not null
