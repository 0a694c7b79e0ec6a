-- forecasts: what somebody said that a month, quarter or year will bring, each time
-- that it was said: HubSpot keeps one number for each person and period, and its
-- history. That number is what the person commits to. Who says it for somebody else
-- is a manager
with owners_by_user as (
    select
        coalesce(owners.userId, owners.userIdIncludingInactive) as number,
        coalesce(max(case when not owners.merit_deleted then owners.id end), max(owners.id)) as id
    from raw.owners as owners
    group by coalesce(owners.userId, owners.userIdIncludingInactive)
),

periods as (
    select
        forecasts.hs_object_id,
        forecasts.hubspot_owner_id,
        forecasts.hs_created_by_user_id,
        cast(fn.as_number(forecasts.hs_year) as bigint) as year,
        case lower(forecasts.hs_milestone)
            when 'monthly' then cast(fn.as_number(forecasts.hs_forecast_month) as bigint)
            when 'quarterly' then cast(fn.as_number(forecasts.hs_forecast_quarter) as bigint) * 3 - 2
            when 'yearly' then 1
        end as first_month,
        case lower(forecasts.hs_milestone) when 'monthly' then 1 when 'quarterly' then 3 else 12 end as months
    from raw.forecasts as forecasts
),

dated as (
    select
        periods.hs_object_id,
        periods.hubspot_owner_id,
        periods.hs_created_by_user_id,
        fn.as_date(cast(periods.year as string) || case when periods.first_month < 10 then '-0' else '-' end
            || cast(periods.first_month as string) || '-01') as starts_on,
        case
            when periods.first_month + periods.months > 12 then fn.as_date(cast(periods.year as string) || '-12-31')
            else fn.date_after(fn.as_date(cast(periods.year as string)
                || case when periods.first_month + periods.months < 10 then '-0' else '-' end
                || cast(periods.first_month + periods.months as string) || '-01'), -1)
        end as ends_on
    from periods
),

said as (
    select
        forecast_history.object_id,
        forecast_history.timestamp as taken_at,
        forecast_history.source_id,
        forecast_history.ordinal,
        max(forecast_history.number) as amount,
        max(forecast_history.updated_by_user_id) as updated_by_user_id
    from raw.forecast_history as forecast_history
    where forecast_history.property = 'hs_amount'
        and forecast_history.timestamp is not null
    group by forecast_history.object_id, forecast_history.timestamp, forecast_history.source_id, forecast_history.ordinal
)

select
    said.object_id
        || '-' || cast(fn.micros(fn.as_instant('1970-01-01 00:00:00+00:00'), said.taken_at) as string)
        || '-' || said.source_id || '-' || cast(said.ordinal as string) as forecast_id,
    coalesce(dated.hubspot_owner_id, creators.id) as user_key,
    dated.starts_on as starts_on,
    dated.ends_on as ends_on,
    'commit' as category,
    said.amount as amount,
    cast(null as string) as currency,
    coalesce(sayers.id <> coalesce(dated.hubspot_owner_id, creators.id), false) as is_adjusted,
    said.taken_at as taken_at
from said
join dated
    on said.object_id = dated.hs_object_id
left join owners_by_user as creators
    on dated.hs_created_by_user_id = cast(creators.number as string)
left join owners_by_user as sayers
    on said.updated_by_user_id = sayers.number
where dated.starts_on is not null
    and dated.ends_on is not null
    and coalesce(dated.hubspot_owner_id, creators.id) is not null
