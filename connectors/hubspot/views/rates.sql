-- rates: what one unit of another currency is worth in the company's. A rate holds
-- until the next one; of a day's rates the last one counts
with ranked as (
    select
        exchange_rates.fromCurrencyCode as currency,
        fn.day(exchange_rates.effectiveAt) as valid_from,
        exchange_rates.conversionRate as worth,
        row_number() over (
            partition by exchange_rates.fromCurrencyCode, fn.day(exchange_rates.effectiveAt)
            order by exchange_rates.effectiveAt desc, exchange_rates.id desc
        ) as choice
    from raw.exchange_rates as exchange_rates
    join raw.account as account
        on exchange_rates.toCurrencyCode = account.companyCurrency
    where not exchange_rates.merit_deleted
        and exchange_rates.effectiveAt is not null
        and exchange_rates.conversionRate > 0
)

select
    upper(ranked.currency) as currency,
    ranked.valid_from as valid_from,
    cast(null as date) as valid_to,
    cast(1 as numeric(18, 9)) as units,
    ranked.worth as worth
from ranked
where ranked.choice = 1
    and ranked.currency is not null
