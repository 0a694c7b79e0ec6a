-- bulk_stage_update: many deals of one rep moved by one user within minutes
-- grain: one row a move of a rep's deal by hand
-- key: source, rep_id, record_id, occurred_at
-- signal: stages that were set to look well, not because something happened
-- owner: revenue operations
-- severity: high
-- test: count
-- span: day
-- parameters: least: 10
--    minutes: 5
-- not_null: source, rep_id, occurred_at, record_type, record_id, is_suspect, detail
-- gaming: moving nine deals at a time; quarter_end_rush and the days in each stage show it
-- changed: 2026-11-30 first version
--    2026-12-01 an import is one also where one person's deals come first or last in it; so is what the same user does to one person's
with moves as (
    select
        stage_visits.source,
        rep_assignments.rep_id,
        stage_visits.changed_by,
        stage_visits.deal_id,
        stage_visits.visit_number,
        stage_visits.entered_at as moved_at,
        stage_visits.previous_stage,
        stage_visits.stage,
        -- A deal that is moved on and on within the minutes is one deal.
        coalesce(
            fn.add_minutes(
                lag(stage_visits.entered_at) over (
                    partition by stage_visits.source, stage_visits.deal_id
                    order by stage_visits.visit_number
                ),
                cast(fn.as_number(minutes.value) as bigint)
            ) < stage_visits.entered_at,
            true
        ) as is_first,
        cast(fn.as_number(minutes.value) as bigint) as minutes,
        cast(fn.as_number(wanted.value) as bigint) as wanted
    from core.stage_visits
    join core.rep_assignments
        on rep_assignments.rep_id = stage_visits.rep_id
        and stage_visits.entered_at >= rep_assignments.starts_at
        and stage_visits.entered_at < rep_assignments.ends_at
    join plan.settings as minutes
        on minutes.period = rep_assignments.period
        and minutes.metric = 'bulk_stage_update'
        and minutes.name = 'minutes'
    join plan.settings as wanted
        on wanted.period = rep_assignments.period
        and wanted.metric = 'bulk_stage_update'
        and wanted.name = 'least'
    where stage_visits.visit_number > 1
        and stage_visits.changed_by is not null
        -- What an import, an integration or an automation did is nobody's hand.
        and coalesce(stage_visits.changed_through, 'user') = 'user'
        and not stage_visits.is_deleted
),
ranked as (
    select
        moves.source,
        moves.rep_id,
        moves.changed_by,
        moves.moved_at,
        moves.deal_id,
        moves.minutes,
        moves.wanted,
        row_number() over (
            partition by moves.source, moves.rep_id, moves.changed_by
            order by moves.moved_at, moves.deal_id
        ) as place
    from moves
    where moves.is_first
),
-- A move ends a burst when the tenth move up to it, itself counted, is no older than the minutes.
ends as (
    select
        ranked.source,
        ranked.rep_id,
        ranked.changed_by,
        ranked.minutes,
        begun.moved_at as begun_at,
        ranked.moved_at as ended_at
    from ranked
    join ranked as begun
        on begun.source = ranked.source
        and begun.rep_id = ranked.rep_id
        and begun.changed_by = ranked.changed_by
        and begun.place = ranked.place - ranked.wanted + 1
    where fn.add_minutes(begun.moved_at, ranked.minutes) >= ranked.moved_at
),
-- A user who is not on the roster and has moved the deals of several people within
-- minutes is a machine, or reorganises: where the CRM does not say by what a change
-- was made, this is how it is known.
machines as (
    select
        moves.source,
        moves.changed_by
    from moves
    join moves as together
        on together.source = moves.source
        and together.changed_by = moves.changed_by
        and together.moved_at >= moves.moved_at
        and together.moved_at <= fn.add_minutes(moves.moved_at, moves.minutes)
    left join core.rep_users
        on rep_users.source = moves.source
        and rep_users.user_id = moves.changed_by
    where rep_users.rep_id is null
    group by
        moves.source,
        moves.changed_by,
        moves.deal_id,
        moves.visit_number
    having count(distinct together.rep_id) >= 3
),
-- Whoever moves the deals of several people at once, or within the minutes before or
-- after, reorganises or imports.
elsewhere as (
    select
        ends.source,
        ends.rep_id,
        ends.changed_by,
        ends.begun_at,
        ends.ended_at,
        count(distinct moves.rep_id) as reps
    from ends
    join moves
        on moves.source = ends.source
        and moves.changed_by = ends.changed_by
        and fn.add_minutes(moves.moved_at, ends.minutes) >= ends.begun_at
        and moves.moved_at <= fn.add_minutes(ends.ended_at, ends.minutes)
    group by
        ends.source,
        ends.rep_id,
        ends.changed_by,
        ends.begun_at,
        ends.ended_at
),
inside as (
    select
        moves.source,
        moves.deal_id,
        moves.visit_number
    from moves
    join elsewhere
        on elsewhere.source = moves.source
        and elsewhere.rep_id = moves.rep_id
        and elsewhere.changed_by = moves.changed_by
        and moves.moved_at >= elsewhere.begun_at
        and moves.moved_at <= elsewhere.ended_at
    left join (
        select machines.source, machines.changed_by
        from machines
        group by machines.source, machines.changed_by
    ) as by_machine
        on by_machine.source = moves.source
        and by_machine.changed_by = moves.changed_by
    where elsewhere.reps < 3
        and by_machine.changed_by is null
    group by
        moves.source,
        moves.deal_id,
        moves.visit_number
)
select
    moves.source, -- the source's name in merit.yml
    moves.rep_id, -- who owned the deal
    moves.moved_at as occurred_at, -- when it was moved
    'deal' as record_type, -- the record is a deal
    moves.deal_id as record_id, -- the CRM's id of it
    max(case when inside.deal_id is not null then 1 else 0 end) = 1 as is_suspect, -- true: one of many deals moved by one user within minutes
    max('moved from ' || moves.previous_stage || ' to ' || moves.stage || ' by user ' || moves.changed_by) as detail -- the move, in words; of several in one instant, one
from moves
left join inside
    on inside.source = moves.source
    and inside.deal_id = moves.deal_id
    and inside.visit_number = moves.visit_number
group by
    moves.source,
    moves.rep_id,
    moves.moved_at,
    moves.deal_id
