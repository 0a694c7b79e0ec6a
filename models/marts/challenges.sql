-- challenges: how far each person or team has come in a challenge, and whether it lasted
-- grain: one row a challenge and who takes part
-- key: challenge, entrant
-- signal: whether a push of a few weeks changed a habit
-- owner: sales management
-- not_null: challenge, entrant, entrant_name, is_team, metric, starts_on, ends_on, state, people, value, why
-- checks: states: state in ('coming', 'running', 'over')
--    four_weeks_at_most: ends_on >= starts_on
-- gaming: saving up work for the challenge; what was done in the four weeks before stands beside it, and what was done after
-- changed: 2026-12-01 first version
with settings as (
    select
        settings.period,
        fn.as_number(settings.value) as stretch
    from plan.settings
    where settings.metric = 'personal_goals'
        and settings.name = 'stretch'
),
-- Each day of those who take part: four weeks before, the challenge itself, four weeks after.
days as (
    select
        challenges.challenge,
        challenges.metric,
        case when challenges.is_by_team then challenge_teams.team else rep_days.rep_id end as entrant,
        rep_days.rep_id,
        rep_days.day_on,
        rep_days.is_working,
        case
            when rep_days.day_on < challenges.starts_on then 'before'
            when rep_days.day_on <= challenges.ends_on then 'during'
            else 'after'
        end as phase
    from plan.challenges
    join recognition.rep_days
        on rep_days.day_on >= fn.date_after(challenges.starts_on, -28)
        and rep_days.day_on <= fn.date_after(challenges.ends_on, 28)
    left join plan.challenge_teams
        on challenge_teams.challenge = challenges.challenge
        and challenge_teams.team = rep_days.team
    where not challenges.is_by_team
        or challenge_teams.team is not null
),
worked as (
    select
        days.challenge,
        days.entrant,
        count(distinct case when days.phase = 'during' and days.is_working then days.rep_id end) as people,
        sum(case when days.phase = 'before' and days.is_working then 1 else 0 end) as days_before,
        sum(case when days.phase = 'during' and days.is_working then 1 else 0 end) as days_during,
        sum(case when days.phase = 'after' and days.is_working then 1 else 0 end) as days_after
    from days
    group by
        days.challenge,
        days.entrant
),
records as (
    select
        days.challenge,
        days.entrant,
        days.phase,
        metric_evidence.occurred_at,
        metric_evidence.numerator,
        sum(metric_evidence.numerator) over (
            partition by days.challenge, days.entrant, days.phase
            order by metric_evidence.occurred_at, metric_evidence.source, metric_evidence.record_type, metric_evidence.record_id, metric_evidence.detail
            rows between unbounded preceding and current row
        ) as so_far
    from days
    join scores.metric_evidence
        on metric_evidence.metric = days.metric
        and metric_evidence.rep_id = days.rep_id
        and fn.day(metric_evidence.occurred_at) = days.day_on
    where not metric_evidence.is_excluded
),
summed as (
    select
        records.challenge,
        records.entrant,
        sum(case when records.phase = 'before' then records.numerator end) as before,
        sum(case when records.phase = 'during' then records.numerator end) as during,
        sum(case when records.phase = 'after' then records.numerator end) as after
    from records
    group by
        records.challenge,
        records.entrant
),
aimed as (
    select
        challenges.challenge,
        challenges.metric,
        challenges.is_by_team,
        challenges.starts_on,
        challenges.ends_on,
        challenges.points,
        worked.entrant,
        worked.people,
        fn.ratio(coalesce(summed.during, cast(0 as numeric(38, 9))), 1) as value,
        fn.ratio(coalesce(summed.before, cast(0 as numeric(38, 9))), worked.days_before) as before_a_day,
        case
            when fn.date_after(challenges.ends_on, 28) < fn.today()
                then fn.ratio(coalesce(summed.after, cast(0 as numeric(38, 9))), worked.days_after)
        end as after_a_day,
        case
            when worked.people = 0 then null
            when challenges.goal is not null then challenges.goal * worked.people
            when summed.before > 0 and worked.days_before > 0
                then ceil(fn.ratio(summed.before, worked.days_before) * worked.days_during * (1 + settings.stretch) - 0.000001)
            else cast(1 as double) * worked.people
        end as goal
    from plan.challenges
    join worked
        on worked.challenge = challenges.challenge
    join settings
        on settings.period = challenges.period
    left join summed
        on summed.challenge = worked.challenge
        and summed.entrant = worked.entrant
    where worked.people > 0
),
reached as (
    select
        records.challenge,
        records.entrant,
        min(records.occurred_at) as done_at
    from records
    join aimed
        on aimed.challenge = records.challenge
        and aimed.entrant = records.entrant
    where records.phase = 'during'
        and records.so_far >= aimed.goal
    group by
        records.challenge,
        records.entrant
),
stood as (
    select
        aimed.challenge, aimed.metric, aimed.is_by_team, aimed.starts_on, aimed.ends_on, aimed.points, aimed.entrant, aimed.people, aimed.value,
        aimed.goal, aimed.before_a_day, aimed.after_a_day,
        round(100 * fn.ratio(aimed.value, aimed.goal), 2) as percent,
        count(*) over (partition by aimed.challenge) as entrants,
        case
            when aimed.starts_on > fn.today() then 'coming'
            when aimed.ends_on >= fn.today() then 'running'
            else 'over'
        end as state
    from aimed
),
ranked as (
    select
        stood.challenge, stood.metric, stood.is_by_team, stood.starts_on, stood.ends_on, stood.points, stood.entrant, stood.people, stood.value,
        stood.goal, stood.before_a_day, stood.after_a_day, stood.percent, stood.entrants, stood.state,
        -- Two teams are a contest, two people are one who lost.
        case
            when stood.state <> 'coming' and (stood.is_by_team or stood.entrants >= 5)
                then rank() over (partition by stood.challenge order by stood.percent desc)
        end as rank
    from stood
)
select
    ranked.challenge, -- as the plan calls it
    ranked.entrant, -- rep_id, or the team
    coalesce(reps.name, ranked.entrant) as entrant_name, -- as people read it
    ranked.is_by_team as is_team, -- true: a team
    ranked.metric, -- the one behaviour that counts
    ranked.starts_on, -- first day
    ranked.ends_on, -- last day
    ranked.state, -- coming, running or over
    cast(ranked.people as bigint) as people, -- who take part for it: with a working day within it
    ranked.value, -- what was done so far
    ranked.goal, -- the plan's for each person, or what the same people did a working day in the four weeks before, and goals' stretch more
    ranked.percent as percent_of_goal, -- by which it is ranked
    cast(ranked.rank as bigint) as rank, -- 1, 2, 2, 4; null: it has not begun, or fewer than five people take part
    reached.done_at, -- when the goal was reached; null: not yet, or not
    cast(ranked.points as bigint) as points, -- for each person of who reaches it
    ranked.before_a_day, -- a working day in the four weeks before
    ranked.after_a_day, -- a working day in the four weeks after; null: these are not over
    ranked.after_a_day > ranked.before_a_day as has_lasted, -- true: four weeks later more is done than before; null: too early, or nothing to compare with
    fn.digits(ranked.value, 2) || ' of ' || fn.digits(ranked.goal, 2) || ' (' || fn.digits(ranked.percent, 2) || ' %) by ' || cast(ranked.people as string) || ' people'
        || coalesce('; ' || fn.digits(ranked.before_a_day, 2) || ' a working day before', '')
        || coalesce(', ' || fn.digits(ranked.after_a_day, 2) || ' in the four weeks after', '') as why -- the same in a sentence
from ranked
left join reached
    on reached.challenge = ranked.challenge
    and reached.entrant = ranked.entrant
left join core.reps
    on reps.rep_id = case when ranked.is_by_team then null else ranked.entrant end
