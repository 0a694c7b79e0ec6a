-- credited_wins: what each rep is credited with of each won deal, by amount and by yearly revenue
-- grain: one row a won deal and rep credited with it; what a steward took out is left out
-- key: source, deal_id, rep_id
-- signal: the sums that quotas, ramps and tables of performance are made of, credited once
-- owner: finance
-- not_null: source, deal_id, rep_id, closed_at, amount, total_arr, new_arr, renewed_arr, is_truncated
-- gaming: splits written after the close; core.deal_credits shows when
-- changed: 2026-12-01 first version
select
    closed_deals.source, -- the source's name in merit.yml
    closed_deals.deal_id, -- the deal
    deal_credits.rep_id, -- who is credited: by splits or team roles, else the owner at the close
    closed_deals.closed_at, -- since when it is won
    closed_deals.close_on, -- the close date that the CRM shows
    cast(cast(closed_deals.company_amount as numeric(28, 2)) * cast(deal_credits.share as numeric(10, 9)) as numeric(38, 9)) as amount, -- share of the amount in the company's currency; 0: not known
    cast(cast(coalesce(yearly_revenues.arr, 0) as numeric(28, 2)) * cast(deal_credits.share as numeric(10, 9)) as numeric(38, 9)) as total_arr, -- share of the yearly revenue
    cast(cast(coalesce(yearly_revenues.new_arr, 0) as numeric(28, 2)) * cast(deal_credits.share as numeric(10, 9)) as numeric(38, 9)) as new_arr, -- share of what of it is new
    cast(cast(coalesce(yearly_revenues.renewed_arr, 0) as numeric(28, 2)) * cast(deal_credits.share as numeric(10, 9)) as numeric(38, 9)) as renewed_arr, -- share of what a renewal keeps of what was due
    case
        when closed_deals.amount is null then 'value unknown'
        when not closed_deals.has_rate then 'unknown reference'
    end as amount_unknown_reason, -- why the amount is not known; null: it is
    yearly_revenues.unknown_reason as total_unknown_reason, -- why the yearly revenue is not known
    yearly_revenues.new_unknown_reason, -- why what is new is not known
    yearly_revenues.renewed_unknown_reason, -- why what is renewed is not known
    closed_deals.is_truncated -- true: the CRM had forgotten who owned it then
from core.closed_deals
join core.counted_deals
    on counted_deals.source = closed_deals.source
    and counted_deals.deal_id = closed_deals.deal_id
join core.deal_credits
    on deal_credits.source = closed_deals.source
    and deal_credits.deal_id = closed_deals.deal_id
left join core.yearly_revenues
    on yearly_revenues.source = closed_deals.source
    and yearly_revenues.deal_id = closed_deals.deal_id
where closed_deals.is_won
    and not counted_deals.is_excluded
    and deal_credits.rep_id is not null
