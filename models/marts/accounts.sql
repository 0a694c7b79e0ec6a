-- accounts: the companies that are sold to, with what was won there and what is open
-- grain: one row an account that is not deleted
-- key: source, account_id
-- signal: where revenue comes from, and who looks after it
-- owner: revenue operations
-- not_null: source, account_id, owner_name, deals, open_deals, won_deals, lost_deals, open_amount, won_amount, deals_without_rate, computed_at
-- checks: adds_up: deals = open_deals + won_deals + lost_deals
-- changed: 2026-12-01 first version
with sold as (
    select
        deals.source,
        deals.account_id,
        count(*) as all_deals,
        sum(case when deals.status = 'open' then 1 else 0 end) as open_deals,
        sum(case when deals.status = 'won' then 1 else 0 end) as won_deals,
        sum(case when deals.status = 'lost' then 1 else 0 end) as lost_deals,
        sum(case when deals.status = 'open' then coalesce(deals.company_amount, cast(0 as numeric(28, 2))) else cast(0 as numeric(28, 2)) end) as open_amount,
        sum(case when deals.status = 'won' then coalesce(deals.company_amount, cast(0 as numeric(28, 2))) else cast(0 as numeric(28, 2)) end) as won_amount,
        sum(case when deals.amount is not null and deals.company_amount is null then 1 else 0 end) as deals_without_rate,
        max(case when deals.status = 'won' then deals.closed_on end) as last_won_on,
        max(deals.last_activity_at) as last_activity_at
    from marts.deals
    where deals.account_id is not null
        and not deals.is_excluded
    group by
        deals.source,
        deals.account_id
)
select
    accounts.source, -- the source's name in merit.yml
    accounts.account_id, -- the CRM's id
    accounts.name as account_name, -- the company's name
    accounts.industry, -- as the CRM says it
    accounts.owner_id, -- user_id of today's owner
    rep_users.rep_id, -- the rep who is that user; null: nobody on the roster
    coalesce(reps.name, users.name, 'nobody') as owner_name, -- the rep's name, or the CRM user's
    reps.team, -- the rep's team today
    accounts.created_at, -- when the CRM made the record
    cast(coalesce(sold.all_deals, 0) as bigint) as deals, -- all deals with it, but for those that a steward took out
    cast(coalesce(sold.open_deals, 0) as bigint) as open_deals, -- neither won nor lost
    cast(coalesce(sold.won_deals, 0) as bigint) as won_deals, -- won
    cast(coalesce(sold.lost_deals, 0) as bigint) as lost_deals, -- lost
    cast(coalesce(sold.open_amount, 0) as numeric(28, 2)) as open_amount, -- of the open deals, in the company's currency
    cast(coalesce(sold.won_amount, 0) as numeric(28, 2)) as won_amount, -- sum of the amounts of deals won, in the company's currency, of all time
    cast(coalesce(sold.deals_without_rate, 0) as bigint) as deals_without_rate, -- in another currency without a rate, in neither sum
    sold.last_won_on, -- when the latest deal was won; null: none
    sold.last_activity_at, -- the latest activity on one of its deals; null: none
    record_pages.url_before || accounts.account_id || record_pages.url_after as url, -- the record's page at the CRM
    fn.as_of() as computed_at -- the instant that the numbers speak of
from staging.accounts
left join sold
    on sold.source = accounts.source
    and sold.account_id = accounts.account_id
left join core.rep_users
    on rep_users.source = accounts.source
    and rep_users.user_id = accounts.owner_id
left join core.reps
    on reps.rep_id = rep_users.rep_id
left join staging.users
    on users.source = accounts.source
    and users.user_id = accounts.owner_id
left join core.record_pages
    on record_pages.source = accounts.source
    and record_pages.record_type = 'account'
where not accounts.is_deleted
