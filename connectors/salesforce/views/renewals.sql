-- renewals: contracts that end
-- A contract that never began falls due to nobody. Which deal sold it and which renews it
-- CPQ says; elsewhere the first of its deals sold it, and core.renewals looks for the other.
-- A record that has not changed since a complete list of all ids, and was not in it, is gone
-- main: raw.Contract as contracts where contracts.AccountId is not null and contracts.EndDate is not null and (contracts.ActivatedDate is not null or contracts.StatusCode = 'Activated')
with complete as (
    select max(listing.listed_at) as listed_at
    from raw.Contract_ids as listing
    where listing.record_id = '*'
),

-- of several deals of one contract, the first sold it
first_sales as (
    select
        opportunities.ContractId,
        min(opportunities.CreatedDate) as sold_at
    from raw.Opportunity as opportunities
    where opportunities.ContractId is not null
        and not coalesce(opportunities.merit_deleted, false)
    group by opportunities.ContractId
),

sold as (
    select
        first_sales.ContractId,
        min(opportunities.Id) as Id
    from first_sales
    inner join raw.Opportunity as opportunities
        on opportunities.ContractId = first_sales.ContractId
        and opportunities.CreatedDate = first_sales.sold_at
        and not coalesce(opportunities.merit_deleted, false)
    group by first_sales.ContractId
)

select
    contracts.Id as renewal_id,
    contracts.AccountId as account_id,
    coalesce(contracts.SBQQ__Opportunity__c, sold.Id) as deal_id,
    contracts.SBQQ__RenewalOpportunity__c as renewal_deal_id,
    contracts.OwnerId as owner_id,
    coalesce(contracts.ActivatedDate, contracts.CreatedDate) as signed_at,
    contracts.StartDate as term_starts_on,
    contracts.EndDate as due_on,
    cast(null as numeric(38, 9)) as due_amount,
    cast(null as numeric(38, 9)) as renewed_amount,
    cast(null as date) as renewed_starts_on,
    cast(null as date) as renewed_ends_on,
    contracts.CurrencyIsoCode as currency,
    cast(null as string) as outcome,
    cast(null as timestamp with time zone) as decided_at,
    coalesce(contracts.merit_deleted, false)
        or coalesce(contracts.SystemModstamp < complete.listed_at and coalesce(listing.listed_at < complete.listed_at, true), false) as is_deleted
from raw.Contract as contracts
cross join complete
left join raw.Contract_ids as listing on listing.record_id = contracts.Id
left join sold on sold.ContractId = contracts.Id
where contracts.AccountId is not null
    and contracts.EndDate is not null
    and (contracts.ActivatedDate is not null or contracts.StatusCode = 'Activated')
