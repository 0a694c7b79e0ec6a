-- closed_deals: each deal that is won or lost now, with its owner at the close and what it was sold for
-- grain: one row a closed deal that is not deleted and no copy of another source's
-- key: source, deal_id
-- signal: outcomes
-- owner: finance
-- not_null: source, deal_id, closed_at, is_won, is_born_closed, currency, has_rate, company_amount, cycle_days, is_truncated
-- checks: nothing_without_a_rate: has_rate or company_amount = 0
-- gaming: close dates moved to a day with a better rate; the close date's changes are kept
-- changed: 2026-11-22 first version
--    2026-11-22 what it is worth a year stands in core.yearly_revenues
--    2026-11-22 dated rates; copies of another source's deals are left out
with closed as (
    select
        deals.source,
        deals.deal_id,
        deals.name,
        deals.account_id,
        deals.deal_type,
        deals.created_at,
        deals.closed_at,
        deals.close_on,
        coalesce(deals.close_on, fn.day(deals.closed_at)) as rated_on,
        deals.is_won,
        deals.is_born_closed,
        deals.amount,
        deals.currency,
        deals.is_in_company_currency,
        deals.term_starts_on,
        deals.term_ends_on,
        deals.term_days,
        deals.url
    from core.deals
    join core.counted_deals
        on counted_deals.source = deals.source
        and counted_deals.deal_id = deals.deal_id
    where deals.is_closed
        and deals.closed_at <= fn.as_of()
),
priced as (
    select
        closed.source,
        closed.deal_id,
        case
            when closed.is_in_company_currency then closed.amount
            when abs(fn.prorate(closed.amount, rates.worth, rates.units)) < 1000000000000000 then fn.prorate(closed.amount, rates.worth, rates.units)
        end as converted,
        case when closed.is_in_company_currency then cast(1 as numeric(38, 9)) else rates.worth end as worth,
        case when closed.is_in_company_currency then cast(1 as numeric(38, 9)) else rates.units end as units
    from closed
    left join core.rates
        on rates.source = closed.source
        and rates.currency = closed.currency
        and closed.rated_on >= rates.valid_from
        and closed.rated_on < rates.until_on
)
select
    closed.source, -- the source's name in merit.yml
    closed.deal_id, -- the CRM's id
    closed.name, -- the deal's name
    closed.account_id, -- the account it was sold to
    closed.deal_type, -- new business, renewal, expansion … as the CRM says it
    deal_owner_spans.owner_id, -- user_id of the owner at the close
    deal_owner_spans.rep_id, -- the rep who is that user; null: nobody on the roster
    closed.created_at, -- when the deal is said to have been created
    closed.closed_at, -- since when it is won, or lost, without a break
    closed.close_on, -- the close date that the CRM shows
    closed.is_won, -- true: won; false: lost
    closed.is_born_closed, -- true: its oldest known row is closed already, as when it came from another system
    closed.amount, -- in currency; null is unknown, not 0
    closed.currency, -- ISO 4217
    priced.worth is not null and (closed.amount is null or priced.converted is not null) as has_rate, -- false: another currency than the company's, and no rate of the close date that gives an amount of this world, so it can't be summed
    coalesce(fn.cents(priced.converted), cast(0 as numeric(38, 2))) as company_amount, -- in the company's currency by the rate of the close date; 0: no amount, or no rate
    priced.worth, -- so many of the company's currency are units of the deal's; null: no rate of the close date
    priced.units, -- see worth
    closed.term_starts_on, -- first day of the contract sold
    closed.term_ends_on, -- its last day
    closed.term_days, -- length of the contract, both ends counted; null: not known
    fn.days(closed.created_at, closed.closed_at) as cycle_days, -- from creation to the close
    coalesce(closed.closed_at < deal_owner_spans.forgotten_until, false) as is_truncated, -- true: the CRM had forgotten who owned it then
    closed.url -- the record's page at the CRM
from closed
join priced
    on priced.source = closed.source
    and priced.deal_id = closed.deal_id
left join core.deal_owner_spans
    on deal_owner_spans.source = closed.source
    and deal_owner_spans.deal_id = closed.deal_id
    and closed.closed_at >= deal_owner_spans.starts_at
    and closed.closed_at < deal_owner_spans.until_at
