-- contacts: the people at accounts; neither name nor address is read
select
    contacts.Id as contact_id,
    contacts.AccountId as account_id,
    contacts.OwnerId as owner_id,
    contacts.CreatedDate as created_at,
    coalesce(contacts._deleted, false) as is_deleted
from raw.Contact as contacts
