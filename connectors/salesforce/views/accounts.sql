-- accounts: the companies that are sold to; one merged away is deleted
select
    accounts.Id as account_id,
    accounts.Name as name,
    accounts.OwnerId as owner_id,
    accounts.Industry as industry,
    accounts.CreatedDate as created_at,
    coalesce(accounts._deleted, false) as is_deleted
from raw.Account as accounts
