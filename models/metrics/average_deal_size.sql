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
-- present: source, rep_id, occurred_at, record_type, record_id, numerator, denominator, is_truncated, detail
-- checks: one_each: denominator = 1
-- games: small deals left unentered, or several put into one; the count of won deals stands beside it
-- changed: 2026-11-22 first version
select
    closed_deals.source, -- the source's name in merit.yml
    closed_deals.rep_id, -- the owner at the close
    closed_deals.closed_at as occurred_at, -- when it closed
    'deal' as record_type, -- the record is a deal
    closed_deals.deal_id as record_id, -- the CRM's id of the deal
    cast(closed_deals.company_amount as numeric(38, 9)) as numerator, -- its amount in the company's currency, by the rate of the close date
    cast(1 as numeric(38, 9)) as denominator, -- one deal
    closed_deals.is_truncated, -- true: the CRM had forgotten who owned it then
    'won for ' || fn.digits(closed_deals.amount, 2) || ' ' || closed_deals.currency as detail -- the amount as the CRM has it
from core.closed_deals
join core.rep_spans
    on rep_spans.rep_id = closed_deals.rep_id
    and closed_deals.closed_at >= rep_spans.starts_at
    and closed_deals.closed_at < rep_spans.ends_at
where closed_deals.is_won
    and closed_deals.has_rate
    and closed_deals.amount is not null
