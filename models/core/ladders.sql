-- ladders: how each pipeline was set up, from one change of its stages to the next
-- grain: one row a pipeline and stretch of time in which its stages stayed the same
-- key: source, pipeline_id, edition
-- signal: a move is judged by the ladder that the rep saw, not by today's
-- owner: revenue operations
-- present: source, pipeline_id, edition, is_told, from_at, until_at
-- checks: in_order: until_at > from_at
-- games: stages rearranged so that standing still looks like moving; each edition stays listed with its day
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
        row_number() over pipeline as edition,
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
editions as (
    select
        numbered.source,
        numbered.pipeline_id,
        numbered.edition,
        true as is_told,
        numbered.changed_at,
        numbered.changed_next
    from numbered
    union all
    select
        silent.source,
        silent.pipeline_id,
        1 as edition,
        false as is_told,
        cast(null as timestamp with time zone) as changed_at,
        cast(null as timestamp with time zone) as changed_next
    from silent
)
select
    editions.source, -- the source's name in merit.yml
    editions.pipeline_id, -- 'default' where the CRM has one ladder
    editions.edition, -- 1 is the oldest that is known
    editions.is_told, -- true: the CRM tells since when; false: it tells of today's only, which stands for all time
    -- What was before the oldest edition is not known: it stands for that time too.
    case
        when editions.edition = 1 then cast('1900-01-01T00:00:00Z' as timestamp with time zone)
        else editions.changed_at
    end as from_at, -- first instant of the edition
    coalesce(editions.changed_next, fn.add_days(fn.as_of(), 1)) as until_at -- first instant of the next one, or an instant after this build's
from editions
