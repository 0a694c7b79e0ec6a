-- quotas: what people are to sell in a period
-- An org may forecast in several ways, each with quotas of its own: those of active types
-- come first, and of these the one by the amounts of opportunities. Quotas by product
-- family or territory add up.
-- A record that has not changed since a complete list of all ids, and was not in it, is gone
with complete as (
    select max(listing.listed_at) as listed_at
    from raw.ForecastingQuota_ids as listing
    where listing.record_id = '*'
),

quotas as (
    select
        quotas.Id,
        quotas.QuotaOwnerId,
        quotas.ForecastingTypeId,
        quotas.QuotaAmount,
        quotas.CurrencyIsoCode,
        coalesce(quotas.LastModifiedDate, quotas.SystemModstamp) as changed_at,
        coalesce(periods.StartDate, forecast_periods.StartDate) as starts_on,
        coalesce(periods.EndDate, forecast_periods.EndDate) as ends_on
    from raw.ForecastingQuota as quotas
    cross join complete
    left join raw.ForecastingQuota_ids as listing on listing.record_id = quotas.Id
    left join raw.Period as periods on periods.Id = quotas.PeriodId
    left join raw.Period as forecast_periods
        on quotas.PeriodId is null
        and forecast_periods.StartDate = quotas.StartDate
        and forecast_periods.IsForecastPeriod
    where quotas.QuotaAmount is not null
        and not coalesce(quotas.merit_deleted, false)
        and not coalesce(quotas.SystemModstamp < complete.listed_at and coalesce(listing.listed_at < complete.listed_at, true), false)
),

used_types as (
    select distinct quotas.ForecastingTypeId
    from quotas
),

ranked_types as (
    select
        used_types.ForecastingTypeId,
        row_number() over (
            order by
                case when types.IsActive then 0 else 1 end,
                case when types.DeveloperName = 'OpportunityRevenue' then 0 else 1 end,
                used_types.ForecastingTypeId
        ) as place
    from used_types
    left join raw.ForecastingType as types on types.Id = used_types.ForecastingTypeId
)

select
    min(quotas.Id) as quota_id,
    quotas.QuotaOwnerId as user_key,
    quotas.starts_on as starts_on,
    quotas.ends_on as ends_on,
    sum(fn.number(quotas.QuotaAmount)) as quota,
    cast(null as numeric(38, 9)) as potential,
    quotas.CurrencyIsoCode as currency,
    max(quotas.changed_at) as changed_at
from quotas
inner join ranked_types
    on ranked_types.ForecastingTypeId = quotas.ForecastingTypeId
    and ranked_types.place = 1
where quotas.starts_on is not null
    and quotas.ends_on is not null
group by
    quotas.QuotaOwnerId,
    quotas.starts_on,
    quotas.ends_on,
    quotas.CurrencyIsoCode
