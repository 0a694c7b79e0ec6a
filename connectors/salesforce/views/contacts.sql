-- contacts: the people at accounts; neither name nor address is read
-- A record that has not changed since a complete list of all ids, and was not in it, is gone
-- main: raw.Contact
with complete as (
    select max(listing.listed_at) as listed_at
    from raw.Contact_ids as listing
    where listing.record_id = '*'
)

select
    contacts.Id as contact_id,
    contacts.AccountId as account_id,
    contacts.OwnerId as owner_id,
    contacts.CreatedDate as created_at,
    coalesce(contacts.merit_deleted, false)
        or coalesce(contacts.SystemModstamp < complete.listed_at and coalesce(listing.listed_at < complete.listed_at, true), false) as is_deleted
from raw.Contact as contacts
cross join complete
left join raw.Contact_ids as listing on listing.record_id = contacts.Id
