-- renewals: contracts that end, and what became of them
-- A contract that never began falls due to nobody. What would be paid again is what of the
-- deal that sold it is recurring, where its lines tell, else all of it.
-- Which deal renews a contract CPQ says. Elsewhere it is one of the account's deals of a
-- type such as Renewal that came up after the contract began and closes within 90 days of
-- its last day: each such deal renews the contract whose last day is the nearest, and a
-- contract is renewed by the nearest of those. A contract that nothing renews is lost 90
-- days after its end.
-- A record that has not changed since a complete list of all ids, and was not in it, is gone
with complete_contracts as (
    select max(listing.listed_at) as listed_at
    from raw.Contract_ids as listing
    where listing.record_id = '*'
),

complete_deals as (
    select max(listing.listed_at) as listed_at
    from raw.Opportunity_ids as listing
    where listing.record_id = '*'
),

schedules as (
    select coalesce(max(case when lines.HasRevenueSchedule then 1 else 0 end), 0) as are_used
    from raw.OpportunityLineItem as lines
),

recurring as (
    select
        lines.OpportunityId,
        sum(
            case
                when products.SBQQ__SubscriptionType__c = 'One-time' then 0
                when products.SBQQ__SubscriptionType__c is null and schedules.are_used = 1 and not coalesce(lines.HasRevenueSchedule, false) then 0
                else fn.number(lines.TotalPrice)
            end
        ) as amount
    from raw.OpportunityLineItem as lines
    cross join schedules
    left join raw.Product2 as products on products.Id = lines.Product2Id
    where not coalesce(lines.merit_deleted, false)
    group by lines.OpportunityId
),

stages as (
    select
        stages.ApiName,
        stages.IsClosed,
        stages.IsWon,
        row_number() over (partition by stages.Id order by stages.SystemModstamp desc) as age
    from raw.OpportunityStage as stages
),

closed_stages as (
    select
        stages.ApiName,
        max(case when stages.IsWon then 1 else 0 end) as is_won
    from stages
    where stages.IsClosed
        and stages.age = 1
    group by stages.ApiName
),

steps as (
    select
        history.OpportunityId,
        history.StageName,
        history.CreatedDate,
        lag(history.StageName) over (
            partition by history.OpportunityId
            order by history.CreatedDate, history.Id
        ) as stage_before
    from raw.OpportunityHistory as history
),

closings as (
    select
        steps.OpportunityId,
        max(steps.CreatedDate) as closed_at
    from steps
    inner join closed_stages on closed_stages.ApiName = steps.StageName
    left join closed_stages as stages_before
        on stages_before.ApiName = steps.stage_before
        and stages_before.is_won = closed_stages.is_won
    -- From one won stage to another a deal stays won, since when it was so first.
    where stages_before.ApiName is null
    group by steps.OpportunityId
),

deals as (
    select
        opportunities.Id,
        opportunities.AccountId,
        opportunities.ContractId,
        opportunities.Type,
        opportunities.CreatedDate,
        opportunities.CloseDate,
        opportunities.CurrencyIsoCode,
        coalesce(opportunities.IsClosed, false) as is_closed,
        coalesce(opportunities.IsClosed and opportunities.IsWon, false) as is_won,
        coalesce(recurring.amount, fn.number(opportunities.Amount)) as amount,
        coalesce(closings.closed_at, fn.midnight(opportunities.CloseDate)) as closed_at
    from raw.Opportunity as opportunities
    cross join complete_deals
    left join raw.Opportunity_ids as listing on listing.record_id = opportunities.Id
    left join recurring on recurring.OpportunityId = opportunities.Id
    left join closings on closings.OpportunityId = opportunities.Id
    where not coalesce(opportunities.merit_deleted, false)
        and not coalesce(opportunities.SystemModstamp < complete_deals.listed_at and coalesce(listing.listed_at < complete_deals.listed_at, true), false)
),

