-- deal_changes: each value that a tracked field of a deal took
-- Stage, amount, close date and forecast category come from OpportunityHistory,
-- which is always kept and has a row for every change of any of them: a row counts
-- for a field where its value is another than before. Owner and next step come
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
        cast(history.CloseDate as string) as close_on,
        case history.ForecastCategory
            when 'BestCase' then 'Best Case'
            when 'MostLikely' then 'Most Likely'
            when 'Forecast' then 'Commit'
            else history.ForecastCategory
        end as forecast_category,
        row_number() over (
            partition by history.OpportunityId
            order by history.CreatedDate, history.Id
        ) as place
    from raw.OpportunityHistory as history
),

compared as (
    select
        steps.Id,
        steps.OpportunityId,
        steps.CreatedDate,
        steps.CreatedById,
        steps.place,
        steps.stage,
        lag(steps.stage) over (partition by steps.OpportunityId order by steps.place) as stage_before,
        steps.amount,
        lag(steps.amount) over (partition by steps.OpportunityId order by steps.place) as amount_before,
        steps.close_on,
        lag(steps.close_on) over (partition by steps.OpportunityId order by steps.place) as close_on_before,
        steps.forecast_category,
        lag(steps.forecast_category) over (partition by steps.OpportunityId order by steps.place) as forecast_category_before
    from steps
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

numbered as (
    select
        noted.Id,
        noted.OpportunityId,
        noted.CreatedDate,
        noted.CreatedById,
        noted.field,
        noted.OldValue,
        noted.NewValue,
        row_number() over (
            partition by noted.OpportunityId, noted.field
            order by noted.CreatedDate, noted.Id
        ) as place
    from noted
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
    where history.Field = 'created'
),

-- the value at creation: what the first known change replaced, else what it is now
creations as (
    select
        current_values.Id,
        current_values.field,
        case when numbered.Id is null then current_values.value_now else numbered.OldValue end as first_value,
        fn.smaller(
            fn.smaller(current_values.CreatedDate, coalesce(first_steps.began_at, current_values.CreatedDate)),
            coalesce(numbered.CreatedDate, current_values.CreatedDate)
        ) as began_at,
        current_values.CreatedById,
        numbered.Id is not null as has_change,
        case
            when known.known_from is null then true
            else whole.OpportunityId is null and known.known_from > current_values.CreatedDate
        end as is_truncated
    from current_values
    left join numbered
        on numbered.OpportunityId = current_values.Id
        and numbered.field = current_values.field
        and numbered.place = 1
    left join known on known.field = current_values.field
    left join whole on whole.OpportunityId = current_values.Id
    left join first_steps on first_steps.OpportunityId = current_values.Id
),

changes as (
    select
        compared.Id || ':stage' as change_id,
        compared.OpportunityId as deal_id,
        'stage' as field,
        compared.stage as new_value,
        compared.CreatedDate as changed_at,
        compared.place as ordinal,
        compared.CreatedById as changed_by,
        false as is_truncated
    from compared
    where compared.place = 1 or compared.stage is distinct from compared.stage_before
    union all
    select
        compared.Id || ':amount' as change_id,
        compared.OpportunityId as deal_id,
        'amount' as field,
        compared.amount as new_value,
        compared.CreatedDate as changed_at,
        compared.place as ordinal,
        compared.CreatedById as changed_by,
        false as is_truncated
    from compared
    where compared.place = 1 or compared.amount is distinct from compared.amount_before
    union all
    select
        compared.Id || ':close_on' as change_id,
        compared.OpportunityId as deal_id,
        'close_on' as field,
        compared.close_on as new_value,
        compared.CreatedDate as changed_at,
        compared.place as ordinal,
        compared.CreatedById as changed_by,
        false as is_truncated
    from compared
    where compared.place = 1 or compared.close_on is distinct from compared.close_on_before
    union all
    select
        compared.Id || ':forecast_category' as change_id,
        compared.OpportunityId as deal_id,
        'forecast_category' as field,
        compared.forecast_category as new_value,
        compared.CreatedDate as changed_at,
        compared.place as ordinal,
        compared.CreatedById as changed_by,
        false as is_truncated
    from compared
    where compared.place = 1 or compared.forecast_category is distinct from compared.forecast_category_before
    union all
    select
        numbered.Id || ':' || numbered.field as change_id,
        numbered.OpportunityId as deal_id,
        numbered.field as field,
        numbered.NewValue as new_value,
        numbered.CreatedDate as changed_at,
        numbered.place as ordinal,
        numbered.CreatedById as changed_by,
        false as is_truncated
    from numbered
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
