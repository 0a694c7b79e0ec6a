-- pipeline_versions: how each pipeline was set up, from one change of its stages to the next
-- grain: one row a pipeline and stretch of time in which its stages stayed the same
-- key: source, pipeline_id, pipeline_version
-- signal: a move is judged by the pipeline that the rep saw, not by today's
-- owner: revenue operations
-- not_null: source, pipeline_id, pipeline_version, is_told, from_at, until_at
-- checks: in_order: until_at > from_at
-- gaming: stages rearranged so that standing still looks like moving; each version stays listed with its day
-- changed: 2026-11-22 first version
with told as (
    select
        stage_history.source,
        stage_history.pipeline_id,
        stage_history.valid_from as changed_at
    from staging.stage_history
    union all
    select
        stage_history.source,
        stage_history.pipeline_id,
        stage_history.valid_to as changed_at
    from staging.stage_history
    where stage_history.valid_to is not null
),
changes as (
    select
        told.source,
        told.pipeline_id,
        told.changed_at
    from told
    where told.changed_at <= fn.as_of()
    group by
        told.source,
        told.pipeline_id,
        told.changed_at
),
numbered as (
    select
        changes.source,
        changes.pipeline_id,
        changes.changed_at,
        row_number() over pipeline as pipeline_version,
        lead(changes.changed_at) over pipeline as changed_next
    from changes
    window pipeline as (
        partition by changes.source, changes.pipeline_id
        order by changes.changed_at
    )
),
silent as (
    select
        stages.source,
        stages.pipeline_id
    from staging.stages
    left join changes
        on changes.source = stages.source
        and changes.pipeline_id = stages.pipeline_id
    where changes.source is null
    group by
        stages.source,
        stages.pipeline_id
),
versions as (
    select
        numbered.source,
        numbered.pipeline_id,
        numbered.pipeline_version,
        true as is_told,
        numbered.changed_at,
        numbered.changed_next
    from numbered
    union all
    select
        silent.source,
        silent.pipeline_id,
        1 as pipeline_version,
        false as is_told,
        cast(null as timestamp with time zone) as changed_at,
        cast(null as timestamp with time zone) as changed_next
    from silent
)
select
    versions.source, -- the source's name in merit.yml
    versions.pipeline_id, -- 'default' where the CRM has one pipeline
    versions.pipeline_version, -- 1 is the oldest that is known
    versions.is_told, -- true: the CRM tells since when; false: it tells of today's only, which stands for all time
    -- What was before the oldest version is not known: it stands for that time too.
    case
        when versions.pipeline_version = 1 then cast('1900-01-01T00:00:00Z' as timestamp with time zone)
        else versions.changed_at
    end as from_at, -- first instant of the version
    coalesce(versions.changed_next, fn.add_days(fn.as_of(), 1)) as until_at -- first instant of the next one, or an instant after this build's
from versions
