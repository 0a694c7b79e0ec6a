-- yearly_revenues: what each deal that was closed in a period is worth a year
-- grain: one row a closed deal and the period in which it closed
-- key: source, deal_id, period
-- signal: contracts of any length side by side
-- owner: finance
-- not_null: source, deal_id, period, is_won, closed_at, arr, basis, deal_class, is_counted_as_new, new_arr, renewed_arr
-- checks: bases: basis in ('field', 'lines', 'amount', 'no rate', 'no term', 'unknown')
--    what_is_not_known_adds_nothing: arr = 0 or basis not in ('no rate', 'no term', 'unknown')
--    what_is_not_known_is_not_new: new_arr = 0 or new_unknown_reason is null
-- gaming: a short term that blows up the yearly figure, one-time money written down as recurring; basis and days stand beside it
-- changed: 2026-11-22 first version
--    2026-12-01 terms are counted in months, so that a year is a year
--    2026-12-01 new, renewed and total apart; an amount without a term is no yearly revenue unless the plan says that it is
with rules as (
    select
        periods.period,
        periods.starts_at,
        periods.ends_at,
        max(case when settings.name = 'amount_field' then settings.value end) as amount_field,
        max(case when settings.name = 'amount_is' then lower(settings.value) end) as amount_is,
        max(case when settings.name = 'renewals' then lower(settings.value) end) as renewals
    from plan.periods
    left join plan.settings
        on settings.period = periods.period
        and settings.metric = 'closed_won_arr'
    group by
        periods.period,
        periods.starts_at,
        periods.ends_at
),
chosen as (
    select
        settings.period,
        fn.word(settings.value) as deal_class
    from plan.settings
    where settings.metric = 'closed_won_arr'
        and settings.name = 'deal_class'
    group by
        settings.period,
        fn.word(settings.value)
),
closed as (
    select
        closed_deals.source,
        closed_deals.deal_id,
        rules.period,
        rules.amount_field,
        coalesce(rules.amount_is, 'tcv') as amount_is,
        coalesce(rules.renewals, 'uplift') as renewals,
        coalesce(deal_classes.deal_class, 'new') as deal_class,
        coalesce(deal_classes.is_known, true) as is_class_known,
        coalesce(closed_deals.close_on, fn.day(closed_deals.closed_at)) as rated_on,
        closed_deals.is_won,
        closed_deals.closed_at,
        closed_deals.amount,
        closed_deals.worth,
        closed_deals.units,
        closed_deals.term_starts_on,
        closed_deals.term_ends_on,
        closed_deals.term_days,
        fn.yearly(closed_deals.amount, closed_deals.term_starts_on, closed_deals.term_ends_on) as amount_yearly
    from core.closed_deals
    join rules
        on closed_deals.closed_at >= rules.starts_at
        and closed_deals.closed_at < rules.ends_at
    left join core.deal_classes
        on deal_classes.source = closed_deals.source
        and deal_classes.deal_id = closed_deals.deal_id
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
        closed.amount_is,
        closed.renewals,
        closed.deal_class,
        closed.is_class_known,
        case
            when closed.worth is null then 'no rate'
            when closed.amount_field is not null and coalesce(fn.as_number(deal_fields.value), case when closed.amount_field = 'amount' then closed.amount end) is not null then 'field'
            when closed.amount_field is not null then 'unknown'
            when by_lines.telling > 0 then 'lines'
            when closed.amount is null then 'unknown'
            when closed.amount_is in ('arr', 'acv') then 'amount'
            -- The whole amount of a contract of unknown length is not what it brings a year.
            when closed.amount_yearly is null then 'no term'
            else 'amount'
        end as basis,
        case
            when closed.amount_field is not null
                then coalesce(cast(fn.as_number(deal_fields.value) as numeric(38, 6)), case when closed.amount_field = 'amount' then cast(closed.amount as numeric(38, 6)) end)
            when by_lines.telling > 0 then cast(by_lines.yearly as numeric(38, 6))
            when closed.amount_is in ('arr', 'acv') then cast(closed.amount as numeric(38, 6))
            else closed.amount_yearly
        end as yearly
    from closed
    left join by_lines
        on by_lines.source = closed.source
        and by_lines.deal_id = closed.deal_id
    left join staging.deal_fields
        on deal_fields.source = closed.source
        and deal_fields.deal_id = closed.deal_id
        and deal_fields.field = closed.amount_field
),
-- What the contracts that a deal goes on with brought a year, by the rate of the deal's close date.
continued as (
    select
        closed.source,
        closed.deal_id,
        case
            when count(*) = sum(case when renewals.due_amount is not null and (coalesce(renewals.currency, fn.currency()) = fn.currency() or rates.worth is not null) then 1 else 0 end)
                then sum(fn.cents(fn.prorate(
                    coalesce(contract_values.due_yearly, cast(renewals.due_amount as numeric(38, 6))),
                    case when coalesce(renewals.currency, fn.currency()) = fn.currency() then cast(1 as numeric(38, 9)) else rates.worth end,
                    case when coalesce(renewals.currency, fn.currency()) = fn.currency() then cast(1 as numeric(38, 9)) else rates.units end
                )))
        end as due_arr
    from closed
    join core.renewals
        on renewals.source = closed.source
        and renewals.renewal_deal_id = closed.deal_id
    join core.contract_values
        on contract_values.source = renewals.source
        and contract_values.renewal_id = renewals.renewal_id
    left join core.rates
        on rates.source = closed.source
        and rates.currency = renewals.currency
        and closed.rated_on >= rates.valid_from
        and closed.rated_on < rates.until_on
    where not renewals.is_deleted
    group by
        closed.source,
        closed.deal_id
),
valued as (
    select
        found.source,
        found.deal_id,
        found.period,
        found.is_won,
        found.closed_at,
        found.basis,
        found.amount_field,
        found.amount_is,
        found.term_days,
        found.deal_class,
        found.is_class_known,
        continued.due_arr,
        chosen.deal_class is not null or not found.is_class_known or (found.deal_class = 'renewal' and found.renewals = 'uplift') as is_counted_as_new,
        chosen.deal_class is null and found.deal_class = 'renewal' as is_uplift,
        coalesce(fn.cents(fn.prorate(found.yearly, found.worth, found.units)), cast(0 as numeric(38, 2))) as arr,
        case found.basis
            when 'no rate' then 'unknown reference'
            when 'no term' then 'value unknown'
            when 'unknown' then 'value unknown'
        end as unknown_reason
    from found
    left join continued
        on continued.source = found.source
        and continued.deal_id = found.deal_id
    left join chosen
        on chosen.period = found.period
        and chosen.deal_class = found.deal_class
)
select
    valued.source, -- the source's name in merit.yml
    valued.deal_id, -- the deal
    valued.period, -- fiscal year and quarter in which it closed
    valued.is_won, -- true: won; false: lost
    valued.closed_at, -- since when it is won, or lost, without a break
    valued.basis, -- field (the plan names it), lines (those that recur), amount (no line says whether it recurs), no rate, no term, or unknown
    valued.amount_field, -- the field that the plan names; null: none
    valued.amount_is, -- what the plan says an amount is: arr, acv or tcv
    valued.term_days, -- length of the contract, both ends counted; null: not known
    valued.arr, -- a year in the company's currency: the field as it is, the recurring amount ÷ months of the term × 12, or the amount where the plan says it is yearly; 0: not known
    valued.unknown_reason, -- why it is not known: unknown reference (a currency without a rate) or value unknown; null: it is
    valued.deal_class, -- new, expansion, renewal or other
    valued.due_arr, -- what the contracts that it renews brought a year, in the company's currency; null: it renews none, or it is not known
    valued.is_counted_as_new, -- true: by its class it adds to new yearly revenue, a renewal by what it is more or less than before
    case
        when not valued.is_counted_as_new or not valued.is_class_known then cast(0 as numeric(38, 2))
        when valued.unknown_reason is not null then cast(0 as numeric(38, 2))
        when not valued.is_uplift then valued.arr
        else coalesce(valued.arr - valued.due_arr, cast(0 as numeric(38, 2)))
    end as new_arr, -- new yearly revenue: all of a new or expansion deal; of a renewal what it is above, or below 0 under, what was due; 0: none, or not known
    case
        when not valued.is_counted_as_new then null
        when valued.unknown_reason is not null then valued.unknown_reason
        when not valued.is_class_known then 'unknown reference'
        when valued.is_uplift and valued.due_arr is null then 'unknown reference'
    end as new_unknown_reason, -- why the new part is not known: also a type without a class, and a renewal of which no contract says what was due; null: it is
    case
        when valued.deal_class <> 'renewal' or valued.unknown_reason is not null then cast(0 as numeric(38, 2))
        else coalesce(fn.smaller(valued.arr, valued.due_arr), cast(0 as numeric(38, 2)))
    end as renewed_arr, -- what a renewal keeps of what was due; 0: it is none, or not known
    case
        when valued.deal_class <> 'renewal' then null
        when valued.unknown_reason is not null then valued.unknown_reason
        when valued.due_arr is null then 'unknown reference'
    end as renewed_unknown_reason -- why that is not known; null: it is
from valued
