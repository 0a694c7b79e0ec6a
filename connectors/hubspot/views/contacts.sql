-- contacts: people at companies; one that was merged into another is deleted
with
swallowed as (
    select distinct
        contact_links.to_id
    from raw.contact_links as contact_links
    where contact_links.to_type = 'merged_contact'
)

select
    contacts.hs_object_id as contact_id,
    contacts.associatedcompanyid as account_id,
    contacts.hubspot_owner_id as owner_id,
    contacts.createdate as created_at,
    contacts._deleted or swallowed.to_id is not null as is_deleted
from raw.contacts as contacts
left join swallowed
    on contacts.hs_object_id = swallowed.to_id
