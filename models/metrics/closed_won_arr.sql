-- closed_won_arr: yearly recurring revenue of the deals won, in the company's currency
-- grain: one row a won deal and rep credited with it
-- key: source, record_id, rep_id
-- signal: the outcome that the behaviours are there for
-- owner: finance
-- kpi: new yearly recurring revenue
-- okr: grow recurring revenue
-- value: sum
-- unit: money
-- better: higher
-- present: source, rep_id, occurred_at, record_type, record_id, numerator, denominator, is_truncated, detail
-- checks: one_each: denominator = 1
-- games: a short term that blows up the yearly figure, a deal won on the last evening and reopened after; splits are scaled to the whole deal; amount, term and every reopening can be looked up by the deal's id
-- changed: 2026-11-22 first version
--    2026-11-22 credited by splits and team roles; other currencies by the rate of the close date
select
    closed_deals.source, -- the source's name in merit.yml
    deal_credits.rep_id, -- who is credited: by splits or team roles, else the owner at the close
    closed_deals.closed_at as occurred_at, -- when it was won
    'deal' as record_type, -- the record is a deal
    closed_deals.deal_id as record_id, -- the CRM's id of the deal
    cast(cast(closed_deals.arr as numeric(28, 2)) * cast(deal_credits.share as numeric(10, 9)) as numeric(38, 9)) as numerator, -- the rep's share of the yearly recurring revenue; 0 where it is not known
    cast(1 as numeric(38, 9)) as denominator, -- one deal
    closed_deals.is_truncated, -- true: the CRM had forgotten who owned it then
    case
        when not closed_deals.has_rate then 'won in ' || closed_deals.currency || ', for which there is no rate: adds nothing'
        when closed_deals.amount is null then 'won without an amount: adds nothing'
        when closed_deals.term_days is null then 'won, the whole amount as no term is known'
        else 'won for a term of ' || cast(closed_deals.term_days as string) || ' days'
    end
    || case
        when deal_credits.share = 1 then ''
        else ', credited with ' || cast(cast(100 * deal_credits.share as numeric(9, 2)) as string) || ' %'
    end
    || case
        when deal_credits.is_scaled then ' (the shares as written did not sum to 100)'
        else ''
    end as detail -- how the yearly figure came about
from core.closed_deals
join core.deal_credits
    on deal_credits.source = closed_deals.source
    and deal_credits.deal_id = closed_deals.deal_id
join core.rep_spans
    on rep_spans.rep_id = deal_credits.rep_id
    and closed_deals.closed_at >= rep_spans.starts_at
    and closed_deals.closed_at < rep_spans.ends_at
where closed_deals.is_won
