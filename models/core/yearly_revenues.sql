-- yearly_revenues: what each deal that was closed in a period is worth a year
-- grain: one row a closed deal and the period in which it closed
-- key: source, deal_id, period
-- signal: contracts of any length side by side
-- owner: finance
-- present: source, deal_id, period, is_won, closed_at, arr, basis
-- checks: bases: basis in ('field', 'lines', 'amount', 'no rate', 'unknown')
--    what_is_not_known_adds_nothing: arr = 0 or basis not in ('no rate', 'unknown')
-- games: a short term that blows up the yearly figure, one-time money written down as recurring; basis and days stand beside it
-- changed: 2026-11-22 first version
--    2026-12-01 terms are counted in months, so that a year is a year
with closed as (
    select
        closed_deals.source,
        closed_deals.deal_id,
        periods.period,
        closed_deals.is_won,
        closed_deals.closed_at,
        closed_deals.amount,
        closed_deals.worth,
        closed_deals.units,
        closed_deals.term_starts_on,
        closed_deals.term_ends_on,
        closed_deals.term_days,
        fields.value as amount_field
    from core.closed_deals
    join plan.periods
        on closed_deals.closed_at >= periods.starts_at
        and closed_deals.closed_at < periods.ends_at
    left join plan.settings as fields
        on fields.period = periods.period
        and fields.metric = 'closed_won_arr'
        and fields.name = 'amount_field'
),
by_lines as (
    select
        closed.source,
        closed.deal_id,
        sum(case when deal_lines.is_recurring is null then 0 else 1 end) as telling,
        sum(case
            when deal_lines.is_recurring and deal_lines.amount is not null then coalesce(
                fn.yearly(deal_lines.amount, deal_lines.term_starts_on, deal_lines.term_ends_on),
                fn.yearly(deal_lines.amount, closed.term_starts_on, closed.term_ends_on),
                cast(deal_lines.amount as numeric(38, 6))
            )
            else cast(0 as numeric(38, 6))
        end) as yearly
    from closed
    join staging.deal_lines
        on deal_lines.source = closed.source
        and deal_lines.deal_id = closed.deal_id
    where not deal_lines.is_deleted
    group by
        closed.source,
        closed.deal_id
),
found as (
    select
        closed.source,
        closed.deal_id,
        closed.period,
        closed.is_won,
        closed.closed_at,
        closed.worth,
        closed.units,
        closed.term_days,
        closed.amount_field,
        case
            when closed.worth is null then 'no rate'
            when closed.amount_field is not null and coalesce(fn.as_number(deal_fields.value), case when closed.amount_field = 'amount' then closed.amount end) is not null then 'field'
            when closed.amount_field is not null then 'unknown'
            when by_lines.telling > 0 then 'lines'
            when closed.amount is not null then 'amount'
            else 'unknown'
        end as basis,
        case
            when closed.amount_field is not null
                then coalesce(cast(fn.as_number(deal_fields.value) as numeric(38, 6)), case when closed.amount_field = 'amount' then cast(closed.amount as numeric(38, 6)) end)
            when by_lines.telling > 0 then cast(by_lines.yearly as numeric(38, 6))
            else coalesce(fn.yearly(closed.amount, closed.term_starts_on, closed.term_ends_on), cast(closed.amount as numeric(38, 6)))
        end as yearly
    from closed
    left join by_lines
        on by_lines.source = closed.source
        and by_lines.deal_id = closed.deal_id
    left join staging.deal_fields
        on deal_fields.source = closed.source
        and deal_fields.deal_id = closed.deal_id
        and deal_fields.field = closed.amount_field
)
select
    found.source, -- the source's name in merit.yml
    found.deal_id, -- the deal
    found.period, -- fiscal year and quarter in which it closed
    found.is_won, -- true: won; false: lost
    found.closed_at, -- since when it is won, or lost, without a break
    found.basis, -- field (the plan names it), lines (those that recur), amount (no line says whether it recurs), no rate, or unknown
    found.amount_field, -- the field that the plan names; null: none
    found.term_days, -- length of the contract, both ends counted; null: not known
    coalesce(fn.cents(fn.prorate(found.yearly, found.worth, found.units)), cast(0 as numeric(38, 2))) as arr -- a year in the company's currency: the field as it is, or the recurring amount ÷ months of the term × 12; 0: not known
from found
