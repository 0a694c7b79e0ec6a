-- deal_lines: the line items of deals. What has a billing frequency is paid again each
-- term; the money of the whole term is the total contract value, where HubSpot counts
-- it, else the line's amount
-- A record that has not changed since a complete list of all ids, and was not in it,
-- is gone
with complete as (
    select max(listings.listed_at) as listed_at
    from raw.line_item_ids as listings
    where listings.record_id = '*'
)

select
    line_items.hs_object_id as line_id,
    deals.to_id as deal_id,
    line_items.name as product,
    line_items.quantity as quantity,
    coalesce(line_items.hs_tcv, line_items.amount) as amount,
    line_items.recurringbillingfrequency is not null as is_recurring,
    line_items.hs_recurring_billing_start_date as term_starts_on,
    line_items.hs_recurring_billing_end_date as term_ends_on,
    line_items.merit_deleted
        or coalesce(line_items.hs_lastmodifieddate < complete.listed_at and coalesce(listings.listed_at < complete.listed_at, true), false) as is_deleted
from raw.line_items as line_items
join raw.line_item_links as deals
    on line_items.hs_object_id = deals.from_id
    and deals.to_type = 'deal'
    and deals.ordinal = 0
cross join complete
left join raw.line_item_ids as listings
    on line_items.hs_object_id = listings.record_id
where deals.to_id is not null
