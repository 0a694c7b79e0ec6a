-- total_won_arr: yearly recurring revenue of all deals won, renewals in full
-- grain: one row a won deal and rep credited with it
-- key: source, record_id, rep_id
-- signal: what the company sold, beside what of it is new
-- owner: finance
-- kpi: yearly recurring revenue won
-- okr: grow recurring revenue
-- value: sum
-- unit: money
-- better: higher
-- control: outcome
-- spans: month quarter
-- streams: deals
-- not_null: source, rep_id, occurred_at, record_type, record_id, numerator, denominator, is_truncated, detail
-- checks: one_each: denominator = 1
-- gaming: renewals counted as growth: closed_won_arr counts what they add alone. What an amount is, closed_won_arr says
-- changed: 2026-12-01 first version
select
    yearly_revenues.source, -- the source's name in merit.yml
    deal_credits.rep_id, -- who is credited: by splits or team roles, else the owner at the close
    yearly_revenues.closed_at as occurred_at, -- when it was won
    'deal' as record_type, -- the record is a deal
    yearly_revenues.deal_id as record_id, -- the CRM's id of it
    cast(cast(yearly_revenues.arr as numeric(28, 2)) * cast(deal_credits.share as numeric(10, 9)) as numeric(38, 9)) as numerator, -- the rep's share; 0 where it is not known, see unknown_reason
    cast(1 as numeric(38, 9)) as denominator, -- one deal
    closed_deals.is_truncated, -- true: the CRM had forgotten who owned it then
    yearly_revenues.deal_class || ', ' || fn.digits(yearly_revenues.arr, 2) || ' a year by ' || yearly_revenues.basis as detail, -- how the yearly figure came about
    yearly_revenues.unknown_reason as unknown_reason -- why it is not known, which makes the sum unknown; null: it is
from core.yearly_revenues
join core.closed_deals
    on closed_deals.source = yearly_revenues.source
    and closed_deals.deal_id = yearly_revenues.deal_id
join core.deal_credits
    on deal_credits.source = yearly_revenues.source
    and deal_credits.deal_id = yearly_revenues.deal_id
where yearly_revenues.is_won
    and deal_credits.rep_id is not null
