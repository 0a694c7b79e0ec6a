-- accounts: the companies that are sold to; one merged away is deleted
-- A record that has not changed since a complete list of all ids, and was not in it, is gone
-- main: raw.Account
with complete as (
    select max(listing.listed_at) as listed_at
    from raw.Account_ids as listing
    where listing.record_id = '*'
)

select
    accounts.Id as account_id,
    accounts.Name as name,
    accounts.OwnerId as owner_id,
    accounts.Industry as industry,
    accounts.CreatedDate as created_at,
    coalesce(accounts.merit_deleted, false)
        or coalesce(accounts.SystemModstamp < complete.listed_at and coalesce(listing.listed_at < complete.listed_at, true), false) as is_deleted
from raw.Account as accounts
cross join complete
left join raw.Account_ids as listing on listing.record_id = accounts.Id
