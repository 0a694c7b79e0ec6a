-- deal_lines: the products of a deal
-- What is paid again each term Salesforce says by a product's type of subscription, where
-- CPQ is there, else by a revenue schedule: in an org that uses schedules a line without
-- one is paid once; where no line has any, nothing is known of it.
-- A line has no last day at Salesforce: its term is the deal's.
-- A record that has not changed since a complete list of all ids, and was not in it, is gone
with complete as (
    select max(listing.listed_at) as listed_at
    from raw.OpportunityLineItem_ids as listing
    where listing.record_id = '*'
),

schedules as (
    select coalesce(max(case when lines.HasRevenueSchedule then 1 else 0 end), 0) as are_used
    from raw.OpportunityLineItem as lines
)

select
    lines.Id as line_id,
    lines.OpportunityId as deal_id,
    coalesce(products.Name, lines.Name) as product,
    lines.Quantity as quantity,
    lines.TotalPrice as amount,
    case
        when products.SBQQ__SubscriptionType__c = 'One-time' then false
        when products.SBQQ__SubscriptionType__c is not null then true
        when schedules.are_used = 1 then coalesce(lines.HasRevenueSchedule, false)
    end as is_recurring,
    cast(null as date) as term_starts_on,
    cast(null as date) as term_ends_on,
    coalesce(lines.merit_deleted, false)
        or coalesce(lines.SystemModstamp < complete.listed_at and coalesce(listing.listed_at < complete.listed_at, true), false) as is_deleted
from raw.OpportunityLineItem as lines
cross join complete
cross join schedules
left join raw.OpportunityLineItem_ids as listing on listing.record_id = lines.Id
left join raw.Product2 as products on products.Id = lines.Product2Id
where lines.OpportunityId is not null
