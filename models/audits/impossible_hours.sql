-- impossible_hours: bursts of activity at hours at which the rep has never worked
-- grain: one row a completed activity at an hour that is not the rep's own
-- key: source, rep_id, record_id
-- signal: activity that somebody else, or a script, wrote
-- owner: sales management
-- severity: look
-- test: figures
-- span: day
-- parameters: least: 10
-- not_null: source, rep_id, occurred_at, record_type, record_id, is_suspect, detail, measure, usual, threshold, p_value
-- gaming: a script that runs by day; duplicate_activity and overlapping_calls see what it writes
-- changed: 2026-11-30 first version
with done as (
    select
        rep_activities.source,
        rep_activities.rep_id,
        rep_activities.activity_id,
        rep_activities.kind,
        rep_activities.occurred_at,
        fn.day(rep_activities.occurred_at) as day_on,
        fn.hour(rep_activities.occurred_at) as hour
    from core.rep_activities
    where rep_activities.is_completed
        and rep_activities.kind in ('call', 'email')
        and rep_activities.occurred_at <= fn.as_of()
),
spans as (
    select
        rep_assignments.rep_id,
        rep_assignments.period,
        min(rep_assignments.starts_at) as starts_at,
        max(rep_assignments.ends_at) as ends_at
    from core.rep_assignments
    group by
        rep_assignments.rep_id,
        rep_assignments.period
),
-- What was usual is told from the 26 weeks before the period.
before as (
    select
        done.rep_id,
        spans.period,
        done.hour,
        done.day_on,
        count(*) as activities
    from done
    join spans
        on spans.rep_id = done.rep_id
        and done.occurred_at < spans.starts_at
        and done.occurred_at >= fn.add_days(spans.starts_at, -182)
    group by
        done.rep_id,
        spans.period,
        done.hour,
        done.day_on
),
hours as (
    select
        before.rep_id,
        before.period,
        before.hour,
        sum(before.activities) as activities,
        sum(sum(before.activities)) over (partition by before.rep_id, before.period) as all_activities
    from before
    group by
        before.rep_id,
        before.period,
        before.hour
),
-- An hour is the rep's own when one activity in a hundred took place in it.
own as (
    select
        hours.rep_id,
        hours.period,
        hours.hour
    from hours
    where 100 * hours.activities >= hours.all_activities
        and hours.all_activities >= 100
),
odd_days as (
    select
        before.rep_id,
        before.period,
        before.day_on,
        sum(case when own.hour is null then before.activities else 0 end) as activities
    from before
    left join own
        on own.rep_id = before.rep_id
        and own.period = before.period
        and own.hour = before.hour
    group by
        before.rep_id,
        before.period,
        before.day_on
),
habits as (
    select
        odd_days.rep_id,
        odd_days.period,
        fn.ratio(sum(odd_days.activities), count(*)) as usual,
        -- Variance ÷ mean: 1 for counts that come by chance, more for people.
        coalesce(
            fn.ratio(
                fn.ratio(sum(odd_days.activities * odd_days.activities), count(*))
                    - fn.ratio(sum(odd_days.activities), count(*)) * fn.ratio(sum(odd_days.activities), count(*)),
                fn.ratio(sum(odd_days.activities), count(*))
            ),
            1
        ) as dispersion
    from odd_days
    join own
        on own.rep_id = odd_days.rep_id
        and own.period = odd_days.period
    group by
        odd_days.rep_id,
        odd_days.period
),
odd as (
    select
        done.source,
        done.rep_id,
        spans.period,
        done.activity_id,
        done.kind,
        done.occurred_at,
        done.day_on,
        done.hour,
        habits.usual,
        habits.dispersion,
        count(*) over (partition by done.rep_id, spans.period, done.day_on) as activities
    from done
    join spans
        on spans.rep_id = done.rep_id
        and done.occurred_at >= spans.starts_at
        and done.occurred_at < spans.ends_at
    join habits
        on habits.rep_id = done.rep_id
        and habits.period = spans.period
    left join own
        on own.rep_id = done.rep_id
        and own.period = spans.period
        and own.hour = done.hour
    where own.hour is null
),
days as (
    select
        odd.rep_id,
        odd.period,
        odd.day_on,
        fn.normal_tail(
            fn.ratio(
                fn.anscombe(max(odd.activities), max(odd.usual)),
                sqrt(fn.larger(max(odd.dispersion), cast(1 as double)))
            )
        ) as p_value
    from odd
    group by
        odd.rep_id,
        odd.period,
        odd.day_on
),
placed as (
    select
        days.rep_id,
        days.period,
        days.day_on,
        days.p_value,
        row_number() over (partition by days.period order by days.p_value, days.rep_id, days.day_on) as place,
        count(*) over (partition by days.period) as tests
    from days
),
-- Benjamini and Hochberg's adjustment: what is rare once is not rare among a thousand days.
adjusted as (
    select
        placed.rep_id,
        placed.period,
        placed.day_on,
        fn.smaller(
            cast(1 as double),
            min(placed.p_value * fn.ratio(placed.tests, placed.place)) over (
                partition by placed.period
                order by placed.place desc
                rows between unbounded preceding and current row
            )
        ) as p_value
    from placed
)
select
    odd.source, -- the source's name in merit.yml
    odd.rep_id, -- whose work it was
    odd.occurred_at, -- when it took place
    'activity' as record_type, -- the record is an activity
    odd.activity_id as record_id, -- the CRM's id of it
    odd.activities >= cast(fn.as_number(settings.value) as bigint) and adjusted.p_value < 0.05 as is_suspect, -- true: many of them that day, and far more than ever
    odd.kind || ' at ' || cast(odd.hour as string) || ' h, when the rep does not work' as detail, -- the activity, in words
    cast(odd.activities as double) as measure, -- such activities that day
    odd.usual as usual, -- a day in the 26 weeks before
    cast(fn.as_number(settings.value) as double) as threshold, -- at least so many
    adjusted.p_value as p_value -- adjusted for all days and reps of the period
from odd
join adjusted
    on adjusted.rep_id = odd.rep_id
    and adjusted.period = odd.period
    and adjusted.day_on = odd.day_on
join plan.settings
    on settings.period = odd.period
    and settings.metric = 'impossible_hours'
    and settings.name = 'least'
