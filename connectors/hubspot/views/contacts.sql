-- contacts: people at companies; one that was merged into another is deleted
-- A record that has not changed since a complete list of all ids, and was not in it,
-- is gone
-- main: raw.contacts
with
swallowed as (
    select distinct
        contact_links.to_id
    from raw.contact_links as contact_links
    where contact_links.to_type = 'merged_contact'
),

complete_contacts as (
    select
        contact_ids.listed_at
    from raw.contact_ids as contact_ids
    where contact_ids.record_id = '*'
),

gone_contacts as (
    select
        contacts.hs_object_id
    from raw.contacts as contacts
    join complete_contacts
        on contacts.lastmodifieddate < complete_contacts.listed_at
    left join raw.contact_ids as sightings
        on contacts.hs_object_id = sightings.record_id
        and sightings.listed_at >= complete_contacts.listed_at
    where sightings.record_id is null
)

select
    contacts.hs_object_id as contact_id,
    contacts.associatedcompanyid as account_id,
    contacts.hubspot_owner_id as owner_id,
    contacts.createdate as created_at,
    contacts.merit_deleted or swallowed.to_id is not null or gone_contacts.hs_object_id is not null as is_deleted
from raw.contacts as contacts
left join swallowed
    on contacts.hs_object_id = swallowed.to_id
left join gone_contacts
    on contacts.hs_object_id = gone_contacts.hs_object_id
