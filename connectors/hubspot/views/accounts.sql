-- accounts: companies; one that was merged into another is deleted
-- A record that has not changed since a complete list of all ids, and was not in it,
-- is gone
-- main: raw.companies
with
swallowed as (
    select distinct
        company_links.to_id
    from raw.company_links as company_links
    where company_links.to_type = 'merged_company'
),

complete_companies as (
    select
        company_ids.listed_at
    from raw.company_ids as company_ids
    where company_ids.record_id = '*'
),

gone_companies as (
    select
        companies.hs_object_id
    from raw.companies as companies
    join complete_companies
        on companies.hs_lastmodifieddate < complete_companies.listed_at
    left join raw.company_ids as sightings
        on companies.hs_object_id = sightings.record_id
        and sightings.listed_at >= complete_companies.listed_at
    where sightings.record_id is null
)

select
    companies.hs_object_id as account_id,
    companies.name as name,
    companies.hubspot_owner_id as owner_id,
    companies.industry as industry,
    companies.createdate as created_at,
    companies.merit_deleted or swallowed.to_id is not null or gone_companies.hs_object_id is not null as is_deleted
from raw.companies as companies
left join swallowed
    on companies.hs_object_id = swallowed.to_id
left join gone_companies
    on companies.hs_object_id = gone_companies.hs_object_id
