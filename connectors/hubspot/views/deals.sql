-- deals: as they are now. Row 0 of a list of links is the primary one. When a deal
-- was closed and since when HubSpot has it is told by the history, which nobody
-- can backdate
-- A record that has not changed since a complete list of all ids, and was not in it,
-- is gone
-- main: raw.deals as deals where deals.createdate is not null
with
closed_stages as (
    select
        stages.stage_id,
        max(case when stages.probability = 1 then 1 else 0 end) as is_won
    from raw.pipeline_stages as stages
    where stages.isClosed
    group by stages.stage_id
),

steps as (
    select
        deal_history.object_id,
        deal_history.value,
        deal_history.timestamp as taken_at,
        lag(deal_history.value) over (
            partition by deal_history.object_id
            order by deal_history.timestamp, deal_history.ordinal desc
        ) as value_before
    from raw.deal_history as deal_history
    where deal_history.property = 'dealstage'
        and deal_history.timestamp is not null
),

closings as (
    select
        steps.object_id,
        max(steps.taken_at) as closed_at
    from steps
    join closed_stages
        on steps.value = closed_stages.stage_id
    left join closed_stages as stages_before
        on steps.value_before = stages_before.stage_id
        and closed_stages.is_won = stages_before.is_won
    -- From one won stage to another a deal stays won, since when it was so first.
    where stages_before.stage_id is null
    group by steps.object_id
),

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
        owners.id,
        row_number() over (
            partition by coalesce(owners.userId, owners.userIdIncludingInactive)
            order by case when owners.merit_deleted then 1 else 0 end, owners.id desc
        ) as choice
    from raw.owners as owners
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
    case when closed_stages.stage_id is not null then closings.closed_at end as closed_at,
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
left join closed_stages
    on deals.dealstage = closed_stages.stage_id
left join closings
    on deals.hs_object_id = closings.object_id
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
    and owners_by_user.choice = 1
where deals.createdate is not null -- nothing is known any more of a record that was purged
