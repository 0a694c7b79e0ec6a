-- merges: HubSpot names the records that were swallowed at the one that swallowed
-- them, and nowhere else. It does not say when
with
swallowed as (
    select
        'deal' as record_type,
        deal_links.to_id,
        deal_links.from_id
    from raw.deal_links as deal_links
    where deal_links.to_type = 'merged_deal'
        and deal_links.to_id is not null

    union all

    select
        'account' as record_type,
        company_links.to_id,
        company_links.from_id
    from raw.company_links as company_links
    where company_links.to_type = 'merged_company'
        and company_links.to_id is not null

    union all

    select
        'contact' as record_type,
        contact_links.to_id,
        contact_links.from_id
    from raw.contact_links as contact_links
    where contact_links.to_type = 'merged_contact'
        and contact_links.to_id is not null
)

select
    swallowed.record_type as record_type,
    swallowed.to_id as record_id,
    max(swallowed.from_id) as into_id,
    cast(null as timestamp with time zone) as merged_at
from swallowed
group by swallowed.record_type, swallowed.to_id