-- of several deals of one contract, the first sold it
sold as (
    select
        deals.ContractId,
        deals.Id,
        row_number() over (partition by deals.ContractId order by deals.CreatedDate, deals.Id) as place
    from deals
    where deals.ContractId is not null
),

contracts as (
    select
        contracts.Id,
        contracts.AccountId,
        contracts.OwnerId,
        contracts.StartDate,
        contracts.EndDate,
        contracts.CurrencyIsoCode,
        coalesce(contracts.ActivatedDate, contracts.CreatedDate) as began_at,
        coalesce(contracts.SBQQ__Opportunity__c, sold.Id) as deal_id,
        contracts.SBQQ__RenewalOpportunity__c as told_renewal_id,
        coalesce(contracts.merit_deleted, false)
            or coalesce(contracts.SystemModstamp < complete_contracts.listed_at and coalesce(listing.listed_at < complete_contracts.listed_at, true), false) as is_deleted
    from raw.Contract as contracts
    cross join complete_contracts
    left join raw.Contract_ids as listing on listing.record_id = contracts.Id
    left join sold
        on sold.ContractId = contracts.Id
        and sold.place = 1
    where contracts.AccountId is not null
        and contracts.EndDate is not null
        and (contracts.ActivatedDate is not null or contracts.StatusCode = 'Activated')
),

near as (
    select
        contracts.Id as contract_id,
        deals.Id as deal_id,
        abs(fn.whole_days(contracts.EndDate, deals.CloseDate)) as days_apart
    from contracts
    inner join deals
        on deals.AccountId = contracts.AccountId
        and deals.CreatedDate > contracts.began_at
        and lower(deals.Type) like '%renew%'
    where contracts.told_renewal_id is null
        and not contracts.is_deleted
        and deals.Id <> coalesce(contracts.deal_id, '')
        and abs(fn.whole_days(contracts.EndDate, deals.CloseDate)) <= 90
),

nearest as (
    select
        near.contract_id,
        near.deal_id,
        near.days_apart,
        row_number() over (partition by near.deal_id order by near.days_apart, near.contract_id) as place
    from near
),

matched as (
    select
        nearest.contract_id,
        nearest.deal_id,
        row_number() over (partition by nearest.contract_id order by nearest.days_apart, nearest.deal_id) as place
    from nearest
    where nearest.place = 1
),

paired as (
    select
        contracts.Id,
        contracts.AccountId,
        contracts.OwnerId,
        contracts.StartDate,
        contracts.EndDate,
        contracts.CurrencyIsoCode,
        contracts.deal_id,
        contracts.is_deleted,
        coalesce(contracts.told_renewal_id, matched.deal_id) as renewal_deal_id
    from contracts
    left join matched
        on matched.contract_id = contracts.Id
        and matched.place = 1
)

select
    paired.Id as renewal_id,
    paired.AccountId as account_id,
    paired.deal_id as deal_id,
    paired.renewal_deal_id as renewal_deal_id,
    paired.OwnerId as owner_id,
    paired.StartDate as term_starts_on,
    paired.EndDate as due_on,
    sold_by.amount as due_amount,
    case when renewed_by.is_won then renewed_by.amount end as renewed_amount,
    coalesce(sold_by.CurrencyIsoCode, paired.CurrencyIsoCode) as currency,
    case
        when renewed_by.is_won then 'renewed'
        when renewed_by.is_closed then 'lost'
        when renewed_by.Id is null and fn.date_after(paired.EndDate, 90) < fn.today() then 'lost'
        else 'open'
    end as outcome,
    case
        when renewed_by.is_closed then renewed_by.closed_at
        when renewed_by.Id is null and fn.date_after(paired.EndDate, 90) < fn.today() then fn.midnight(fn.date_after(paired.EndDate, 91))
    end as decided_at,
    paired.is_deleted as is_deleted
from paired
left join deals as sold_by on sold_by.Id = paired.deal_id
left join deals as renewed_by on renewed_by.Id = paired.renewal_deal_id
