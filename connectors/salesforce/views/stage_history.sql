-- stage_history: how a pipeline was set up earlier, as far as we saw it
-- Salesforce tells how its stages are set up now. Each version of a stage that was seen is
-- kept, so from the first reading on every change is known. What was before stands as the
-- oldest version, of all stages from the same instant on. An org in which nobody changed a
-- stage since tells nothing here.
with versions as (
    select
        stages.Id,
        stages.ApiName,
        stages.MasterLabel,
        stages.DefaultProbability,
        stages.IsActive,
        coalesce(stages.IsClosed, false) as is_closed,
        coalesce(stages.IsWon, false) as is_won,
        stages.SortOrder,
        stages.SystemModstamp,
        row_number() over (partition by stages.Id order by stages.SystemModstamp) as number,
        row_number() over (partition by stages.Id order by stages.SystemModstamp desc) as age
    from raw.OpportunityStage as stages
),

-- a stage may have been retired and made again: then the active one speaks for its name
ranked as (
    select
        versions.Id,
        row_number() over (
            partition by versions.ApiName
            order by case when versions.IsActive then 0 else 1 end, versions.SortOrder, versions.Id
        ) as place
    from versions
    where versions.age = 1
),

-- a new stamp alone, as maintenance leaves it, is no change
compared as (
    select
        versions.Id,
        versions.ApiName,
        versions.MasterLabel,
        versions.DefaultProbability,
        versions.is_closed,
        versions.is_won,
        versions.SortOrder,
        versions.SystemModstamp,
        versions.number,
        lag(versions.MasterLabel) over (partition by versions.Id order by versions.number) as label_before,
        lag(versions.DefaultProbability) over (partition by versions.Id order by versions.number) as probability_before,
        lag(versions.is_closed) over (partition by versions.Id order by versions.number) as is_closed_before,
        lag(versions.is_won) over (partition by versions.Id order by versions.number) as is_won_before,
        lag(versions.SortOrder) over (partition by versions.Id order by versions.number) as sort_order_before
    from versions
    inner join ranked
        on ranked.Id = versions.Id
        and ranked.place = 1
),

changes as (
    select
        compared.Id,
        compared.ApiName,
        compared.MasterLabel,
        compared.DefaultProbability,
        compared.is_closed,
        compared.is_won,
        compared.SortOrder,
        compared.SystemModstamp,
        compared.number
    from compared
    where compared.number = 1
        or compared.MasterLabel is distinct from compared.label_before
        or compared.DefaultProbability is distinct from compared.probability_before
        or compared.is_closed is distinct from compared.is_closed_before
        or compared.is_won is distinct from compared.is_won_before
        or compared.SortOrder is distinct from compared.sort_order_before
),

known as (
    select
        min(changes.SystemModstamp) as known_from,
        max(changes.number) as versions
    from changes
),

spans as (
    select
        changes.Id,
        changes.ApiName,
        changes.MasterLabel,
        changes.DefaultProbability,
        changes.is_closed,
        changes.is_won,
        changes.SortOrder,
        case when changes.number = 1 then known.known_from else changes.SystemModstamp end as valid_from,
        lead(changes.SystemModstamp) over (partition by changes.Id order by changes.number) as valid_to
    from changes
    cross join known
    where known.versions > 1
)

select
    'default' as pipeline_id,
    spans.ApiName as stage_id,
    spans.valid_from as valid_from,
    spans.valid_to as valid_to,
    coalesce(spans.MasterLabel, spans.ApiName) as label,
    cast(coalesce(spans.SortOrder, 0) as bigint) as position,
    fn.number(spans.DefaultProbability) * cast(0.01 as numeric(9, 4)) as probability,
    spans.is_closed as is_closed,
    spans.is_closed and spans.is_won as is_won
from spans
