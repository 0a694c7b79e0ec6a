-- stage_history: the ladders as they were set up, from one change of a pipeline to
-- the next. Where HubSpot tells of none, today's counts for all time
with
changes as (
    select distinct
        stage_versions.pipeline_id,
        stage_versions.valid_from
    from raw.stage_versions as stage_versions
),

spans as (
    select
        changes.pipeline_id,
        changes.valid_from,
        lead(changes.valid_from) over (partition by changes.pipeline_id order by changes.valid_from) as valid_to
    from changes
)

select
    stage_versions.pipeline_id as pipeline_id,
    stage_versions.stage_id as stage_id,
    stage_versions.valid_from as valid_from,
    spans.valid_to as valid_to,
    coalesce(stage_versions.label, stage_versions.stage_id) as label,
    row_number() over (
        partition by stage_versions.pipeline_id, stage_versions.valid_from
        order by stage_versions.displayOrder, stage_versions.stage_id
    ) as position,
    cast(stage_versions.probability as numeric(9, 4)) as probability,
    coalesce(stage_versions.isClosed, false) as is_closed,
    coalesce(stage_versions.isClosed and stage_versions.probability = 1, false) as is_won
from raw.stage_versions as stage_versions
join spans
    on stage_versions.pipeline_id = spans.pipeline_id
    and stage_versions.valid_from = spans.valid_from
