-- stage_history: the pipelines as they were set up, from one change of a pipeline to
-- the next. Where HubSpot tells of none, today's counts for all time
with
-- An assumed pipeline goes when the real one is told after all.
versions as (
    select
        stage_versions.pipeline_id,
        stage_versions.stage_id,
        stage_versions.valid_from,
        stage_versions.label,
        stage_versions.displayOrder,
        stage_versions.probability,
        stage_versions.isClosed
    from raw.stage_versions as stage_versions
    where not coalesce(stage_versions.merit_deleted, false)
),

changes as (
    select distinct
        versions.pipeline_id,
        versions.valid_from
    from versions
),

spans as (
    select
        changes.pipeline_id,
        changes.valid_from,
        lead(changes.valid_from) over (partition by changes.pipeline_id order by changes.valid_from) as valid_to
    from changes
)

select
    versions.pipeline_id as pipeline_id,
    versions.stage_id as stage_id,
    versions.valid_from as valid_from,
    spans.valid_to as valid_to,
    coalesce(versions.label, versions.stage_id) as label,
    row_number() over (
        partition by versions.pipeline_id, versions.valid_from
        order by versions.displayOrder, versions.stage_id
    ) as position,
    versions.probability as probability,
    coalesce(versions.isClosed, false) as is_closed,
    coalesce(versions.isClosed and versions.probability = 1, false) as is_won
from versions
join spans
    on versions.pipeline_id = spans.pipeline_id
    and versions.valid_from = spans.valid_from
