-- stage_ping_pong: deals that go back and forth between the same two stages
-- grain: one row a rep's deal that moved in a period
-- key: source, rep_id, record_id, occurred_at
-- signal: motion without progress
-- owner: revenue operations
-- severity: look
-- test: share
-- span: period
-- parameters: least: 4
--    times: 2
--    within_days: 30
-- not_null: source, rep_id, occurred_at, record_type, record_id, is_suspect, detail
-- gaming: waiting between the moves; only a new furthest stage earns anything
-- changed: 2026-11-30 first version
--    2026-12-01 four deals: three of ten go to and fro by chance
with moves as (
    select
        stage_transitions.source,
        stage_transitions.deal_id,
        stage_transitions.rep_id,
        rep_assignments.period,
        stage_transitions.moved_at,
        stage_transitions.is_backward,
        stage_transitions.from_stage_id,
        stage_transitions.to_stage_id,
        cast(fn.as_number(times.value) as bigint) as times,
        cast(fn.as_number(days.value) as bigint) as within_days
    from core.stage_transitions
    join core.rep_assignments
        on rep_assignments.rep_id = stage_transitions.rep_id
        and stage_transitions.moved_at >= rep_assignments.starts_at
        and stage_transitions.moved_at < rep_assignments.ends_at
    join plan.settings as times
        on times.period = rep_assignments.period
        and times.metric = 'stage_ping_pong'
        and times.name = 'times'
    join plan.settings as days
        on days.period = rep_assignments.period
        and days.metric = 'stage_ping_pong'
        and days.name = 'within_days'
    where not stage_transitions.is_deleted
),
ranked as (
    select
        moves.source,
        moves.deal_id,
        moves.from_stage_id,
        moves.to_stage_id,
        moves.moved_at,
        moves.times,
        moves.within_days,
        row_number() over (
            partition by moves.source, moves.deal_id, moves.from_stage_id, moves.to_stage_id
            order by moves.moved_at
        ) as place
    from moves
    where moves.is_backward
),
repeated as (
    select
        ranked.source,
        ranked.deal_id,
        ranked.moved_at
    from ranked
    join ranked as begun
        on begun.source = ranked.source
        and begun.deal_id = ranked.deal_id
        and begun.from_stage_id = ranked.from_stage_id
        and begun.to_stage_id = ranked.to_stage_id
        and begun.place = ranked.place - ranked.times + 1
    where fn.add_days(begun.moved_at, ranked.within_days) >= ranked.moved_at
    group by
        ranked.source,
        ranked.deal_id,
        ranked.moved_at
),
dealt as (
    select
        moves.source,
        moves.rep_id,
        moves.period,
        moves.deal_id,
        max(case when repeated.deal_id is not null then moves.moved_at end) as repeated_at,
        max(moves.moved_at) as moved_at
    from moves
    left join repeated
        on repeated.source = moves.source
        and repeated.deal_id = moves.deal_id
        and repeated.moved_at = moves.moved_at
        and moves.is_backward
    group by
        moves.source,
        moves.rep_id,
        moves.period,
        moves.deal_id
)
select
    dealt.source, -- the source's name in merit.yml
    dealt.rep_id, -- who owned the deal
    coalesce(dealt.repeated_at, dealt.moved_at) as occurred_at, -- its last move back between two stages between which it had gone back before, else its last move
    'deal' as record_type, -- the record is a deal
    dealt.deal_id as record_id, -- the CRM's id of it
    dealt.repeated_at is not null as is_suspect, -- true: it went back between the same two stages again and again
    case when dealt.repeated_at is null then 'moved' else 'went back between the same two stages again' end as detail -- what it did, in words
from dealt
