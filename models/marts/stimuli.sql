-- stimuli: behaviours that fell for a team in the month before, and the challenge of two weeks that is proposed for each
-- grain: one row a team or all teams, role and behaviour that fell in the newest month that is over
-- key: stimulus_id
-- signal: what to try now, with the numbers that say why
-- owner: sales management
-- not_null: stimulus_id, month_on, team, role, metric, challenge, starts_on, ends_on, state, people, rose, fell, text, computed_at
-- checks: states: state in ('proposed', 'has a challenge')
--    two_weeks: starts_on < ends_on
-- gaming: nothing is begun by itself: merit programme approve writes the challenge into plan.yml, signed
-- changed: 2026-12-01 first version
with newest as (
    select
        max(monthly_scorecards.month_on) as month_on
    from marts.monthly_scorecards
    where not monthly_scorecards.is_running
),
fallen as (
    select
        monthly_scorecards.month_on,
        monthly_scorecards.team,
        monthly_scorecards.role,
        monthly_scorecards.metric,
        monthly_scorecards.people_with_both as people,
        monthly_scorecards.rose,
        monthly_scorecards.fell,
        monthly_scorecards.text,
        fn.date_after(fn.today(), 8 - fn.weekday(fn.today())) as starts_on,
        fn.date_after(fn.today(), 21 - fn.weekday(fn.today())) as ends_on
    from marts.monthly_scorecards
    join newest
        on newest.month_on = monthly_scorecards.month_on
    join scores.metric_definitions
        on metric_definitions.metric = monthly_scorecards.metric
    where monthly_scorecards.verdict = 'fell'
        and monthly_scorecards.team <> '(none)'
        and metric_definitions.control = 'own'
        and metric_definitions.value = 'sum'
),
busy as (
    select
        fallen.team,
        fallen.role,
        fallen.metric
    from fallen
    join plan.challenges
        on challenges.metric = fallen.metric
        and challenges.ends_on >= fn.today()
        and challenges.starts_on <= fallen.ends_on
    left join plan.challenge_teams
        on challenge_teams.challenge = challenges.challenge
    where not challenges.is_by_team
        or challenge_teams.team = fallen.team
    group by
        fallen.team,
        fallen.role,
        fallen.metric
)
select
    'stimulus-' || fn.short_hash(cast(fallen.month_on as string) || ' ' || fallen.role || ' ' || fallen.metric || ' ' || fallen.team) as stimulus_id, -- by which it is approved; of what fell, so that a later build names it alike
    fallen.month_on, -- the month in which it fell
    fallen.team, -- which team; (all): everybody
    fallen.role, -- a role of plan.yml
    fallen.metric, -- the behaviour, which people decide themselves
    replace(fallen.metric, '_', ' ') || ' of ' || fallen.role || case when fallen.team = '(all)' then '' else ', ' || fallen.team end || ', after ' || substr(cast(fallen.month_on as string), 1, 7) as challenge, -- the challenge's name, as people would read it
    fallen.starts_on, -- its first day: the next Monday
    fallen.ends_on, -- its last day, two weeks
    case when busy.metric is not null then 'has a challenge' else 'proposed' end as state, -- has a challenge: one of this behaviour runs or is planned already
    fallen.people, -- with a value in both months
    fallen.rose, -- of them, those who are better than the month before
    fallen.fell, -- those who are worse
    fallen.text, -- the same in a sentence
    fn.as_of() as computed_at -- the instant that the numbers speak of
from fallen
left join busy
    on busy.team = fallen.team
    and busy.role = fallen.role
    and busy.metric = fallen.metric
