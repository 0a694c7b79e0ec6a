-- deal_changes: each value that a tracked field of a deal took
-- Stage, amount, currency, close date and forecast category come from OpportunityHistory,
-- which is always kept and has a row for every change of any of them, with the
-- values of all: which of them it changed says core.field_changes. Owner and next step come
-- from OpportunityFieldHistory, which has the value before and after, and only from
-- the day on which an administrator had the field tracked, or 18 to 24 months back.
with steps as (
    select
        history.Id,
        history.OpportunityId,
        history.CreatedDate,
        history.CreatedById,
        history.StageName as stage,
        cast(fn.number(history.Amount) as string) as amount,
        history.CurrencyIsoCode as currency,
        cast(history.CloseDate as string) as close_on,
        case history.ForecastCategory
            when 'BestCase' then 'Best Case'
            when 'MostLikely' then 'Most Likely'
            when 'Forecast' then 'Commit'
            else history.ForecastCategory
        end as forecast_category
    from raw.OpportunityHistory as history
),

-- a change of owner has two rows, one with names and one with user ids (005…), which may
-- be without their last three characters
noted as (
    select
        history.Id,
        history.OpportunityId,
        history.CreatedDate,
        history.CreatedById,
        'owner' as field,
        coalesce(owners_before.Id, history.OldValue) as OldValue,
        coalesce(owners_after.Id, history.NewValue) as NewValue
    from raw.OpportunityFieldHistory as history
    left join raw.User as owners_before on substr(owners_before.Id, 1, 15) = substr(history.OldValue, 1, 15)
    left join raw.User as owners_after on substr(owners_after.Id, 1, 15) = substr(history.NewValue, 1, 15)
    where history.Field in ('Owner', 'OwnerId')
        and substr(coalesce(history.NewValue, history.OldValue), 1, 3) = '005'
        and length(coalesce(history.NewValue, history.OldValue)) in (15, 18)
    union all
    select
        history.Id,
        history.OpportunityId,
        history.CreatedDate,
        history.CreatedById,
        'next_step' as field,
        history.OldValue,
        history.NewValue
    from raw.OpportunityFieldHistory as history
    where history.Field = 'NextStep'
),

first_instants as (
    select
        noted.OpportunityId,
        noted.field,
        min(noted.CreatedDate) as changed_at
    from noted
    group by noted.OpportunityId, noted.field
),

first_ids as (
    select
        noted.OpportunityId,
        noted.field,
        min(noted.Id) as Id
    from first_instants
    inner join noted
        on noted.OpportunityId = first_instants.OpportunityId
        and noted.field = first_instants.field
        and noted.CreatedDate = first_instants.changed_at
    group by noted.OpportunityId, noted.field
),

first_notes as (
    select
        noted.Id,
        noted.OpportunityId,
        noted.field,
        noted.OldValue,
        noted.CreatedDate
    from first_ids
    inner join noted
        on noted.Id = first_ids.Id
        and noted.OpportunityId = first_ids.OpportunityId
        and noted.field = first_ids.field
),

-- from when on changes of a field are known in this org, as far as its rows tell
known as (
    select
        noted.field,
        min(noted.CreatedDate) as known_from
    from noted
    group by noted.field
),

first_steps as (
    select
        steps.OpportunityId,
        min(steps.CreatedDate) as began_at
    from steps
    group by steps.OpportunityId
),

current_values as (
    select
        opportunities.Id,
        opportunities.CreatedDate,
        opportunities.CreatedById,
        'owner' as field,
        opportunities.OwnerId as value_now
    from raw.Opportunity as opportunities
    union all
    select
        opportunities.Id,
        opportunities.CreatedDate,
        opportunities.CreatedById,
        'next_step' as field,
        opportunities.NextStep as value_now
    from raw.Opportunity as opportunities
),

-- where history was already kept when a deal was made, its first row says so
whole as (
    select distinct history.OpportunityId
    from raw.OpportunityFieldHistory as history
    where history.Field in ('created', 'opportunityCreatedFromLead')
),

-- the value at creation: what the first known change replaced, else what it is now
creations as (
    select
        current_values.Id,
        current_values.field,
        case when first_notes.Id is null then current_values.value_now else first_notes.OldValue end as first_value,
        fn.smaller(
            fn.smaller(current_values.CreatedDate, coalesce(first_steps.began_at, current_values.CreatedDate)),
            coalesce(first_notes.CreatedDate, current_values.CreatedDate)
        ) as began_at,
        current_values.CreatedById,
        first_notes.Id is not null as has_change,
        case
            when known.known_from is null then true
            else whole.OpportunityId is null and known.known_from > current_values.CreatedDate
        end as is_truncated
    from current_values
    left join first_notes
        on first_notes.OpportunityId = current_values.Id
        and first_notes.field = current_values.field
    left join known on known.field = current_values.field
    left join whole on whole.OpportunityId = current_values.Id
    left join first_steps on first_steps.OpportunityId = current_values.Id
),

changes as (
    select
        steps.Id || ':stage' as change_id,
        steps.OpportunityId as deal_id,
        'stage' as field,
        steps.stage as new_value,
        steps.CreatedDate as changed_at,
        1 as ordinal,
        steps.CreatedById as changed_by,
        false as is_truncated
    from steps
    union all
    select
        steps.Id || ':amount' as change_id,
        steps.OpportunityId as deal_id,
        'amount' as field,
        steps.amount as new_value,
        steps.CreatedDate as changed_at,
        1 as ordinal,
        steps.CreatedById as changed_by,
        false as is_truncated
    from steps
    union all
    select
        steps.Id || ':currency' as change_id,
        steps.OpportunityId as deal_id,
        'currency' as field,
        steps.currency as new_value,
        steps.CreatedDate as changed_at,
        1 as ordinal,
        steps.CreatedById as changed_by,
        false as is_truncated
    from steps
    where steps.currency is not null
    union all
    select
        steps.Id || ':close_on' as change_id,
        steps.OpportunityId as deal_id,
        'close_on' as field,
        steps.close_on as new_value,
        steps.CreatedDate as changed_at,
        1 as ordinal,
        steps.CreatedById as changed_by,
        false as is_truncated
    from steps
    union all
    select
        steps.Id || ':forecast_category' as change_id,
        steps.OpportunityId as deal_id,
        'forecast_category' as field,
        steps.forecast_category as new_value,
        steps.CreatedDate as changed_at,
        1 as ordinal,
        steps.CreatedById as changed_by,
        false as is_truncated
    from steps
    union all
    select
        noted.Id || ':' || noted.field as change_id,
        noted.OpportunityId as deal_id,
        noted.field as field,
        noted.NewValue as new_value,
        noted.CreatedDate as changed_at,
        1 as ordinal,
        noted.CreatedById as changed_by,
        false as is_truncated
    from noted
    union all
    -- a next step of which nobody knows when it was written is no change
    select
        creations.Id || ':' || creations.field || ':created' as change_id,
        creations.Id as deal_id,
        creations.field as field,
        creations.first_value as new_value,
        creations.began_at as changed_at,
        0 as ordinal,
        creations.CreatedById as changed_by,
        creations.is_truncated as is_truncated
    from creations
    where creations.field = 'owner' or creations.has_change or not creations.is_truncated
)

select
    changes.change_id as change_id,
    changes.deal_id as deal_id,
    changes.field as field,
    changes.new_value as new_value,
    changes.changed_at as changed_at,
    cast(changes.ordinal as bigint) as ordinal,
    changes.changed_by as changed_by,
    cast(null as string) as changed_through,
    changes.is_truncated as is_truncated
from changes
