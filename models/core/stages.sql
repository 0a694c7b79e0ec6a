-- stages: the steps of each pipeline in one order in the CRM's order, open stages before won
-- grain: one row a stage
-- key: source, pipeline_id, stage_id
-- signal: what counts as forward
-- owner: revenue operations
-- not_null: source, pipeline_id, stage_id, label, is_closed, is_won, is_lost
-- checks: lost_has_no_position: is_lost = (position is null)
-- gaming: stages added to be passed through; a move that skips them counts once as well
-- changed: 2026-11-22 first version
with kinds as (
    select
        stages.source,
        stages.pipeline_id,
        stages.stage_id,
        stages.label,
        stages.position,
        stages.probability,
        stages.is_closed or stages.is_won as is_closed,
        stages.is_won,
        stages.is_closed and not stages.is_won as is_lost
    from staging.stages
),
-- As core.pipeline_version_stages has it: an open stage behind the won one and no longer to be won comes after the sale.
won_at as (
    select
        kinds.source,
        kinds.pipeline_id,
        min(case when kinds.is_won then kinds.position end) as position,
        min(case when not kinds.is_closed then kinds.position end) as first_open_position
    from kinds
    group by
        kinds.source,
        kinds.pipeline_id
)
select
    kinds.source, -- the source's name in merit.yml
    kinds.pipeline_id, -- 'default' where the CRM has one pipeline
    kinds.stage_id, -- as deals name it
    kinds.label, -- for people
    case
        when not kinds.is_lost then row_number() over (
            partition by kinds.source, kinds.pipeline_id, kinds.is_lost
            order by
                case
                    when kinds.is_won then 1
                    when kinds.position > won_at.position and won_at.position > won_at.first_open_position and coalesce(kinds.probability, 1) >= 1 then 1
                    else 0
                end,
                kinds.position,
                kinds.stage_id
        )
    end as position, -- 1 is the first; the won ones and open ones after the sale are the last; null: lost, which has no position
    kinds.probability, -- 0..1
    kinds.is_closed, -- won or lost
    kinds.is_won, -- closed and won
    kinds.is_lost -- closed and not won
from kinds
join won_at
    on won_at.source = kinds.source
    and won_at.pipeline_id = kinds.pipeline_id
