-- early_warnings: who has withdrawn for two weeks and more, and where a whole role has
-- grain: one row an alarm of a person or a role, from its first week on
-- key: subject, subject_id, role, kind, week_on
-- signal: silence is seen by the third week, before it is a missed quarter; a reason to talk, never to judge
-- owner: sales management
-- not_null: subject, subject_id, role, kind, week_on, since_on, last_on, weeks, is_current, is_top_performer, text, computed_at
-- checks: kinds: kind in ('activity', 'active days', 'uncoached')
--    subjects: subject in ('rep', 'role')
--    in_order: since_on <= week_on and week_on <= last_on
-- gaming: signs without work; the flags of models/audits tell them
-- changed: 2026-12-01 first version
with scored as (
    select
        rep_scores.rep_id,
        rep_scores.role,
        periods.ends_on,
        row_number() over (partition by rep_scores.period, rep_scores.role order by rep_scores.score desc, rep_scores.rep_id) as place,
        count(*) over (partition by rep_scores.period, rep_scores.role) as people,
        fn.date_after(periods.ends_on, 92) as valid_until
    from scores.rep_scores
    join plan.periods
        on periods.period = rep_scores.period
    where rep_scores.score is not null
        and periods.ends_at <= fn.as_of()
),
-- The best quarter of a role in the last quarter that was over.
top_performers as (
    select
        scored.rep_id,
        scored.role,
        scored.ends_on,
        scored.valid_until
    from scored
    where 4 * scored.place <= scored.people
),
coached as (
    select
        rep_identifiers.rep_id,
        coaching.held_at
    from staging.coaching
    join core.rep_identifiers
        on rep_identifiers.source = coaching.source
        and rep_identifiers.user_key = coaching.user_key
    where coaching.held_at <= fn.as_of()
),
alarmed as (
    select
        week_alarms.rep_id,
        week_alarms.role,
        week_alarms.kind,
        week_alarms.week_on,
        week_alarms.number,
        week_alarms.value,
        week_alarms.usual,
        week_alarms.cusum,
        week_alarms.role_level,
        week_alarms.since_number,
        -- A single better week in between does not end it.
        case when week_alarms.number - lag(week_alarms.number) over (
            partition by week_alarms.rep_id, week_alarms.role, week_alarms.kind order by week_alarms.number
        ) <= 2 then 0 else 1 end as is_first
    from programme.week_alarms
    where week_alarms.is_alarm
),
episodes as (
    select
        alarmed.rep_id,
        alarmed.role,
        alarmed.kind,
        alarmed.week_on,
        alarmed.number,
        alarmed.value,
        alarmed.usual,
        alarmed.cusum,
        alarmed.role_level,
        alarmed.since_number,
        alarmed.is_first,
        sum(alarmed.is_first) over (
            partition by alarmed.rep_id, alarmed.role, alarmed.kind order by alarmed.number
            rows between unbounded preceding and current row
        ) as episode
    from alarmed
),
newest as (
    select
        rep_weeks.rep_id,
        max(rep_weeks.week_on) as week_on
    from programme.rep_weeks
    group by rep_weeks.rep_id
),
personal as (
    select
        episodes.rep_id,
        episodes.role,
        episodes.kind,
        min(episodes.week_on) as week_on,
        max(episodes.week_on) as last_on,
        min(case when episodes.is_first = 1 then since.week_on end) as since_on,
        count(*) as weeks,
        max(case when episodes.is_first = 1 then episodes.value end) as value,
        max(case when episodes.is_first = 1 then episodes.usual end) as usual,
        max(case when episodes.is_first = 1 then episodes.cusum end) as cusum,
        max(case when episodes.is_first = 1 then episodes.role_level end) as role_level
    from episodes
    join programme.rep_weeks as since
        on since.rep_id = episodes.rep_id
        and since.role = episodes.role
        and since.number = episodes.since_number
    group by
        episodes.rep_id,
        episodes.role,
        episodes.kind,
        episodes.episode
),
fallen as (
    select
        role_levels.role,
        role_levels.kind,
        role_levels.week_on,
        role_levels.people,
        role_levels.below,
        role_levels.level,
        case when fn.whole_days(lag(role_levels.week_on) over (partition by role_levels.role, role_levels.kind order by role_levels.week_on), role_levels.week_on) <= 14
            then 0 else 1 end as is_first
    from programme.role_levels
    where role_levels.is_fallen
),
falls as (
    select
        fallen.role,
        fallen.kind,
        fallen.week_on,
        fallen.people,
        fallen.below,
        fallen.level,
        sum(fallen.is_first) over (partition by fallen.role, fallen.kind order by fallen.week_on rows between unbounded preceding and current row) as episode
    from fallen
),
numbered_falls as (
    select
        falls.role,
        falls.kind,
        falls.week_on,
        falls.people,
        falls.below,
        falls.level,
        falls.episode,
        row_number() over (partition by falls.role, falls.kind, falls.episode order by falls.week_on) as place
    from falls
),
common as (
    select
        numbered_falls.role,
        numbered_falls.kind,
        min(numbered_falls.week_on) as since_on,
        -- Told from the second week on: a single one is a holiday that nobody entered.
        min(case when numbered_falls.place = 2 then numbered_falls.week_on end) as week_on,
        max(numbered_falls.week_on) as last_on,
        count(*) as weeks,
        max(case when numbered_falls.place = 2 then numbered_falls.level end) as level,
        max(case when numbered_falls.place = 2 then numbered_falls.below end) as below,
        max(case when numbered_falls.place = 2 then numbered_falls.people end) as people
    from numbered_falls
    group by
        numbered_falls.role,
        numbered_falls.kind,
        numbered_falls.episode
    having count(*) >= 2
),
uncoached as (
    select
        top_performers.rep_id,
        top_performers.role,
        max(coached.held_at) as coached_at
    from top_performers
    left join coached
        on coached.rep_id = top_performers.rep_id
    where fn.today() between fn.date_after(top_performers.ends_on, 1) and top_performers.valid_until
        -- Where no session of anybody is known, nothing can be said of who had none.
        and exists (select 1 from coached as anyone)
    group by
        top_performers.rep_id,
        top_performers.role
),
listed as (
    select
        'rep' as subject,
        personal.rep_id as subject_id,
        personal.rep_id,
        personal.role,
        personal.kind,
        personal.week_on,
        personal.since_on,
        personal.last_on,
        personal.weeks,
        personal.value,
        personal.usual,
        personal.cusum,
        cast(null as bigint) as people,
        personal.last_on = newest.week_on as is_current,
        case when personal.kind = 'activity' then 'Activity' else 'Active days' end || ' fell to '
            || fn.digits(cast(personal.value as numeric(38, 9)), 1) || ' a week, ' || fn.digits(cast(personal.usual as numeric(38, 9)), 1)
            || ' are usual for the person; since the week of ' || cast(personal.since_on as string) || '. '
            || case
                when personal.role_level is null then 'Whether others fell too cannot be told: fewer than five have the role.'
                else 'The role as a whole is at ' || fn.digits(cast(100 * personal.role_level as numeric(38, 9)), 1) || ' % of what is usual.'
            end as text
    from personal
    join newest
        on newest.rep_id = personal.rep_id
    union all
    select
        'role' as subject,
        common.role as subject_id,
        cast(null as string) as rep_id,
        common.role,
        common.kind,
        common.week_on,
        common.since_on,
        common.last_on,
        common.weeks,
        cast(null as double) as value,
        cast(null as double) as usual,
        cast(null as double) as cusum,
        common.people,
        fn.whole_days(common.last_on, fn.today()) < 14 as is_current,
        case when common.kind = 'activity' then 'Activity' else 'Active days' end || ' fell for ' || cast(common.below as string) || ' of '
            || cast(common.people as string) || ' people in the role, to ' || fn.digits(cast(100 * common.level as numeric(38, 9)), 1)
            || ' % of what is usual in the middle, since the week of ' || cast(common.since_on as string)
            || ': the market, the season or the system, and nobody in particular.' as text
    from common
    union all
    select
        'rep' as subject,
        uncoached.rep_id as subject_id,
        uncoached.rep_id,
        uncoached.role,
        'uncoached' as kind,
        fn.date_after(fn.today(), 1 - fn.weekday(fn.today())) as week_on,
        coalesce(fn.day(uncoached.coached_at), fn.date_after(fn.today(), -30)) as since_on,
        fn.date_after(fn.today(), 1 - fn.weekday(fn.today())) as last_on,
        1 as weeks,
        cast(null as double) as value,
        cast(null as double) as usual,
        cast(null as double) as cusum,
        cast(null as bigint) as people,
        true as is_current,
        'Among the best quarter of the role, and '
            || case
                when uncoached.coached_at is null then 'no coaching session is known.'
                else 'the last coaching session was on ' || cast(fn.day(uncoached.coached_at) as string) || '.'
            end as text
    from uncoached
    where uncoached.coached_at is null
        or fn.days(uncoached.coached_at, fn.as_of()) > 30
)
select
    listed.subject, -- rep, or role: a fall of everybody is told once
    listed.subject_id, -- the person's id, or the role
    listed.rep_id, -- the company's own id of the person; null: the role as a whole
    listed.role, -- a role of plan.yml
    listed.kind, -- activity, active days, or uncoached (a top performer without a session in 30 days)
    listed.week_on, -- the week in which it was seen, by its Monday
    listed.since_on, -- the week in which it began
    listed.last_on, -- the last week of it
    cast(listed.weeks as bigint) as weeks, -- in which it was seen
    listed.is_current, -- true: it goes on in the newest week
    listed.value, -- in the week in which it was seen, of five working days
    listed.usual, -- the middle of the twelve own weeks before
    listed.cusum, -- what the last four own weeks lacked, in spreads; 4 is where the alarm begins
    listed.people, -- of a role: how many were looked at
    exists (
        select 1
        from top_performers
        where top_performers.rep_id = listed.rep_id
            and top_performers.role = listed.role
            and listed.week_on > top_performers.ends_on
            and listed.week_on <= top_performers.valid_until
    ) as is_top_performer, -- true: among the best quarter of the role in the quarter before
    listed.text, -- the same in a sentence
    fn.as_of() as computed_at -- the instant that the numbers speak of
from listed
