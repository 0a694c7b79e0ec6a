-- documents: quotes. A quote goes out when it is published, which is when its status
-- says that no approval is missing: the history of the status tells when. HubSpot has
-- neither proposals nor contracts besides
-- A record that has not changed since a complete list of all ids, and was not in it,
-- is gone
with complete as (
    select max(listings.listed_at) as listed_at
    from raw.quote_ids as listings
    where listings.record_id = '*'
),

published as (
    select
        quote_history.object_id,
        min(quote_history.timestamp) as sent_at
    from raw.quote_history as quote_history
    where quote_history.property = 'hs_status'
        and quote_history.value in ('APPROVED', 'APPROVAL_NOT_NEEDED')
    group by quote_history.object_id
),

deal_companies as (
    select
        deal_links.from_id,
        deal_links.to_id
    from raw.deal_links as deal_links
    where deal_links.to_type = 'company'
        and deal_links.ordinal = 0
)

select
    quotes.hs_object_id as document_id,
    'quote' as kind,
    deals.to_id as deal_id,
    coalesce(companies.to_id, deal_companies.to_id) as account_id,
    quotes.hubspot_owner_id as owner_id,
    quotes.hs_quote_amount as amount,
    upper(quotes.hs_currency) as currency,
    quotes.hs_createdate as created_at,
    published.sent_at as sent_at,
    quotes.hs_esign_date as signed_at,
    quotes.merit_deleted
        or coalesce(quotes.hs_lastmodifieddate < complete.listed_at and coalesce(listings.listed_at < complete.listed_at, true), false) as is_deleted
from raw.quotes as quotes
left join raw.quote_links as deals
    on quotes.hs_object_id = deals.from_id
    and deals.to_type = 'deal'
    and deals.ordinal = 0
left join raw.quote_links as companies
    on quotes.hs_object_id = companies.from_id
    and companies.to_type = 'company'
    and companies.ordinal = 0
left join deal_companies
    on deals.to_id = deal_companies.from_id
left join published
    on quotes.hs_object_id = published.object_id
cross join complete
left join raw.quote_ids as listings
    on quotes.hs_object_id = listings.record_id
