-- deals: opportunities as they are now
-- The term is the contract's that the deal led to.
-- url is a path; the org's own address stands before it.
-- A record that has not changed since a complete list of all ids, and was not in it, is gone
-- main: raw.Opportunity
with complete as (
    select max(listing.listed_at) as listed_at
    from raw.Opportunity_ids as listing
    where listing.record_id = '*'
),

first_rows as (
    select
        history.OpportunityId,
        min(history.CreatedDate) as seen_at
    from raw.OpportunityHistory as history
    group by history.OpportunityId
),

-- until there is a contract, a line says when its service begins, and none when it ends
first_days as (
    select
        lines.OpportunityId,
        min(lines.ServiceDate) as starts_on
    from raw.OpportunityLineItem as lines
    where not coalesce(lines.merit_deleted, false)
    group by lines.OpportunityId
)

select
    opportunities.Id as deal_id,
    opportunities.Name as name,
    opportunities.AccountId as account_id,
    opportunities.OwnerId as owner_id,
    'default' as pipeline_id,
    opportunities.StageName as stage_id,
    opportunities.Amount as amount,
    opportunities.CurrencyIsoCode as currency,
    opportunities.CloseDate as close_on,
    cast(null as timestamp with time zone) as closed_at,
    opportunities.Type as deal_type,
    opportunities.LeadSource as lead_source,
    opportunities.NextStep as next_step,
    case opportunities.ForecastCategory
        when 'BestCase' then 'Best Case'
        when 'MostLikely' then 'Most Likely'
        when 'Forecast' then 'Commit'
        else opportunities.ForecastCategory
    end as forecast_category,
    coalesce(contracts.StartDate, first_days.starts_on) as term_starts_on,
    contracts.EndDate as term_ends_on,
    opportunities.CreatedById as created_by,
    opportunities.CreatedDate as created_at,
    first_rows.seen_at as seen_at,
    opportunities.LastModifiedDate as changed_at,
    coalesce(opportunities.merit_deleted, false)
        or coalesce(opportunities.SystemModstamp < complete.listed_at and coalesce(listing.listed_at < complete.listed_at, true), false) as is_deleted,
    '/lightning/r/Opportunity/' || opportunities.Id || '/view' as url
from raw.Opportunity as opportunities
cross join complete
left join raw.Opportunity_ids as listing on listing.record_id = opportunities.Id
left join first_rows on first_rows.OpportunityId = opportunities.Id
left join first_days on first_days.OpportunityId = opportunities.Id
left join raw.Contract as contracts
    on contracts.Id = opportunities.ContractId
    and not coalesce(contracts.merit_deleted, false)
