-- signs: the figures that a diagnosis of the programme is made of
-- grain: one row a sign
-- key: sign
-- signal: see marts.program_diagnosis
-- owner: sales management
-- not_null: sign, people, part, beside
-- checks: some_of_them: part <= people
-- gaming: none of its own
-- changed: 2026-12-01 first version
with quarters as (
    select
        periods.period,
        row_number() over (order by periods.ends_at desc) as place
    from plan.periods
    where periods.ends_at <= fn.as_of()
),
weeks as (
    select
        rep_weeks.rep_id,
        rep_weeks.week_on,
        max(rep_weeks.week_on) over () as newest_on
    from programme.rep_weeks
),
present as (
    select weeks.rep_id
    from weeks
    where weeks.week_on = weeks.newest_on
    group by weeks.rep_id
),
withdrawn as (
    select
        early_warnings.rep_id,
        max(case when early_warnings.is_top_performer then 1 else 0 end) as is_top
    from marts.early_warnings
    where early_warnings.subject = 'rep'
        and early_warnings.is_current
        and early_warnings.kind <> 'uncoached'
    group by early_warnings.rep_id
),
fallen as (
    select count(*) as roles
    from marts.early_warnings
    where early_warnings.subject = 'role'
        and early_warnings.is_current
),
scored as (
    select
        rep_scores.rep_id,
        rep_scores.period
    from scores.rep_scores
    join quarters
        on quarters.period = rep_scores.period
        and quarters.place = 1
    group by
        rep_scores.rep_id,
        rep_scores.period
),
newest_weeks as (
    select
        adoption.team,
        adoption.people,
        adoption.consistent_share,
        row_number() over (partition by adoption.team order by adoption.week_on desc) as place
    from marts.adoption
    where adoption.is_told
        and adoption.consistent_share is not null
),
answers as (
    select
        surveys.user_key,
        fn.ratio(surveys.score, surveys.scale_max) as share
    from staging.surveys
    where not surveys.is_by_customer
        and surveys.user_key is not null
        and surveys.answered_at <= fn.as_of()
        and fn.day(surveys.answered_at) > fn.date_after(fn.today(), -92)
),
by_person as (
    select
        answers.user_key,
        fn.ratio(fn.total(sum(fn.addend(answers.share))), count(answers.share)) as share
    from answers
    group by answers.user_key
),
told as (
    select rep_identifiers.rep_id, coaching.held_at as told_at
    from staging.coaching
    join core.rep_identifiers
        on rep_identifiers.source = coaching.source
        and rep_identifiers.user_key = coaching.user_key
    where coaching.held_at <= fn.as_of()
    union all
    select awards.rep_id, awards.earned_at as told_at
    from marts.awards
    where not awards.is_withdrawn
        and awards.earned_at <= fn.as_of()
),
newest_told as (
    select
        told.rep_id,
        max(told.told_at) as told_at
    from told
    group by told.rep_id
),
retained as (
    select
        learning_retention.rep_id,
        fn.ratio(fn.total(sum(fn.addend(learning_retention.retained))), count(learning_retention.retained)) as share
    from marts.learning_retention
    where learning_retention.retained is not null
    group by learning_retention.rep_id
),
counted as (
    select 'who withdrew' as sign, count(*) as people, count(withdrawn.rep_id) as part, coalesce(max(fallen.roles), 0) as beside
    from present
    left join withdrawn
        on withdrawn.rep_id = present.rep_id
    cross join fallen
    union all
    select 'the best' as sign, count(*) as people, coalesce(sum(withdrawn.is_top), 0) as part, count(withdrawn.rep_id) as beside
    from present
    left join withdrawn
        on withdrawn.rep_id = present.rep_id
    union all
    select 'coaching' as sign, count(*) as people, coalesce(sum(case when coaching_coverage.is_covered then 0 else 1 end), 0) as part, count(coaching_coverage.rep_id) as beside
    from scored
    left join marts.coaching_coverage
        on coaching_coverage.rep_id = scored.rep_id
        and coaching_coverage.period = scored.period
        and coaching_coverage.topic = 'all topics'
    union all
    select
        'use of the CRM' as sign,
        coalesce(sum(newest_weeks.people), 0) as people,
        coalesce(sum(case when newest_weeks.consistent_share < 0.6 then newest_weeks.people else 0 end), 0) as part,
        count(*) as beside
    from newest_weeks
    where newest_weeks.place = 1
    union all
    select
        'forecasts' as sign,
        coalesce(sum(forecast_accuracy.reps + forecast_accuracy.reps_without_forecast), 0) as people,
        coalesce(sum(forecast_accuracy.reps_without_forecast), 0) as part,
        count(*) as beside
    from marts.forecast_accuracy
    join quarters
        on quarters.period = forecast_accuracy.period
        and quarters.place = 1
    union all
    select 'what people say' as sign, count(by_person.share) as people, coalesce(sum(case when by_person.share < 0.6 then 1 else 0 end), 0) as part, 0 as beside
    from by_person
    union all
    select
        'feedback' as sign,
        count(*) as people,
        coalesce(sum(case when newest_told.told_at is null or fn.day(newest_told.told_at) < fn.date_after(fn.today(), -14) then 1 else 0 end), 0) as part,
        count(newest_told.rep_id) as beside
    from present
    left join newest_told
        on newest_told.rep_id = present.rep_id
    union all
    select 'what training leaves' as sign, count(retained.share) as people, coalesce(sum(case when retained.share < 0.8 then 1 else 0 end), 0) as part, 0 as beside
    from retained
)
select
    counted.sign, -- who withdrew, the best, coaching, use of the CRM, forecasts, what people say, feedback or what training leaves
    cast(counted.people as bigint) as people, -- who are looked at
    cast(counted.part as bigint) as part, -- of them: withdrawn, the best among those, not coached, in teams below three of five, without a forecast, answering below 60 %, without feedback for 14 days, retaining below 80 %
    cast(counted.beside as bigint) as beside -- roles that fell as a whole; of the best, how many withdrew in all; of coaching and feedback, people of whom something is known; of the CRM's use, teams; else 0 or rows
from counted
