-- rates: what currencies are worth in the corporate one
-- A dated rate holds from its first day to the day before the next one's; the last one's
-- next is the end of time. Where advanced currency management is off there are none, and
-- the rate of today stands in for all days.
with dated as (
    select
        rates.IsoCode,
        rates.StartDate,
        rates.NextStartDate,
        rates.ConversionRate,
        row_number() over (
            partition by rates.IsoCode, rates.StartDate
            order by rates.SystemModstamp desc, rates.Id
        ) as place
    from raw.DatedConversionRate as rates
    where not coalesce(rates.merit_deleted, false)
        and rates.ConversionRate > 0
        and coalesce(rates.NextStartDate > rates.StartDate, true)
),

dated_currencies as (
    select distinct dated.IsoCode
    from dated
),

undated as (
    select
        currencies.IsoCode,
        currencies.ConversionRate,
        row_number() over (
            partition by currencies.IsoCode
            order by currencies.SystemModstamp desc, currencies.Id
        ) as place
    from raw.CurrencyType as currencies
    left join dated_currencies on dated_currencies.IsoCode = currencies.IsoCode
    where not coalesce(currencies.merit_deleted, false)
        and dated_currencies.IsoCode is null
        and currencies.ConversionRate > 0
        and not coalesce(currencies.IsCorporate, false)
)

select
    dated.IsoCode as currency,
    dated.StartDate as valid_from,
    case when dated.NextStartDate < cast('9999-01-01' as date) then fn.date_after(dated.NextStartDate, -1) end as valid_to,
    dated.ConversionRate as units,
    cast(1 as numeric(18, 9)) as worth
from dated
where dated.place = 1

union all

select
    undated.IsoCode as currency,
    cast('1970-01-01' as date) as valid_from,
    cast(null as date) as valid_to,
    undated.ConversionRate as units,
    cast(1 as numeric(18, 9)) as worth
from undated
where undated.place = 1
