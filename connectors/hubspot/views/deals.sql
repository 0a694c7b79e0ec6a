-- deals: as they are now. Row 0 of a list of links is the primary one. Since when
-- HubSpot has a deal its history says, which nobody can backdate
-- A record that has not changed since a complete list of all ids, and was not in it,
-- is gone
-- main: raw.deals as deals where deals.createdate is not null
with
sightings as (
    select
        deal_history.object_id,
        min(deal_history.timestamp) as seen_at
    from raw.deal_history as deal_history
    where deal_history.timestamp is not null
    group by deal_history.object_id
),

swallowed as (
    select distinct
        deal_links.to_id
    from raw.deal_links as deal_links
    where deal_links.to_type = 'merged_deal'
),

complete_deals as (
    select
        deal_ids.listed_at
    from raw.deal_ids as deal_ids
    where deal_ids.record_id = '*'
),

gone_deals as (
    select
        deals.hs_object_id
    from raw.deals as deals
    join complete_deals
        on deals.hs_lastmodifieddate < complete_deals.listed_at
    left join raw.deal_ids as sightings
        on deals.hs_object_id = sightings.record_id
        and sightings.listed_at >= complete_deals.listed_at
    where sightings.record_id is null
),

terms as (
    select
        deals.to_id as deal_id,
        min(line_items.hs_recurring_billing_start_date) as starts_on,
        max(line_items.hs_recurring_billing_end_date) as ends_on
    from raw.line_items as line_items
    join raw.line_item_links as deals
        on line_items.hs_object_id = deals.from_id
        and deals.to_type = 'deal'
        and deals.ordinal = 0
    where not line_items.merit_deleted
    group by deals.to_id
),

owners_by_user as (
    select
        coalesce(owners.userId, owners.userIdIncludingInactive) as number,
        coalesce(max(case when not owners.merit_deleted then owners.id end), max(owners.id)) as id
    from raw.owners as owners
    group by coalesce(owners.userId, owners.userIdIncludingInactive)
)

select
    deals.hs_object_id as deal_id,
    deals.dealname as name,
    accounts.to_id as account_id,
    deals.hubspot_owner_id as owner_id,
    coalesce(deals.pipeline, 'default') as pipeline_id,
    deals.dealstage as stage_id,
    deals.amount as amount,
    upper(deals.deal_currency_code) as currency,
    fn.day(deals.closedate) as close_on,
    cast(null as timestamp with time zone) as closed_at,
    deals.dealtype as deal_type,
    deals.hs_analytics_source as lead_source,
    deals.hs_next_step as next_step,
    deals.hs_manual_forecast_category as forecast_category,
    terms.starts_on as term_starts_on,
    terms.ends_on as term_ends_on,
    coalesce(owners_by_user.id, 'user-' || deals.hs_created_by_user_id) as created_by,
    deals.createdate as created_at,
    sightings.seen_at as seen_at,
    deals.hs_lastmodifieddate as changed_at,
    deals.merit_deleted or swallowed.to_id is not null or gone_deals.hs_object_id is not null as is_deleted,
    deals.url as url
from raw.deals as deals
left join raw.deal_links as accounts
    on deals.hs_object_id = accounts.from_id
    and accounts.to_type = 'company'
    and accounts.ordinal = 0
left join sightings
    on deals.hs_object_id = sightings.object_id
left join swallowed
    on deals.hs_object_id = swallowed.to_id
left join gone_deals
    on deals.hs_object_id = gone_deals.hs_object_id
left join terms
    on deals.hs_object_id = terms.deal_id
left join owners_by_user
    on deals.hs_created_by_user_id = cast(owners_by_user.number as string)
where deals.createdate is not null -- nothing is known any more of a record that was purged
