-- stages: the steps of each pipeline as one ladder, open stages in the CRM's order, then won
-- grain: one row a stage
-- key: source, pipeline_id, stage_id
-- signal: what counts as forward
-- owner: revenue operations
-- present: source, pipeline_id, stage_id, label, is_closed, is_won, is_lost
-- checks: lost_has_no_rung: is_lost = (position is null)
-- games: stages added to be passed through; a move that skips them counts once as well
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
)
select
    kinds.source, -- the source's name in merit.yml
    kinds.pipeline_id, -- 'default' where the CRM has one ladder
    kinds.stage_id, -- as deals name it
    kinds.label, -- for people
    case
        when not kinds.is_lost then row_number() over (
            partition by kinds.source, kinds.pipeline_id, kinds.is_lost
            order by kinds.is_won, kinds.position, kinds.stage_id
        )
    end as position, -- the rung: 1 is the first, the won ones are the last; null: lost, which is on no ladder
    kinds.probability, -- 0..1
    kinds.is_closed, -- won or lost
    kinds.is_won, -- closed and won
    kinds.is_lost -- closed and not won
from kinds
