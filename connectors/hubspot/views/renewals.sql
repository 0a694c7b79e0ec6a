-- renewals: what deals sold for a term, which ends. HubSpot has no contracts: the deal
-- with its recurring line items is one, from when on it is won. Which deal renews it
-- core.renewals looks for
-- main: none: a row is a deal with recurring lines, and the deals have their own control
with terms as (
    select
        links.to_id as deal_id,
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
)

select
    deals.hs_object_id || '-' || cast(terms.ends_on as string) as renewal_id,
    accounts.to_id as account_id,
    deals.hs_object_id as deal_id,
    cast(null as string) as renewal_deal_id,
    deals.hubspot_owner_id as owner_id,
    cast(null as timestamp with time zone) as signed_at,
    terms.starts_on as term_starts_on,
    terms.ends_on as due_on,
    cast(null as numeric(38, 9)) as due_amount,
    cast(null as numeric(38, 9)) as renewed_amount,
    cast(null as date) as renewed_starts_on,
    cast(null as date) as renewed_ends_on,
    upper(deals.deal_currency_code) as currency,
    cast(null as string) as outcome,
    cast(null as timestamp with time zone) as decided_at,
    deals.merit_deleted as is_deleted
from raw.deals as deals
join raw.deal_links as accounts
    on deals.hs_object_id = accounts.from_id
    and accounts.to_type = 'company'
    and accounts.ordinal = 0
join terms
    on deals.hs_object_id = terms.deal_id
where accounts.to_id is not null
    and terms.ends_on is not null
