-- closed_won_arr: new yearly recurring revenue of the deals won: of new and expansion deals, and what renewals are above or below what was due
-- grain: one row a won deal and rep credited with it; where the plan says so, also one a lost renewal
-- key: source, record_type, record_id, rep_id
-- signal: the outcome that the behaviours are there for
-- owner: finance
-- kpi: new yearly recurring revenue
-- okr: grow recurring revenue
-- value: sum
-- unit: money
-- better: higher
-- control: outcome
-- spans: month quarter
-- streams: deals
-- parameters: amount_field:
--    amount_is: tcv
--    deal_class: new, expansion
--    renewals: uplift
--    lost_renewals:
-- names: amount_field: deal field
--    amount_is: one of arr, acv, tcv
--    deal_class: one of new, expansion, renewal, other
--    renewals: one of uplift, none
--    lost_renewals: one of negative
-- not_null: source, rep_id, occurred_at, record_type, record_id, numerator, denominator, is_truncated, detail
-- checks: one_each: denominator = 1
-- gaming: a short term that blows up the yearly figure, a deal won on the last evening and reopened after; splits are scaled to the whole deal; amount, term and every reopening can be looked up by the deal's id
-- changed: 2026-11-22 first version
--    2026-11-22 credited by splits and team roles; other currencies by the rate of the close date
--    2026-11-22 recurring lines, a field that the plan names, lost renewals
--    2026-12-01 new revenue only: renewals by what they add; an amount without a term is unknown unless amount_is says that it is yearly
--    2026-11-30 a deal whose amount or rate is not known makes the sum unknown, not smaller
with rules as (
    select
        settings.period,
        max(case when settings.name = 'lost_renewals' then settings.value end) as lost_renewals
    from plan.settings
    where settings.metric = 'closed_won_arr'
    group by settings.period
),
-- A contract that was not renewed is told by itself; a lost renewal deal stands in where no contract names it.
contracts as (
    select
        renewals.source,
        renewals.renewal_id,
        renewals.owner_id,
        renewals.due_on,
        renewals.due_amount,
        coalesce(contract_values.due_yearly, renewals.due_amount) as due_yearly,
        coalesce(renewals.currency, fn.currency()) as currency,
        coalesce(renewals.decided_at, fn.just_before(fn.midnight(fn.date_after(renewals.due_on, 1)))) as lost_at
    from core.renewals
    join core.contract_values
        on contract_values.source = renewals.source
        and contract_values.renewal_id = renewals.renewal_id
    where not renewals.is_deleted
        and renewals.outcome = 'lost'
),
told as (
    select
        renewals.source,
        renewals.renewal_deal_id
    from core.renewals
    where not renewals.is_deleted
        and renewals.renewal_deal_id is not null
    group by
        renewals.source,
        renewals.renewal_deal_id
),
deals as (
    select
        closed_deals.source,
        closed_deals.deal_id,
        closed_deals.closed_at,
        closed_deals.is_won,
        closed_deals.currency,
        closed_deals.is_truncated,
        yearly_revenues.period,
        yearly_revenues.basis,
        yearly_revenues.amount_field,
        yearly_revenues.term_days,
        yearly_revenues.amount_is,
        yearly_revenues.deal_class,
        yearly_revenues.due_arr,
        case when closed_deals.is_won then yearly_revenues.new_arr else -yearly_revenues.arr end as arr,
        case when closed_deals.is_won then yearly_revenues.new_unknown_reason else yearly_revenues.unknown_reason end as unknown_reason
    from core.closed_deals
    join core.yearly_revenues
        on yearly_revenues.source = closed_deals.source
        and yearly_revenues.deal_id = closed_deals.deal_id
    left join rules
        on rules.period = yearly_revenues.period
    left join told
        on told.source = closed_deals.source
        and told.renewal_deal_id = closed_deals.deal_id
    where closed_deals.is_won
        and yearly_revenues.is_counted_as_new
        or not closed_deals.is_won
        and rules.lost_renewals = 'negative'
        and yearly_revenues.deal_class = 'renewal'
        and told.source is null
),
counted as (
    select
        deals.source,
        deal_credits.rep_id,
        deals.closed_at as occurred_at,
        'deal' as record_type,
        deals.deal_id as record_id,
        cast(cast(deals.arr as numeric(28, 2)) * cast(deal_credits.share as numeric(10, 9)) as numeric(38, 9)) as numerator,
        deals.is_truncated,
        case when deals.is_won then 'won' else 'renewal lost' end
        || case deals.basis
            when 'no rate' then ' in ' || deals.currency || ', for which there is no rate'
            when 'field' then ', ' || deals.amount_field || ' as it stands'
            when 'unknown' then coalesce(' without ' || deals.amount_field, ' without an amount')
            when 'lines' then ', its recurring lines a year'
            when 'no term' then ', a whole amount of which no term is known'
            else case
                when deals.amount_is in ('arr', 'acv') then ', the amount as it stands'
                else ' for a term of ' || cast(deals.term_days as string) || ' days'
            end
        end
        || case
            when not deals.is_won then ''
            when deals.unknown_reason = 'unknown reference' and deals.basis not in ('no rate', 'unknown', 'no term') then
                case when deals.deal_class = 'renewal' then ', a renewal of which no contract says what was due' else ', of a type without a class' end
            when deals.deal_class = 'renewal' and deals.due_arr is not null then ', a renewal of ' || fn.digits(deals.due_arr, 2) || ' a year'
            else ''
        end
        || case
            when deal_credits.share = 1 then ''
            else ', credited with ' || fn.digits(100 * deal_credits.share, 2) || ' %'
        end
        || case
            when deal_credits.is_scaled then ' (the shares as written did not sum to 100)'
            else ''
        end as detail,
        deals.unknown_reason
    from deals
    join core.deal_credits
        on deal_credits.source = deals.source
        and deal_credits.deal_id = deals.deal_id
    union all
    select
        contracts.source,
        rep_users.rep_id,
        contracts.lost_at as occurred_at,
        'renewal' as record_type,
        contracts.renewal_id as record_id,
        case
            when contracts.due_amount is null then cast(0 as numeric(38, 9))
            when contracts.currency = fn.currency()
                then cast(-fn.cents(contracts.due_yearly) as numeric(38, 9))
            when rates.worth is null then cast(0 as numeric(38, 9))
            else coalesce(
                cast(-fn.cents(fn.prorate(contracts.due_yearly, rates.worth, rates.units)) as numeric(38, 9)),
                cast(0 as numeric(38, 9))
            )
        end as numerator,
        false as is_truncated,
        'contract not renewed, ' || coalesce(fn.digits(contracts.due_amount, 2) || ' ' || contracts.currency || ' were due', 'due without an amount') as detail,
        case
            when contracts.due_amount is null then 'value unknown'
            when contracts.currency <> fn.currency() and rates.worth is null then 'unknown reference'
        end as unknown_reason
    from contracts
    join core.rep_users
        on rep_users.source = contracts.source
        and rep_users.user_id = contracts.owner_id
    join plan.periods
        on contracts.lost_at >= periods.starts_at
        and contracts.lost_at < periods.ends_at
    join rules
        on rules.period = periods.period
        and rules.lost_renewals = 'negative'
    left join core.rates
        on rates.source = contracts.source
        and rates.currency = contracts.currency
        and contracts.due_on >= rates.valid_from
        and contracts.due_on < rates.until_on
    where contracts.lost_at <= fn.as_of()
)
select
    counted.source, -- the source's name in merit.yml
    counted.rep_id, -- who is credited: by splits or team roles, else the owner at the close; of a contract, whoever's customer it was
    counted.occurred_at, -- when it was won or lost
    counted.record_type, -- deal, or renewal where the plan counts lost ones
    counted.record_id, -- the CRM's id of it
    counted.numerator, -- the rep's share of the new yearly recurring revenue, below 0 of a renewal that shrank or was lost; 0 where it is not known, see unknown_reason
    cast(1 as numeric(38, 9)) as denominator, -- one record
    counted.is_truncated, -- true: the CRM had forgotten who owned it then
    counted.detail, -- how the yearly figure came about
    counted.unknown_reason -- unknown reference (a currency without a rate, a type without a class, a renewal without a contract) or value unknown (no amount, or no term): the sum is unknown then, not smaller; null: it is known
from counted
where counted.rep_id is not null
