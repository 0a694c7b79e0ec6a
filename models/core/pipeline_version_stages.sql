-- pipeline_version_stages: the stages of every version of a pipeline in one order in the CRM's order, open stages before won
-- grain: one row a version of a pipeline and stage
-- key: source, pipeline_id, pipeline_version, stage_id
-- signal: what counted as forward at the time
-- owner: revenue operations
-- not_null: source, pipeline_id, pipeline_version, stage_id, label, is_closed, is_won, is_lost
-- checks: lost_has_no_position: is_lost = (position is null)
-- gaming: stages added to be passed through; a move that skips them counts once as well
-- changed: 2026-11-22 first version
with set_up as (
    select
        pipeline_versions.source,
        pipeline_versions.pipeline_id,
        pipeline_versions.pipeline_version,
        stage_history.stage_id,
        stage_history.label,
        stage_history.position,
        stage_history.probability,
        stage_history.is_closed,
        stage_history.is_won
    from core.pipeline_versions
    join staging.stage_history
        on stage_history.source = pipeline_versions.source
        and stage_history.pipeline_id = pipeline_versions.pipeline_id
        and stage_history.valid_from < pipeline_versions.until_at
        -- What is to end after this build has not ended.
        and (stage_history.valid_to is null or stage_history.valid_to >= pipeline_versions.until_at or stage_history.valid_to > fn.as_of())
    where pipeline_versions.is_told
        and stage_history.valid_from <= fn.as_of()
    union all
    select
        pipeline_versions.source,
        pipeline_versions.pipeline_id,
        pipeline_versions.pipeline_version,
        stages.stage_id,
        stages.label,
        stages.position,
        stages.probability,
        stages.is_closed,
        stages.is_won
    from core.pipeline_versions
    join staging.stages
        on stages.source = pipeline_versions.source
        and stages.pipeline_id = pipeline_versions.pipeline_id
    where not pipeline_versions.is_told
),
kinds as (
    select
        set_up.source,
        set_up.pipeline_id,
        set_up.pipeline_version,
        set_up.stage_id,
        set_up.label,
        set_up.position,
        set_up.probability,
        set_up.is_closed or set_up.is_won as is_closed,
        set_up.is_won,
        set_up.is_closed and not set_up.is_won as is_lost
    from set_up
),
-- Where a pipeline's own order has a won stage behind an open one, that order says where the sale ends.
won_at as (
    select
        kinds.source,
        kinds.pipeline_id,
        kinds.pipeline_version,
        min(case when kinds.is_won then kinds.position end) as position,
        min(case when not kinds.is_closed then kinds.position end) as first_open_position
    from kinds
    group by
        kinds.source,
        kinds.pipeline_id,
        kinds.pipeline_version
)
select
    kinds.source, -- the source's name in merit.yml
    kinds.pipeline_id, -- 'default' where the CRM has one pipeline
    kinds.pipeline_version, -- of the pipeline, as core.pipeline_versions counts them
    kinds.stage_id, -- as deals name it
    kinds.label, -- for people, as it was called then
    case
        when not kinds.is_lost then row_number() over (
            partition by kinds.source, kinds.pipeline_id, kinds.pipeline_version, kinds.is_lost
            order by
                case
                    when kinds.is_won then 1
                    -- What is open behind it and no longer to be won, as an onboarding is, comes after the sale.
                    when kinds.position > won_at.position and won_at.position > won_at.first_open_position and coalesce(kinds.probability, 1) >= 1 then 1
                    else 0
                end,
                kinds.position,
                kinds.stage_id
        )
    end as position, -- 1 is the first; the won ones and open ones after the sale are the last; null: lost, which has no position
    kinds.is_closed, -- won or lost
    kinds.is_won, -- closed and won
    kinds.is_lost -- closed and not won
from kinds
join won_at
    on won_at.source = kinds.source
    and won_at.pipeline_id = kinds.pipeline_id
    and won_at.pipeline_version = kinds.pipeline_version
