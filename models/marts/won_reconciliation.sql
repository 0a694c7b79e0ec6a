-- won_reconciliation: won amounts of a period as a CRM's report by close date has them, and step by step as reps are credited
-- grain: one row a source and period
-- key: source, period
-- signal: whether the numbers here and those of the CRM are the same, and where they part
-- owner: finance
-- not_null: source, period, by_close_date_amount, copied_amount, entered_elsewhere_amount, entered_here_amount, excluded_amount, unowned_amount, won_amount, deals_without_worth, deals_entered_elsewhere, computed_at
-- checks: adds_up: by_close_date_amount - copied_amount - entered_elsewhere_amount + entered_here_amount - excluded_amount - unowned_amount = won_amount
-- changed: 2026-12-01 first version
with won as (
    select
        deals.source,
        deals.deal_id,
        deals.closed_at,
        coalesce(deals.close_on, fn.day(deals.closed_at)) as close_on,
        deals.amount is null or (not deals.is_in_company_currency and fn.prorate(deals.amount, rates.worth, rates.units) is null) as has_no_worth,
        coalesce(
            case
                when deals.is_in_company_currency then fn.cents(deals.amount)
                when abs(fn.prorate(deals.amount, rates.worth, rates.units)) < 1000000000000000 then fn.cents(fn.prorate(deals.amount, rates.worth, rates.units))
            end,
            cast(0 as numeric(38, 2))
        ) as amount,
        counted_deals.deal_id is null as is_copy,
        coalesce(counted_deals.is_excluded, false) as is_excluded,
        rep_assignments.rep_id is null as is_unowned
    from core.deals
    left join core.rates
        on rates.source = deals.source
        and rates.currency = deals.currency
        and coalesce(deals.close_on, fn.day(deals.closed_at)) >= rates.valid_from
        and coalesce(deals.close_on, fn.day(deals.closed_at)) < rates.until_on
    left join core.counted_deals
        on counted_deals.source = deals.source
        and counted_deals.deal_id = deals.deal_id
    left join core.closed_deals
        on closed_deals.source = deals.source
        and closed_deals.deal_id = deals.deal_id
    left join core.rep_assignments
        on rep_assignments.rep_id = closed_deals.rep_id
        and closed_deals.closed_at >= rep_assignments.starts_at
        and closed_deals.closed_at < rep_assignments.ends_at
    where deals.is_won
        and not deals.is_deleted
        and deals.closed_at <= fn.as_of()
),
placed as (
    select
        won.source,
        won.deal_id,
        won.amount,
        won.has_no_worth,
        won.is_copy,
        won.is_excluded,
        won.is_unowned,
        periods.period,
        won.close_on >= periods.starts_on and won.close_on <= periods.ends_on as is_dated_here,
        won.closed_at >= periods.starts_at and won.closed_at < periods.ends_at as is_entered_here
    from won
    join plan.periods
        on won.close_on >= periods.starts_on
        and won.close_on <= periods.ends_on
        or won.closed_at >= periods.starts_at
        and won.closed_at < periods.ends_at
),
summed as (
    select
        placed.source,
        placed.period,
        sum(case when placed.is_dated_here then placed.amount else cast(0 as numeric(28, 2)) end) as by_close_date_amount,
        sum(case when placed.is_dated_here and placed.is_copy then placed.amount else cast(0 as numeric(28, 2)) end) as copied_amount,
        sum(case when placed.is_dated_here and not placed.is_entered_here and not placed.is_copy then placed.amount else cast(0 as numeric(28, 2)) end) as entered_elsewhere_amount,
        sum(case when placed.is_entered_here and not placed.is_dated_here and not placed.is_copy then placed.amount else cast(0 as numeric(28, 2)) end) as entered_here_amount,
        sum(case when placed.is_entered_here and not placed.is_copy and placed.is_excluded then placed.amount else cast(0 as numeric(28, 2)) end) as excluded_amount,
        sum(case when placed.is_entered_here and not placed.is_copy and not placed.is_excluded and placed.is_unowned then placed.amount else cast(0 as numeric(28, 2)) end) as unowned_amount,
        sum(case when placed.is_entered_here and not placed.is_copy and not placed.is_excluded and not placed.is_unowned then placed.amount else cast(0 as numeric(28, 2)) end) as won_amount,
        sum(case when placed.has_no_worth then 1 else 0 end) as deals_without_worth,
        sum(case when placed.is_dated_here = placed.is_entered_here then 0 else 1 end) as deals_entered_elsewhere
    from placed
    group by
        placed.source,
        placed.period
)
select
    summed.source, -- the source's name in merit.yml
    summed.period, -- fiscal year and quarter
    cast(summed.by_close_date_amount as numeric(28, 2)) as by_close_date_amount, -- amounts of all deals that are won, by the close date that the CRM shows, in the company's currency: what the CRM's own report says
    cast(summed.copied_amount as numeric(28, 2)) as copied_amount, -- of them deals that another source holds too, which count there
    cast(summed.entered_elsewhere_amount as numeric(28, 2)) as entered_elsewhere_amount, -- of them deals that were entered as won in another period
    cast(summed.entered_here_amount as numeric(28, 2)) as entered_here_amount, -- deals that were entered as won in this period and whose close date is in another one
    cast(summed.excluded_amount as numeric(28, 2)) as excluded_amount, -- deals that a steward took out
    cast(summed.unowned_amount as numeric(28, 2)) as unowned_amount, -- deals whose owner at the close was nobody on the roster
    cast(summed.won_amount as numeric(28, 2)) as won_amount, -- sum of the amounts of deals won, in the company's currency, by when they were won: that of all reps in marts.rep_performance
    cast(summed.deals_without_worth as bigint) as deals_without_worth, -- deals without an amount or a rate, in no sum
    cast(summed.deals_entered_elsewhere as bigint) as deals_entered_elsewhere, -- deals whose two dates are in two periods
    fn.as_of() as computed_at -- the instant that the numbers speak of
from summed
