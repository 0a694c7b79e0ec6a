-- renewals: what won deals sold for a term, and what became of it when the term ended.
-- HubSpot's contract is the deal with its recurring line items. It is renewed by a
-- deal of the same company and of a type such as Renewal that came up after it was won
-- and closes within 90 days of its last day: each such deal renews the contract whose
-- last day is the nearest, and a contract is renewed by the nearest of those. A
-- contract that nothing renews is lost 90 days after its end
with recurring as (
    select
        links.to_id as deal_id,
        sum(fn.number(coalesce(line_items.hs_tcv, line_items.amount))) as amount,
        min(line_items.hs_recurring_billing_start_date) as starts_on,
        max(line_items.hs_recurring_billing_end_date) as ends_on
    from raw.line_items as line_items
    join raw.line_item_links as links
        on line_items.hs_object_id = links.from_id
        and links.to_type = 'deal'
        and links.ordinal = 0
    where not line_items.merit_deleted
        and line_items.recurringbillingfrequency is not null
    group by links.to_id
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

closed_stages as (
    select
        stages.stage_id,
        max(case when stages.probability = 1 then 1 else 0 end) as is_won
    from raw.pipeline_stages as stages
    where stages.isClosed
    group by stages.stage_id
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

swallowed as (
    select distinct
        deal_links.to_id
    from raw.deal_links as deal_links
    where deal_links.to_type = 'merged_deal'
),

complete as (
    select max(listings.listed_at) as listed_at
    from raw.deal_ids as listings
    where listings.record_id = '*'
),

deals as (
    select
        deals.hs_object_id as deal_id,
        accounts.to_id as account_id,
        deals.hubspot_owner_id as owner_id,
        lower(deals.dealtype) as deal_type,
        deals.createdate as created_at,
        fn.day(deals.closedate) as close_on,
        upper(deals.deal_currency_code) as currency,
        recurring.starts_on,
        recurring.ends_on,
        coalesce(recurring.amount, fn.number(deals.amount)) as amount,
        closed_stages.stage_id is not null as is_closed,
        coalesce(closed_stages.is_won, 0) = 1 as is_won,
        coalesce(closings.closed_at, deals.closedate) as closed_at
    from raw.deals as deals
    cross join complete
    join raw.deal_links as accounts
        on deals.hs_object_id = accounts.from_id
        and accounts.to_type = 'company'
        and accounts.ordinal = 0
    left join raw.deal_ids as listings
        on deals.hs_object_id = listings.record_id
    left join recurring
        on deals.hs_object_id = recurring.deal_id
    left join closed_stages
        on deals.dealstage = closed_stages.stage_id
    left join closings
        on deals.hs_object_id = closings.object_id
    left join swallowed
        on deals.hs_object_id = swallowed.to_id
    where accounts.to_id is not null
        and not deals.merit_deleted
        and swallowed.to_id is null
        and not coalesce(deals.hs_lastmodifieddate < complete.listed_at and coalesce(listings.listed_at < complete.listed_at, true), false)
),

near as (
    select
        contracts.deal_id as contract_id,
        deals.deal_id,
        abs(fn.whole_days(contracts.ends_on, deals.close_on)) as days_apart
    from deals as contracts
    join deals
        on contracts.account_id = deals.account_id
        and contracts.deal_id <> deals.deal_id
    where contracts.is_won
        and contracts.ends_on is not null
        and deals.deal_type like '%renew%'
        and deals.created_at > contracts.closed_at
        and abs(fn.whole_days(contracts.ends_on, deals.close_on)) <= 90
),

nearest as (
    select
        near.contract_id,
        near.deal_id,
        near.days_apart,
        row_number() over (partition by near.deal_id order by near.days_apart, near.contract_id) as place
    from near
),

matched as (
    select
        nearest.contract_id,
        nearest.deal_id,
        row_number() over (partition by nearest.contract_id order by nearest.days_apart, nearest.deal_id) as place
    from nearest
    where nearest.place = 1
)

select
    contracts.deal_id || '-' || cast(contracts.ends_on as string) as renewal_id,
    contracts.account_id as account_id,
    contracts.deal_id as deal_id,
    matched.deal_id as renewal_deal_id,
    contracts.owner_id as owner_id,
    contracts.starts_on as term_starts_on,
    contracts.ends_on as due_on,
    contracts.amount as due_amount,
    case when renewed_by.is_won then renewed_by.amount end as renewed_amount,
    contracts.currency as currency,
    case
        when renewed_by.is_won then 'renewed'
        when renewed_by.is_closed then 'lost'
        when renewed_by.deal_id is null and fn.date_after(contracts.ends_on, 90) < fn.today() then 'lost'
        else 'open'
    end as outcome,
    case
        when renewed_by.is_closed then renewed_by.closed_at
        when renewed_by.deal_id is null and fn.date_after(contracts.ends_on, 90) < fn.today() then fn.midnight(fn.date_after(contracts.ends_on, 91))
    end as decided_at,
    false as is_deleted
from deals as contracts
left join matched
    on contracts.deal_id = matched.contract_id
    and matched.place = 1
left join deals as renewed_by
    on matched.deal_id = renewed_by.deal_id
where contracts.is_won
    and contracts.ends_on is not null
