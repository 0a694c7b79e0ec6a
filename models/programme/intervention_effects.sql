-- intervention_effects: what a metric did in the four weeks after coaching or a module, beside others in the role
-- grain: one row a kind, topic and metric of what was done four weeks ago or earlier
-- key: kind, topic, metric
-- signal: what helps
-- owner: sales management
-- not_null: kind, topic, metric, interventions, people, verdict, sentence
-- gaming: helping those who were rising anyway; the change of the others in the same weeks is taken off
-- changed: 2026-12-01 taken out of marts.coaching_effect, so that modules are judged by the same
with daily as (
    select
        metric_evidence.rep_id,
        metric_evidence.metric,
        fn.day(metric_evidence.occurred_at) as day_on,
        sum(metric_evidence.numerator) as numerator,
        sum(metric_evidence.denominator) as denominator
    from scores.metric_evidence
    join (select interventions.metric from programme.interventions group by interventions.metric) as wanted
        on wanted.metric = metric_evidence.metric
    where not metric_evidence.is_excluded
    group by
        metric_evidence.rep_id,
        metric_evidence.metric,
        fn.day(metric_evidence.occurred_at)
),
-- Each session with everybody who had the helped person's role, four weeks on both sides of it.
windows as (
    select
        interventions.source,
        interventions.intervention_id,
        interventions.kind,
        interventions.topic,
        interventions.metric,
        interventions.rep_id as helped_id,
        peers.rep_id,
        sum(case when peers.day_on < interventions.held_on and peers.is_working then 1 else 0 end) as days_before,
        sum(case when peers.day_on > interventions.held_on and peers.is_working then 1 else 0 end) as days_after,
        sum(case when peers.day_on < interventions.held_on then daily.numerator end) as numerator_before,
        sum(case when peers.day_on < interventions.held_on then daily.denominator end) as denominator_before,
        sum(case when peers.day_on > interventions.held_on then daily.numerator end) as numerator_after,
        sum(case when peers.day_on > interventions.held_on then daily.denominator end) as denominator_after
    from programme.interventions
    join recognition.rep_days as own
        on own.rep_id = interventions.rep_id
        and own.day_on = interventions.held_on
    join recognition.rep_days as peers
        on peers.role = own.role
        and peers.day_on >= fn.date_after(interventions.held_on, -28)
        and peers.day_on <= fn.date_after(interventions.held_on, 28)
    left join daily
        on daily.rep_id = peers.rep_id
        and daily.metric = interventions.metric
        and daily.day_on = peers.day_on
    group by
        interventions.source,
        interventions.intervention_id,
        interventions.kind,
        interventions.topic,
        interventions.metric,
        interventions.rep_id,
        peers.rep_id
),
-- Who was helped with the same metric within eight weeks is nobody to compare with.
helped as (
    select
        interventions.kind,
        interventions.source,
        interventions.intervention_id,
        interventions.metric,
        others.rep_id
    from programme.interventions
    join programme.interventions as others
        on others.kind = interventions.kind
        and others.metric = interventions.metric
        and others.held_on >= fn.date_after(interventions.held_on, -56)
        and others.held_on <= fn.date_after(interventions.held_on, 28)
    group by
        interventions.kind,
        interventions.source,
        interventions.intervention_id,
        interventions.metric,
        others.rep_id
),
changes as (
    select
        windows.source,
        windows.intervention_id,
        windows.kind,
        windows.topic,
        windows.metric,
        windows.helped_id,
        windows.rep_id = windows.helped_id as is_helped,
        helped.rep_id is null as is_other,
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
    left join helped
        on helped.kind = windows.kind
        and helped.source = windows.source
        and helped.metric = windows.metric
        and helped.intervention_id = windows.intervention_id
        and helped.rep_id = windows.rep_id
),
beside as (
    select
        changes.source,
        changes.intervention_id,
        changes.kind,
        changes.topic,
        changes.metric,
        changes.helped_id,
        max(case when changes.is_helped then changes.before end) as before,
        max(case when changes.is_helped then changes.after end) as after,
        avg(case when changes.is_other then changes.after - changes.before end) as others_change
    from changes
    group by
        changes.source,
        changes.intervention_id,
        changes.kind,
        changes.topic,
        changes.metric,
        changes.helped_id
),
-- Sessions of one person hang together: people are counted.
by_person as (
    select
        beside.kind,
        beside.topic,
        beside.metric,
        beside.helped_id,
        count(*) as interventions,
        avg(beside.before) as before,
        avg(beside.after) as after,
        avg(beside.others_change) as others_change,
        avg(beside.after - beside.before - coalesce(beside.others_change, 0)) as change
    from beside
    where beside.before is not null
        and beside.after is not null
    group by
        beside.kind,
        beside.topic,
        beside.metric,
        beside.helped_id
),
summed as (
    select
        by_person.kind,
        by_person.topic,
        by_person.metric,
        sum(by_person.interventions) as interventions,
        count(*) as people,
        avg(by_person.before) as before,
        avg(by_person.after) as after,
        avg(by_person.others_change) as others_change,
        avg(by_person.change) as change,
        sum(by_person.change * by_person.change) as squares
    from by_person
    group by
        by_person.kind,
        by_person.topic,
        by_person.metric
),
spread as (
    select
        summed.kind,
        summed.topic,
        summed.metric,
        summed.interventions,
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
        spread.kind,
        spread.topic,
        spread.metric,
        spread.interventions,
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
    judged.kind, -- coaching or training
    judged.topic, -- of the session, or the module
    judged.metric, -- that it was to better
    cast(judged.interventions as bigint) as interventions, -- sessions or completed modules that have a value on both sides
    cast(judged.people as bigint) as people, -- whom they were for
    round(judged.before, 9) as before, -- the mean of the four weeks before; of a sum a working day
    round(judged.after, 9) as after, -- the mean of the four weeks after
    round(judged.others_change, 9) as others_change, -- what the same weeks changed for others in the role; null: there is nobody to compare with
    round(judged.change, 9) as change, -- after less before, less the others' change; the mean of people
    round(judged.low, 9) as low, -- of the 95 % interval; null: fewer than five people
    round(judged.high, 9) as high, -- likewise
    judged.verdict, -- better, worse, cannot be told (the interval has 0 in it) or too few to say
    fn.digits(judged.before, 4) || ' before, ' || fn.digits(judged.after, 4) || ' after'
        || coalesce(', the others changed by ' || fn.digits(judged.others_change, 4), '') || '; ' || judged.verdict as sentence -- the numbers in words
from judged
