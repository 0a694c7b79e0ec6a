-- recognition_feed: what went well, for whom to read; nothing that anybody fell behind in
-- grain: one row an event and who may read it
-- key: feed_id
-- signal: small wins, seen the same day
-- owner: sales management
-- not_null: feed_id, happened_at, kind, who, text, audience
-- checks: kinds: kind in ('badge', 'streak', 'challenge', 'challenge won', 'board', 'kudos', 'spot', 'withdrawn')
--    taken_back_in_private: kind <> 'withdrawn' or audience like 'person:%'
-- gaming: none of its own; whatever is withdrawn leaves the feed of others, too
-- changed: 2026-12-01 first version
with awarded as (
    select
        awards.award_id as feed_id,
        awards.earned_at as happened_at,
        awards.kind,
        awards.rep_id as who,
        case
            when awards.kind = 'badge' then reps.name || ' earned ' || awards.name
            else reps.name || ' was thanked ' || awards.why
        end as text,
        case when awards.kind = 'badge' then coalesce('team:' || reps.team, 'everybody') else 'everybody' end as audience
    from marts.awards
    join core.reps
        on reps.rep_id = awards.rep_id
    where not awards.is_withdrawn
        and awards.kind in ('badge', 'kudos', 'spot')
    union all
    select
        'withdrawn-' || awards.award_id as feed_id,
        coalesce(awards.withdrawn_at, awards.earned_at) as happened_at,
        'withdrawn' as kind,
        awards.rep_id as who,
        awards.name || ' is withdrawn: ' || awards.reason as text,
        'person:' || awards.rep_id as audience
    from marts.awards
    where awards.is_withdrawn
        and awards.kind = 'badge'
),
steps as (
    select
        'streak-' || fn.short_hash(streak_days.rep_id || '|' || streak_days.streak || '|' || cast(streak_days.starts_on as string) || '|' || cast(streak_days.number as string)) as feed_id,
        fn.midnight(fn.date_after(streak_days.day_on, 1)) as happened_at,
        'streak' as kind,
        streak_days.rep_id as who,
        reps.name || ': ' || streak_days.streak || ', ' || cast(streak_days.number as string) || ' working days in a row' as text,
        coalesce('team:' || reps.team, 'everybody') as audience
    from recognition.streak_days
    join core.reps
        on reps.rep_id = streak_days.rep_id
    where streak_days.number in (5, 10, 20, 50, 100, 200)
        and fn.midnight(fn.date_after(streak_days.day_on, 1)) <= fn.as_of()
),
contests as (
    select
        'challenge-' || fn.short_hash(challenges.challenge || '|' || challenges.entrant) as feed_id,
        challenges.done_at as happened_at,
        'challenge' as kind,
        challenges.entrant as who,
        challenges.entrant_name || ' reached the goal of ' || challenges.challenge as text,
        'everybody' as audience
    from marts.challenges
    where challenges.done_at is not null
    union all
    select
        'won-' || fn.short_hash(challenges.challenge || '|' || challenges.entrant) as feed_id,
        fn.midnight(fn.date_after(challenges.ends_on, 1)) as happened_at,
        'challenge won' as kind,
        challenges.entrant as who,
        challenges.entrant_name || ' won ' || challenges.challenge || ' with ' || fn.digits(challenges.percent_of_goal, 1) || ' % of the goal' as text,
        'everybody' as audience
    from marts.challenges
    where challenges.state = 'over'
        and challenges.rank = 1
        and challenges.value > 0
),
boards as (
    select
        'board-' || fn.short_hash(leaderboards.board || '|' || cast(leaderboards.starts_on as string) || '|' || leaderboards.cohort || '|' || leaderboards.rep_id) as feed_id,
        spans.closes_at as happened_at,
        'board' as kind,
        leaderboards.rep_id as who,
        leaderboards.name || ' is ' || case leaderboards.rank when 1 then 'first' when 2 then 'second' else 'third' end || ' in ' || leaderboards.cohort || ' on ' || leaderboards.board as text,
        'everybody' as audience
    from marts.leaderboards
    join recognition.spans
        on spans.span = leaderboards.span
        and spans.starts_on = leaderboards.starts_on
    where spans.is_closed
        and leaderboards.is_own_cohort
        and leaderboards.rank <= 3
        -- Third with half of the goal is nothing to tell everybody.
        and leaderboards.percent_of_goal >= 100
),
told as (
    select awarded.feed_id, awarded.happened_at, awarded.kind, awarded.who, awarded.text, awarded.audience from awarded
    union all
    select steps.feed_id, steps.happened_at, steps.kind, steps.who, steps.text, steps.audience from steps
    union all
    select contests.feed_id, contests.happened_at, contests.kind, contests.who, contests.text, contests.audience from contests
    union all
    select boards.feed_id, boards.happened_at, boards.kind, boards.who, boards.text, boards.audience from boards
)
select
    told.feed_id, -- the same in every build
    told.happened_at, -- when it happened, a streak and a board at the end of their day
    told.kind, -- badge, streak, challenge (goal reached), challenge won, board (one of the first three, with the goal reached), kudos, spot; withdrawn is for the person alone
    told.who, -- rep_id, or the team
    told.text, -- as people read it
    told.audience -- everybody, team:TEAM or person:REP_ID
from told
