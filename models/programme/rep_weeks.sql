-- rep_weeks: what each person did in each week that is over, leave and holidays taken out
-- grain: one row a rep, role and week with at least three working days of theirs
-- key: rep_id, role, week_on
-- signal: a person is held against the own weeks, and a week off is none of them
-- owner: sales management
-- not_null: rep_id, role, week_on, number, working_days, activities, changes, active_days
-- checks: within_the_week: working_days between 3 and 7 and active_days <= 7
-- gaming: one sign a day and nothing else; activities and days are told apart
-- changed: 2026-12-01 first version
with read as (
    -- What has not been read yet is no silence.
    select
        min(streams.read_until) as until_at
    from plan.streams
    where streams.name = 'activities'
        and streams.state <> 'left out'
),
weeks as (
    select
        rep_days.rep_id,
        rep_days.role,
        rep_days.week_on,
        max(rep_days.team) as team,
        max(rep_days.region) as region,
        sum(case when rep_days.is_working then 1 else 0 end) as working_days
    from recognition.rep_days
    cross join read
    where fn.midnight(fn.date_after(rep_days.week_on, 7)) <= fn.as_of()
        and fn.midnight(fn.date_after(rep_days.week_on, 7)) <= coalesce(read.until_at, fn.as_of())
    group by
        rep_days.rep_id,
        rep_days.role,
        rep_days.week_on
),
signs as (
    select
        active_days.rep_id,
        fn.date_after(active_days.day_on, 1 - fn.weekday(active_days.day_on)) as week_on,
        sum(active_days.activities) as activities,
        sum(active_days.changes) as changes,
        count(*) as days_active
    from core.active_days
    group by
        active_days.rep_id,
        fn.date_after(active_days.day_on, 1 - fn.weekday(active_days.day_on))
)
select
    weeks.rep_id, -- the company's own id of the person
    weeks.role, -- the role held
    weeks.week_on, -- the Monday
    row_number() over (partition by weeks.rep_id, weeks.role order by weeks.week_on) as number, -- 1 is the person's first week of these
    weeks.team, -- the team in that week; null: none
    weeks.region, -- the region in that week; null: none
    cast(weeks.working_days as bigint) as working_days, -- the person's own, leave and holidays left out
    cast(coalesce(signs.activities, 0) as bigint) as activities, -- activities logged in the week
    cast(coalesce(signs.changes, 0) as bigint) as changes, -- values of deals changed by hand
    cast(coalesce(signs.days_active, 0) as bigint) as active_days -- days with a sign of the person at the CRM
from weeks
left join signs
    on signs.rep_id = weeks.rep_id
    and signs.week_on = weeks.week_on
where weeks.working_days >= 3
