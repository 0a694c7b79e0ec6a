-- rungs: the stages of every edition of a pipeline as one ladder in the CRM's order, open stages before won
-- grain: one row an edition and stage
-- key: source, pipeline_id, edition, stage_id
-- signal: what counted as forward at the time
-- owner: revenue operations
-- present: source, pipeline_id, edition, stage_id, label, is_closed, is_won, is_lost
-- checks: lost_has_no_rung: is_lost = (position is null)
-- games: stages added to be passed through; a move that skips them counts once as well
-- changed: 2026-11-22 first version
with set_up as (
    select
        ladders.source,
        ladders.pipeline_id,
        ladders.edition,
        stage_history.stage_id,
        stage_history.label,
        stage_history.position,
        stage_history.probability,
        stage_history.is_closed,
        stage_history.is_won
    from core.ladders
    join staging.stage_history
        on stage_history.source = ladders.source
        and stage_history.pipeline_id = ladders.pipeline_id
        and stage_history.valid_from < ladders.until_at
        -- What is to end after this build has not ended.
        and (stage_history.valid_to is null or stage_history.valid_to >= ladders.until_at or stage_history.valid_to > fn.as_of())
    where ladders.is_told
        and stage_history.valid_from <= fn.as_of()
    union all
    select
        ladders.source,
        ladders.pipeline_id,
        ladders.edition,
        stages.stage_id,
        stages.label,
        stages.position,
        stages.probability,
        stages.is_closed,
        stages.is_won
    from core.ladders
    join staging.stages
        on stages.source = ladders.source
        and stages.pipeline_id = ladders.pipeline_id
    where not ladders.is_told
),
kinds as (
    select
        set_up.source,
        set_up.pipeline_id,
        set_up.edition,
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
        kinds.edition,
        min(case when kinds.is_won then kinds.position end) as position,
        min(case when not kinds.is_closed then kinds.position end) as first_open_position
    from kinds
    group by
        kinds.source,
        kinds.pipeline_id,
        kinds.edition
)
select
    kinds.source, -- the source's name in merit.yml
    kinds.pipeline_id, -- 'default' where the CRM has one ladder
    kinds.edition, -- of the ladder, as core.ladders counts them
    kinds.stage_id, -- as deals name it
    kinds.label, -- for people, as it was called then
    case
        when not kinds.is_lost then row_number() over (
            partition by kinds.source, kinds.pipeline_id, kinds.edition, kinds.is_lost
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
    end as position, -- the rung: 1 is the first; the won ones and open ones after the sale are the last; null: lost, which is on no ladder
    kinds.is_closed, -- won or lost
    kinds.is_won, -- closed and won
    kinds.is_lost -- closed and not won
from kinds
join won_at
    on won_at.source = kinds.source
    and won_at.pipeline_id = kinds.pipeline_id
    and won_at.edition = kinds.edition
