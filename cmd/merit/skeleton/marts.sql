-- own_skeleton: open deals and what they come to, by industry of the account
-- grain: one row an industry
-- key: industry
-- signal: where the open pipeline lies
-- owner: revenue operations
-- not_null: industry, open_deals, computed_at
-- changed: 2026-01-01 first version
select
    coalesce(accounts.industry, 'no industry') as industry, -- of the account, as the CRM says it
    count(*) as open_deals, -- neither won nor lost
    cast(sum(deals.company_amount) as numeric(18, 2)) as open_amount, -- in the company's currency; null: no deal has an amount
    fn.as_of() as computed_at -- the instant that the numbers speak of
from marts.deals
left join staging.accounts
    on accounts.source = deals.source
    and accounts.account_id = deals.account_id
where deals.is_open
    and not deals.is_excluded
group by coalesce(accounts.industry, 'no industry')
