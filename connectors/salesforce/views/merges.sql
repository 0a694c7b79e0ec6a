-- merges: accounts and contacts that were merged into another one
-- The record that went is deleted and names the one that stayed (MasterRecordId).
select
    'account' as record_type,
    accounts.Id as record_id,
    accounts.MasterRecordId as into_id,
    accounts.SystemModstamp as merged_at
from raw.Account as accounts
where accounts.MasterRecordId is not null

union all

select
    'contact' as record_type,
    contacts.Id as record_id,
    contacts.MasterRecordId as into_id,
    contacts.SystemModstamp as merged_at
from raw.Contact as contacts
where contacts.MasterRecordId is not null
