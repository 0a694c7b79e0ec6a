-- closed_deals: each deal that is won or lost now, with its owner at the close and what it is worth a year
-- grain: one row a closed deal that is not deleted
-- key: source, deal_id
-- signal: outcomes
-- owner: finance
-- present: source, deal_id, closed_at, is_won, currency, has_rate, arr, cycle_days, is_truncated
-- checks: nothing_without_a_rate: has_rate or arr = 0
-- games: a short term that blows up the yearly figure; term_days stands beside it
-- changed: 2026-11-22 first version
select
    deals.source, -- the source's name in merit.yml
    deals.deal_id, -- the CRM's id
    deals.name, -- the deal's name
    deal_owner_spans.owner_id, -- user_id of the owner at the close
    deal_owner_spans.rep_id, -- the rep who is that user; null: nobody on the roster
    deals.closed_at, -- when it last entered a closed stage
    deals.close_on, -- the close date that the CRM shows
    deals.is_won, -- true: won; false: lost
    deals.amount, -- in currency; null is unknown, not 0
    deals.currency, -- ISO 4217
    deals.is_in_company_currency as has_rate, -- false: another currency than the company's, so it can't be summed
    deals.term_days, -- length of the contract, both ends counted; null: not known
    case
        when deals.amount is null or not deals.is_in_company_currency then cast(0 as numeric(18, 2))
        when deals.term_days is null then deals.amount
        -- Six digits first: a half cent that doubles can't say exactly is a half cent again.
        else cast(round(cast(fn.ratio(deals.amount * 365, deals.term_days) as numeric(38, 6)), 2) as numeric(18, 2))
    end as arr, -- amount × 365 ÷ days of term, or the amount where no term is known; 0: no amount, or no rate
    fn.days(deals.created_at, deals.closed_at) as cycle_days, -- from creation to the close
    coalesce(deal_owner_spans.is_truncated, false) as is_truncated, -- true: the CRM had forgotten who owned it then
    deals.url -- the record's page at the CRM
from core.deals
left join core.deal_owner_spans
    on deal_owner_spans.source = deals.source
    and deal_owner_spans.deal_id = deals.deal_id
    and deals.closed_at >= deal_owner_spans.starts_at
    and deals.closed_at < deal_owner_spans.until_at
where deals.is_closed
    and not deals.is_deleted
    and deals.closed_at <= fn.as_of()
