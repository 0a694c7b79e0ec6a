-- accounts: companies; one that was merged into another is deleted
with
swallowed as (
    select distinct
        company_links.to_id
    from raw.company_links as company_links
    where company_links.to_type = 'merged_company'
)

select
    companies.hs_object_id as account_id,
    companies.name as name,
    companies.hubspot_owner_id as owner_id,
    companies.industry as industry,
    companies.createdate as created_at,
    companies._deleted or swallowed.to_id is not null as is_deleted
from raw.companies as companies
left join swallowed
    on companies.hs_object_id = swallowed.to_id
