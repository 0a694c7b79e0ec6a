-- rates: what a currency was worth in the company's currency, day by day, for the money of each source
-- grain: one row a source of deals, currency and stretch of days
-- key: source, currency, valid_from
-- signal: one money for all deals, by the rate of the day on which they closed
-- owner: finance
-- not_null: source, currency, valid_from, until_on, rates_source, units, worth
-- checks: in_order: until_on > valid_from
--    a_rate_is_more_than_nothing: units > 0 and worth > 0
-- gaming: a close date moved to a day with a better rate; the close date's changes are kept
-- changed: 2026-11-22 first version
with tellers as (
    select deals.source from staging.deals
    union all
    select renewals.source from staging.renewals
    union all
    select forecasts.source from staging.forecasts
    union all
    select quotas.source from staging.quotas
),
sellers as (
    select tellers.source
    from tellers
    group by tellers.source
),
given as (
    select
        rates.source,
        rates.currency,
        rates.valid_from,
        rates.valid_to,
        rates.units,
        rates.worth,
        lead(rates.valid_from) over (
            partition by rates.source, rates.currency
            order by rates.valid_from
        ) as next_from
    from staging.rates
    where rates.units > 0
        and rates.worth > 0
),
choices as (
    select
        sellers.source,
        given.source as rates_source,
        given.currency,
        -- The CRM's own rates come first; where it has none of a currency, another source's hold.
        row_number() over (
            partition by sellers.source, given.currency
            order by case when given.source = sellers.source then 0 else 1 end, given.source
        ) as place
    from sellers
    cross join given
    group by
        sellers.source,
        given.source,
        given.currency
)
select
    choices.source, -- the source of the deals, contracts or forecasts
    given.currency, -- ISO 4217
    given.valid_from, -- first day
    case
        when given.valid_to is not null and given.next_from is not null
            then fn.smaller(fn.date_after(given.valid_to, 1), given.next_from)
        else coalesce(fn.date_after(given.valid_to, 1), given.next_from, cast('9999-12-31' as date))
    end as until_on, -- first day on which it does not hold any more
    choices.rates_source, -- the source that gave the rate
    given.units, -- so many units of this currency
    given.worth -- are so many of the company's
from choices
join given
    on given.source = choices.rates_source
    and given.currency = choices.currency
where choices.place = 1
    and (given.valid_to is null or given.valid_to >= given.valid_from)
