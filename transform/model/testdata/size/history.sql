-- deal_changes: change {k} of 20 of every deal, so that the rows of one deal lie as
-- far apart as they do when a CRM is read in the order of its changes
with changes as (
    select
        seeds.number,
        seeds.source,
        seeds.deal_id,
        case
            when {k} = 12 and seeds.number % 5 = 0 then 'owner'
            else (['stage', 'amount', 'close_on', 'owner', 'next_step', 'forecast_category', 'stage', 'stage', 'close_on', 'amount',
                'next_step', 'stage', 'close_on', 'forecast_category', 'stage', 'amount', 'stage', 'next_step', 'close_on', 'stage'])[{k} + 1]
        end as field,
        case when {k} < 6 then seeds.created_at else seeds.created_at + to_seconds(cast(seeds.life * ({k} - 5) // 14 as bigint)) end as changed_at,
        seeds.owner,
        seeds.last_owner,
        seeds.created_at,
        seeds.life,
        seeds.amount,
        seeds.is_closed,
        seeds.is_won
    from seeds
)
select
    changes.source,
    made('008', changes.number * 20 + {k}, 'change') || ':' || changes.field as change_id,
    changes.deal_id,
    changes.field,
    case changes.field
        when 'stage' then stage_named(case {k}
            when 0 then 1
            when 6 then 2
            -- A row that keeps the stage, a move back, a skip.
            when 7 then case when draw(changes.number, 'kept', 15) = 0 then 2 else 3 end
            when 11 then case when draw(changes.number, 'back', 12) = 0 then 2 else 4 end
            when 14 then case when draw(changes.number, 'skip', 10) = 0 then 6 else 5 end
            when 16 then 6
            else case when not changes.is_closed then 6 when changes.is_won then 7 else 8 end
        end)
        when 'amount' then cast(cast(changes.amount * (100 + draw(changes.number, {k}, 40) - 20) / 100 as numeric(18, 2)) as varchar)
        when 'close_on' then cast(cast(changes.created_at + to_seconds(cast(changes.life * (60 + {k} + draw(changes.number, {k}, 30)) // 100 as bigint)) as date) as varchar)
        when 'owner' then owner_of(case when {k} = 12 then changes.last_owner else changes.owner end)
        when 'next_step' then 'send the paper on point ' || cast(draw(changes.number, {k}, 1000) as varchar)
        else (['Pipeline', 'Best Case', 'Commit'])[1 + draw(changes.number, {k}, 3)]
    end as new_value,
    changes.changed_at,
    cast({k} as bigint) as ordinal,
    owner_of(changes.owner) as changed_by,
    case when changes.source = 'other_crm' then 'user' end as changed_through,
    changes.number % 200 = 0 and {k} < 6 as is_truncated
from changes
