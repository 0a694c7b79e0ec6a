-- closed_won_arr: yearly recurring revenue of the deals won, in the company's currency
-- grain: one row a won deal
-- key: source, record_id
-- signal: the outcome that the behaviours are there for
-- owner: finance
-- kpi: new yearly recurring revenue
-- okr: grow recurring revenue
-- value: sum
-- unit: money
-- better: higher
-- present: source, rep_id, occurred_at, record_type, record_id, numerator, denominator, is_truncated, detail
-- checks: one_each: denominator = 1
-- games: a short term that blows up the yearly figure, a deal won on the last evening and reopened after; amount, term and every reopening can be looked up by the deal's id
-- changed: 2026-11-22 first version
select
    closed_deals.source, -- the source's name in merit.yml
    closed_deals.rep_id, -- the owner at the close
    closed_deals.closed_at as occurred_at, -- when it was won
    'deal' as record_type, -- the record is a deal
    closed_deals.deal_id as record_id, -- the CRM's id of the deal
    cast(closed_deals.arr as numeric(38, 9)) as numerator, -- yearly recurring revenue; 0 where it is not known
    cast(1 as numeric(38, 9)) as denominator, -- one deal
    closed_deals.is_truncated, -- true: the CRM had forgotten who owned it then
    case
        when not closed_deals.has_rate then 'won in ' || closed_deals.currency || ', for which there is no rate: adds nothing'
        when closed_deals.amount is null then 'won without an amount: adds nothing'
        when closed_deals.term_days is null then 'won, the whole amount as no term is known'
        else 'won for a term of ' || cast(closed_deals.term_days as string) || ' days'
    end as detail -- how the yearly figure came about
from core.closed_deals
join core.rep_spans
    on rep_spans.rep_id = closed_deals.rep_id
    and closed_deals.closed_at >= rep_spans.starts_at
    and closed_deals.closed_at < rep_spans.ends_at
where closed_deals.is_won
