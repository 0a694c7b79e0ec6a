-- missions: three to five things for today, from real records and the own goal
-- grain: one row a rep, day and place
-- key: rep_id, day_on, place
-- signal: the quarter's goal, in what can be done before the evening
-- owner: sales management
-- parameters: at_most: 5
-- not_null: mission_id, rep_id, day_on, place, kind, name, metric, points, is_today, why
-- checks: five_at_most: place >= 1
--    kinds: kind in ('record', 'count')
-- gaming: small records made up to fill a count; what they led to is the metric's own matter, and no pay depends on a mission
-- changed: 2026-12-01 first version
with settings as (
    select cast(settings.value as bigint) as at_most
    from plan.settings
    join plan.periods
        on periods.period = settings.period
    where settings.metric = 'missions'
        and settings.name = 'at_most'
        and periods.starts_at <= fn.as_of()
        and periods.ends_at > fn.as_of()
),
-- Today is the person's own.
today as (
    select
        rep_days.rep_id,
        rep_days.role,
        rep_days.day_on,
        rep_days.period,
        rep_days.week_on
    from recognition.rep_days
    where rep_days.day_on = fn.day_in(fn.as_of(), rep_days.time_zone)
        and rep_days.is_working
),
shown_today as (
    select
        today.rep_id,
        today.day_on
    from today
    join plan.shown
        on shown.kind = 'mission'
        and shown.rep_id = today.rep_id
        and shown.day_on = today.day_on
    group by
        today.rep_id,
        today.day_on
),
learned as (
    select
        rep_identifiers.rep_id,
        learning.module
    from staging.learning
    join core.rep_identifiers
        on rep_identifiers.source = learning.source
        and rep_identifiers.user_key = learning.user_key
    where learning.completed_at <= fn.as_of()
    group by
        rep_identifiers.rep_id,
        learning.module
),
actions as (
    select
        today.rep_id,
        today.day_on,
        'record' as kind,
        next_actions.kind as name,
        next_actions.metric,
        next_actions.source,
        next_actions.record_type,
        next_actions.record_id,
        cast(null as double) as target,
        0 as points,
        cast(null as string) as unlocked_by,
        next_actions.gain_points,
        next_actions.why
            || case when next_actions.gain_points > 0 then '; worth ' || fn.digits(next_actions.gain_points, 2) || ' points of the score' else '' end as why,
        row_number() over (
            partition by today.rep_id
            order by coalesce(next_actions.gain_points, cast(0 as numeric(18, 2))) desc, next_actions.due_on, next_actions.action_id
        ) as turn
    from today
    join marts.next_actions
        on next_actions.rep_id = today.rep_id
        and next_actions.state = 'open'
),
-- As much today as the working days that are left have to bring.
counts as (
    select
        today.rep_id,
        today.day_on,
        'count' as kind,
        mission_targets.mission as name,
        mission_targets.metric,
        cast(null as string) as source,
        cast(null as string) as record_type,
        cast(null as string) as record_id,
        ceil(fn.ratio(personal_goals.goal - span_values.value, span_values.working_days - span_values.days_over) - 0.000001) as target,
        mission_targets.points,
        mission_targets.unlocked_by,
        cast(null as numeric(18, 2)) as gain_points,
        mission_targets.mission || ': ' || cast(cast(ceil(fn.ratio(personal_goals.goal - span_values.value, span_values.working_days - span_values.days_over) - 0.000001) as bigint) as string)
            || ' today; the own goal of the week is ' || fn.digits(personal_goals.goal, 2) || ', ' || fn.digits(span_values.value, 2) || ' are done, '
            || cast(span_values.working_days - span_values.days_over as string) || ' working days are left'
            || coalesce('; unlocked by ' || mission_targets.unlocked_by, '') as why,
        row_number() over (
            partition by today.rep_id
            order by fn.ratio(span_values.value, personal_goals.goal), mission_targets.mission
        ) as turn
    from today
    join plan.mission_targets
        on mission_targets.period = today.period
    join recognition.span_values
        on span_values.rep_id = today.rep_id
        and span_values.role = today.role
        and span_values.metric = mission_targets.metric
        and span_values.span = 'week'
        and span_values.starts_on = today.week_on
    join marts.personal_goals
        on personal_goals.rep_id = span_values.rep_id
        and personal_goals.role = span_values.role
        and personal_goals.metric = span_values.metric
        and personal_goals.span = span_values.span
        and personal_goals.starts_on = span_values.starts_on
    left join learned
        on learned.rep_id = today.rep_id
        and learned.module = mission_targets.unlocked_by
    where personal_goals.goal > span_values.value
        and span_values.working_days > span_values.days_over
        and (mission_targets.unlocked_by is null or learned.module is not null)
),
-- Three records, two counts, and more records where counts are fewer.
offered as (
    select actions.rep_id, actions.day_on, actions.kind, actions.name, actions.metric, actions.source, actions.record_type, actions.record_id, actions.target,
        actions.points, actions.unlocked_by, actions.gain_points, actions.why,
        case when actions.turn <= 3 then actions.turn else actions.turn + 100 end as turn
    from actions
    union all
    select counts.rep_id, counts.day_on, counts.kind, counts.name, counts.metric, counts.source, counts.record_type, counts.record_id, counts.target,
        counts.points, counts.unlocked_by, counts.gain_points, counts.why,
        counts.turn + 50 as turn
    from counts
    where counts.turn <= 2
),
placed as (
    select
        offered.rep_id, offered.day_on, offered.kind, offered.name, offered.metric, offered.source, offered.record_type, offered.record_id, offered.target,
        offered.points, offered.unlocked_by, offered.gain_points, offered.why,
        row_number() over (partition by offered.rep_id order by offered.turn) as place
    from offered
    left join shown_today
        on shown_today.rep_id = offered.rep_id
    where shown_today.rep_id is null
),
told as (
    select
        'mission-' || fn.short_hash(placed.rep_id || '|' || cast(placed.day_on as string) || '|' || cast(placed.place as string)) as mission_id,
        placed.rep_id, placed.day_on, placed.place, placed.kind, placed.name, placed.metric, placed.source, placed.record_type, placed.record_id, placed.target,
        placed.points, placed.gain_points, placed.why
    from placed
    cross join settings
    where placed.place <= settings.at_most
    union all
    -- What a person was shown for a day stands, whatever the records say by evening.
    select
        shown.id as mission_id,
        shown.rep_id, shown.day_on, shown.place,
        case when shown.target is null then 'record' else 'count' end as kind,
        shown.name, shown.metric, shown.source, shown.record_type, shown.record_id, shown.target,
        coalesce(shown.points, 0) as points,
        cast(shown.gain_points as numeric(18, 2)) as gain_points,
        shown.text as why
    from plan.shown
    where shown.kind = 'mission'
)
select
    told.mission_id, -- made of person, day and place: the same in every build
    told.rep_id, -- the company's own id of the person
    told.day_on, -- the day, in the person's own zone
    cast(told.place as bigint) as place, -- 1 comes first
    told.kind, -- record (a next action) or count (of a metric)
    told.name, -- the kind of action, or the mission as the plan calls it
    told.metric, -- what gets better by it
    told.source, -- of the record; null: it counts
    told.record_type, -- deal or activity
    told.record_id, -- the CRM's id
    told.target, -- how many today; null: it is about a record
    coalesce(deals.name, tasks.subject) as record_name, -- the deal's name, the task's title; null: it counts
    cast(mission_results.done as numeric(18, 6)) as done, -- how many so far; null: it is about a record, or was not shown before
    mission_results.done_at, -- when it was done; null: not, or not yet
    cast(told.points as bigint) as points, -- for the points ledger, once it is done
    told.gain_points, -- what the score gains by the record; null: unknown, or it counts
    today.rep_id is not null as is_today, -- true: of the running day
    told.why, -- what to do and why, in a sentence
    coalesce(deals.url, '') as url -- the record's page at the CRM; '': none
from told
left join today
    on today.rep_id = told.rep_id
    and today.day_on = told.day_on
left join recognition.mission_results
    on mission_results.mission_id = told.mission_id
left join core.deals
    on deals.source = told.source
    and deals.deal_id = case when told.record_type = 'deal' then told.record_id end
left join core.rep_activities as tasks
    on tasks.source = told.source
    and tasks.activity_id = case when told.record_type = 'activity' then told.record_id end
