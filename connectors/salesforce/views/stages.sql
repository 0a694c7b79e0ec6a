-- stages: the one ladder of an org, the retired stages too, since history names them
-- A stage may have been retired and made again: then the active one speaks for its name.
with ranked as (
    select
        stages.ApiName,
        stages.MasterLabel,
        stages.DefaultProbability,
        stages.IsClosed,
        stages.IsWon,
        stages.SortOrder,
        stages.Id,
        row_number() over (
            partition by stages.ApiName
            order by case when stages.IsActive then 0 else 1 end, stages.SortOrder, stages.Id
        ) as place
    from raw.OpportunityStage as stages
)

select
    'default' as pipeline_id,
    ranked.ApiName as stage_id,
    coalesce(ranked.MasterLabel, ranked.ApiName) as label,
    row_number() over (order by ranked.SortOrder, ranked.Id) as position,
    cast(ranked.DefaultProbability * cast(0.01 as numeric(9, 4)) as numeric(9, 4)) as probability,
    coalesce(ranked.IsClosed, false) as is_closed,
    coalesce(ranked.IsClosed, false) and coalesce(ranked.IsWon, false) as is_won
from ranked
where ranked.place = 1
