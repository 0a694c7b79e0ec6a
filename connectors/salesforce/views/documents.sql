-- documents: quotes and contracts
-- A quote went out when its first document was made. Where there is none, the last change
-- of one that was presented or answered stands in, and of an accepted one for the answer:
-- Salesforce keeps no history of a quote's status by itself.
-- A contract goes out when the own company has signed it. Both signatures have a day and
-- no time; of the day on which the record was made, its instant is known.
-- A record that has not changed since a complete list of all ids, and was not in it, is gone
with complete_quotes as (
    select max(listing.listed_at) as listed_at
    from raw.Quote_ids as listing
    where listing.record_id = '*'
),

complete_contracts as (
    select max(listing.listed_at) as listed_at
    from raw.Contract_ids as listing
    where listing.record_id = '*'
),

papers as (
    select
        papers.QuoteId,
        min(papers.CreatedDate) as sent_at
    from raw.QuoteDocument as papers
    group by papers.QuoteId
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
    quotes.Id as document_id,
    'quote' as kind,
    quotes.OpportunityId as deal_id,
    quotes.AccountId as account_id,
    coalesce(quotes.OwnerId, quotes.CreatedById) as owner_id,
    coalesce(quotes.GrandTotal, quotes.TotalPrice) as amount,
    quotes.CurrencyIsoCode as currency,
    quotes.CreatedDate as created_at,
    case
        when papers.sent_at is not null then papers.sent_at
        when quotes.Status in ('Presented', 'Accepted', 'Denied') then quotes.LastModifiedDate
    end as sent_at,
    case when quotes.Status = 'Accepted' then quotes.LastModifiedDate end as signed_at,
    coalesce(quotes.merit_deleted, false)
        or coalesce(quotes.SystemModstamp < complete_quotes.listed_at and coalesce(listing.listed_at < complete_quotes.listed_at, true), false) as is_deleted
from raw.Quote as quotes
cross join complete_quotes
left join raw.Quote_ids as listing on listing.record_id = quotes.Id
left join papers on papers.QuoteId = quotes.Id

union all

select
    contracts.Id as document_id,
    'contract' as kind,
    coalesce(contracts.SBQQ__Opportunity__c, sold.Id) as deal_id,
    contracts.AccountId as account_id,
    contracts.OwnerId as owner_id,
    sellers.Amount as amount,
    coalesce(sellers.CurrencyIsoCode, contracts.CurrencyIsoCode) as currency,
    contracts.CreatedDate as created_at,
    case
        when contracts.CompanySignedDate = fn.day(contracts.CreatedDate) then contracts.CreatedDate
        when contracts.CompanySignedDate is not null then fn.midnight(contracts.CompanySignedDate)
        when contracts.CustomerSignedDate is not null and contracts.CustomerSignedDate > fn.day(contracts.CreatedDate)
            then fn.midnight(contracts.CustomerSignedDate)
        when contracts.CustomerSignedDate is not null then contracts.CreatedDate
        else contracts.ActivatedDate
    end as sent_at,
    case
        when contracts.CustomerSignedDate = fn.day(contracts.ActivatedDate) then contracts.ActivatedDate
        when contracts.CustomerSignedDate is not null then fn.midnight(contracts.CustomerSignedDate)
        else contracts.ActivatedDate
    end as signed_at,
    coalesce(contracts.merit_deleted, false)
        or coalesce(contracts.SystemModstamp < complete_contracts.listed_at and coalesce(listing.listed_at < complete_contracts.listed_at, true), false) as is_deleted
from raw.Contract as contracts
cross join complete_contracts
left join raw.Contract_ids as listing on listing.record_id = contracts.Id
left join sold on sold.ContractId = contracts.Id
left join raw.Opportunity as sellers on sellers.Id = sold.Id
