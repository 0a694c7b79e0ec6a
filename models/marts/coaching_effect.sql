-- coaching_effect: what a metric did in the four weeks after coaching, beside those who were not coached
-- grain: one row a topic and metric of sessions whose four weeks after are over
-- key: topic, metric
-- signal: which coaching changes something
-- owner: sales management
-- not_null: topic, metric, sessions, people, verdict, why
-- checks: interval: low is null or (low <= change and change <= high)
--    verdicts: verdict in ('better', 'worse', 'cannot be told', 'too few to say')
-- gaming: coaching those who were rising anyway; the change of the others in the same weeks is taken off
-- changed: 2026-12-01 first version
with sessions as (
    select
        coaching.source,
        coaching.session_id,
        rep_identifiers.rep_id,
        coalesce(coaching.topic, 'no topic') as topic,
        coaching.metric,
        fn.day(coaching.held_at) as held_on
    from staging.coaching
    join core.rep_identifiers
        on rep_identifiers.source = coaching.source
        and rep_identifiers.user_key = coaching.user_key
    where coaching.metric is not null
        and fn.date_after(fn.day(coaching.held_at), 28) < fn.today()
),
daily as (
    select
        metric_evidence.rep_id,
        metric_evidence.metric,
        fn.day(metric_evidence.occurred_at) as day_on,
        sum(metric_evidence.numerator) as numerator,
        sum(metric_evidence.denominator) as denominator
    from scores.metric_evidence
    join (select sessions.metric from sessions group by sessions.metric) as wanted
        on wanted.metric = metric_evidence.metric
    where not metric_evidence.is_excluded
    group by
        metric_evidence.rep_id,
        metric_evidence.metric,
        fn.day(metric_evidence.occurred_at)
),
-- Each session with everybody who had the coached person's role, four weeks on both sides of it.
windows as (
    select
        sessions.source,
        sessions.session_id,
        sessions.topic,
        sessions.metric,
        sessions.rep_id as coached_id,
        peers.rep_id,
        sum(case when peers.day_on < sessions.held_on and peers.is_working then 1 else 0 end) as days_before,
        sum(case when peers.day_on > sessions.held_on and peers.is_working then 1 else 0 end) as days_after,
        sum(case when peers.day_on < sessions.held_on then daily.numerator end) as numerator_before,
        sum(case when peers.day_on < sessions.held_on then daily.denominator end) as denominator_before,
        sum(case when peers.day_on > sessions.held_on then daily.numerator end) as numerator_after,
        sum(case when peers.day_on > sessions.held_on then daily.denominator end) as denominator_after
    from sessions
    join recognition.rep_days as own
        on own.rep_id = sessions.rep_id
        and own.day_on = sessions.held_on
    join recognition.rep_days as peers
        on peers.role = own.role
        and peers.day_on >= fn.date_after(sessions.held_on, -28)
        and peers.day_on <= fn.date_after(sessions.held_on, 28)
    left join daily
        on daily.rep_id = peers.rep_id
        and daily.metric = sessions.metric
        and daily.day_on = peers.day_on
    group by
        sessions.source,
        sessions.session_id,
        sessions.topic,
        sessions.metric,
        sessions.rep_id,
        peers.rep_id
),
-- Who was coached on the same metric within eight weeks is nobody to compare with.
coached as (
    select
        sessions.source,
        sessions.session_id,
        others.rep_id
    from sessions
    join sessions as others
        on others.metric = sessions.metric
        and others.held_on >= fn.date_after(sessions.held_on, -56)
        and others.held_on <= fn.date_after(sessions.held_on, 28)
    group by
        sessions.source,
        sessions.session_id,
        others.rep_id
),
changes as (
    select
        windows.source,
        windows.session_id,
        windows.topic,
        windows.metric,
        windows.coached_id,
        windows.rep_id = windows.coached_id as is_coached,
        coached.rep_id is null as is_other,
        case
            when metric_definitions.value = 'sum' then fn.ratio(coalesce(windows.numerator_before, cast(0 as numeric(38, 9))), windows.days_before)
            else fn.ratio(windows.numerator_before, windows.denominator_before)
        end as before,
        case
            when metric_definitions.value = 'sum' then fn.ratio(coalesce(windows.numerator_after, cast(0 as numeric(38, 9))), windows.days_after)
            else fn.ratio(windows.numerator_after, windows.denominator_after)
        end as after
    from windows
    join scores.metric_definitions
        on metric_definitions.metric = windows.metric
    left join coached
        on coached.source = windows.source
        and coached.session_id = windows.session_id
        and coached.rep_id = windows.rep_id
),
beside as (
    select
        changes.source,
        changes.session_id,
        changes.topic,
        changes.metric,
        changes.coached_id,
        max(case when changes.is_coached then changes.before end) as before,
        max(case when changes.is_coached then changes.after end) as after,
        avg(case when changes.is_other then changes.after - changes.before end) as others_change
    from changes
    group by
        changes.source,
        changes.session_id,
        changes.topic,
        changes.metric,
        changes.coached_id
),
-- Sessions of one person hang together: people are counted.
by_person as (
    select
        beside.topic,
        beside.metric,
        beside.coached_id,
        count(*) as sessions,
        avg(beside.before) as before,
        avg(beside.after) as after,
        avg(beside.others_change) as others_change,
        avg(beside.after - beside.before - coalesce(beside.others_change, 0)) as change
    from beside
    where beside.before is not null
        and beside.after is not null
    group by
        beside.topic,
        beside.metric,
        beside.coached_id
),
summed as (
    select
        by_person.topic,
        by_person.metric,
        sum(by_person.sessions) as sessions,
        count(*) as people,
        avg(by_person.before) as before,
        avg(by_person.after) as after,
        avg(by_person.others_change) as others_change,
        avg(by_person.change) as change,
        sum(by_person.change * by_person.change) as squares
    from by_person
    group by
        by_person.topic,
        by_person.metric
),
spread as (
    select
        summed.topic,
        summed.metric,
        summed.sessions,
        summed.people,
        summed.before,
        summed.after,
        summed.others_change,
        summed.change,
        -- Half a 95 % interval; with fewer than five people it would say more about them than about coaching.
        case
            when summed.people >= 5 then 1.959963984540054 * sqrt(
                fn.ratio(
                    case when summed.squares > summed.people * summed.change * summed.change then summed.squares - summed.people * summed.change * summed.change else 0 end,
                    summed.people * (summed.people - 1)
                )
            )
        end as half
    from summed
),
judged as (
    select
        spread.topic,
        spread.metric,
        spread.sessions,
        spread.people,
        spread.before,
        spread.after,
        spread.others_change,
        spread.change,
        spread.change - spread.half as low,
        spread.change + spread.half as high,
        case
            when spread.half is null then 'too few to say'
            when metric_definitions.better = 'lower' and spread.change + spread.half < 0 then 'better'
            when metric_definitions.better = 'lower' and spread.change - spread.half > 0 then 'worse'
            when metric_definitions.better = 'higher' and spread.change - spread.half > 0 then 'better'
            when metric_definitions.better = 'higher' and spread.change + spread.half < 0 then 'worse'
            else 'cannot be told'
        end as verdict
    from spread
    join scores.metric_definitions
        on metric_definitions.metric = spread.metric
)
select
    judged.topic, -- as the coaching file says it
    judged.metric, -- that it was to better
    cast(judged.sessions as bigint) as sessions, -- that have a value on both sides
    cast(judged.people as bigint) as people, -- who were coached
    round(judged.before, 9) as before, -- the mean of the four weeks before; of a sum a working day
    round(judged.after, 9) as after, -- the mean of the four weeks after
    round(judged.others_change, 9) as others_change, -- what the same weeks changed for others in the role; null: there is nobody to compare with
    round(judged.change, 9) as change, -- after less before, less the others' change; the mean of people
    round(judged.low, 9) as low, -- of the 95 % interval; null: fewer than five people
    round(judged.high, 9) as high, -- likewise
    judged.verdict, -- better, worse, cannot be told (the interval has 0 in it) or too few to say
    cast(judged.people as string) || ' people, ' || cast(judged.sessions as string) || ' sessions: ' || fn.digits(judged.before, 4) || ' before, ' || fn.digits(judged.after, 4)
        || ' after' || coalesce(', the others changed by ' || fn.digits(judged.others_change, 4), '') || '; ' || judged.verdict as why -- in a sentence
from judged
