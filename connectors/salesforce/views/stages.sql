-- stages: the one pipeline of an org, the retired stages too, since history names them
-- A stage may have been retired and made again: then the active one speaks for its name.
-- Of each stage all versions are kept that were seen; the latest one is today's.
with versions as (
    select
        stages.Id,
        stages.ApiName,
        stages.MasterLabel,
        stages.DefaultProbability,
        stages.IsActive,
        stages.IsClosed,
        stages.IsWon,
        stages.SortOrder,
        row_number() over (partition by stages.Id order by stages.SystemModstamp desc) as age
    from raw.OpportunityStage as stages
),

ranked as (
    select
        versions.ApiName,
        versions.MasterLabel,
        versions.DefaultProbability,
        versions.IsClosed,
        versions.IsWon,
        versions.SortOrder,
        versions.Id,
        row_number() over (
            partition by versions.ApiName
            order by case when versions.IsActive then 0 else 1 end, versions.SortOrder, versions.Id
        ) as place
    from versions
    where versions.age = 1
)

select
    'default' as pipeline_id,
    ranked.ApiName as stage_id,
    coalesce(ranked.MasterLabel, ranked.ApiName) as label,
    row_number() over (order by ranked.SortOrder, ranked.Id) as position,
    fn.number(ranked.DefaultProbability) * cast(0.01 as numeric(9, 4)) as probability,
    coalesce(ranked.IsClosed, false) as is_closed,
    coalesce(ranked.IsClosed, false) and coalesce(ranked.IsWon, false) as is_won
from ranked
where ranked.place = 1
