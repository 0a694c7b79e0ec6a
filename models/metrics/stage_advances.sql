-- stage_advances: forward moves that bring a deal further than it had ever been
-- grain: one row a forward move to a new furthest stage
-- key: source, record_id, occurred_at, detail
-- signal: deals that move are deals that get decided; the earliest sign of a quarter's outcome
-- owner: sales management
-- kpi: deals advanced a quarter
-- okr: keep the pipeline moving
-- value: sum
-- unit: moves
-- better: higher
-- control: own
-- spans: week month quarter
-- streams: deals, deal_changes
-- parameters: move:
-- names: move: move
-- not_null: source, rep_id, occurred_at, record_type, record_id, numerator, denominator, is_truncated, detail
-- checks: one_each: numerator = 1 and denominator = 1
-- gaming: moving back and forth earns nothing twice, skipping counts once; bulk moves and quarter-end rushes are flagged
-- changed: 2026-11-22 first version
with named_moves as (
    select
        settings.period,
        fn.word(settings.value) as move
    from plan.settings
    where settings.metric = 'stage_advances'
        and settings.name = 'move'
    group by
        settings.period,
        fn.word(settings.value)
),
periods_with_names as (
    select
        named_moves.period,
        count(*) as moves
    from named_moves
    group by named_moves.period
)
select
    stage_transitions.source, -- the source's name in merit.yml
    stage_transitions.rep_id, -- the owner at that time
    stage_transitions.moved_at as occurred_at, -- when the deal moved
    'deal' as record_type, -- the record is a deal
    stage_transitions.deal_id as record_id, -- the CRM's id of the deal
    cast(1 as numeric(38, 9)) as numerator, -- one move
    cast(1 as numeric(38, 9)) as denominator, -- one move
    stage_transitions.is_truncated, -- true: the CRM has forgotten whether the deal had been that far before, or who owned it then
    stage_transitions.from_stage || ' -> ' || stage_transitions.to_stage
        || case
            when stage_transitions.is_skip then ', skipping ' || cast(stage_transitions.skipped as string)
            else ''
        end as detail -- the move
from core.stage_transitions
join plan.periods
    on stage_transitions.moved_at >= periods.starts_at
    and stage_transitions.moved_at < periods.ends_at
left join periods_with_names
    on periods_with_names.period = periods.period
join core.counted_deals
    on counted_deals.source = stage_transitions.source
    and counted_deals.deal_id = stage_transitions.deal_id
where stage_transitions.is_advance
    and stage_transitions.rep_id is not null
    -- A plan that names exact moves means these and no others.
    and (
        periods_with_names.period is null
        or exists (
            select 1
            from named_moves
            where named_moves.period = periods.period
                -- By label or by value, in any spelling.
                and named_moves.move in (
                    fn.word(stage_transitions.from_stage || ' -> ' || stage_transitions.to_stage),
                    fn.word(stage_transitions.from_stage_id || ' -> ' || stage_transitions.to_stage_id)
                )
        )
    )
