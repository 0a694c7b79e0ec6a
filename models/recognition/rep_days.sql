-- rep_days: each day that somebody is on the roster, and whether it is a working day of theirs
-- grain: one row a rep and day, to the end of the week, month and quarter that are running
-- key: rep_id, day_on
-- signal: what is asked of a week depends on the days that it has for a person
-- owner: revenue operations
-- not_null: rep_id, day_on, role, time_zone, week_on, month_on, is_leave, is_working, is_over
-- checks: leave_is_no_work: not (is_leave and is_working)
-- gaming: leave taken on paper only; what is done on a day of leave still counts for the week
-- changed: 2026-12-01 first version
with free as (
    select
        holidays.region,
        holidays.day_on
    from staging.holidays
    group by
        holidays.region,
        holidays.day_on
),
days as (
    select
        reps.rep_id,
        calendar.day_on,
        calendar.week_on,
        calendar.month_on,
        calendar.period,
        reps.role,
        reps.team,
        reps.region,
        reps.shift,
        coalesce(reps.time_zone, fn.zone()) as time_zone,
        -- A row of the roster that is all leave is no work; days of leave without dates are in no week.
        reps.valid_to is not null
            and reps.leave_days >= fn.whole_days(reps.valid_from, reps.valid_to) + 1 as is_leave
    from plan.reps
    join recognition.calendar
        on calendar.day_on >= reps.valid_from
        and calendar.day_on <= coalesce(reps.valid_to, calendar.day_on)
)
select
    days.rep_id, -- the company's own id of the person
    days.day_on, -- the day
    days.week_on, -- the Monday of its week
    days.month_on, -- the first day of its month
    days.period, -- the quarter that it is of; null: one that has not begun
    days.role, -- the role held on it
    days.team, -- the team of that day; null: none
    days.region, -- the region of that day; null: none
    days.shift, -- the shift of that day; null: none
    days.time_zone, -- the person's own zone, or else the reporting zone
    days.is_leave, -- true: on leave
    fn.weekday(days.day_on) <= 5
        and everywhere.day_on is null
        and regional.day_on is null
        and not days.is_leave as is_working, -- true: Monday to Friday, no holiday of all or of the region, no leave
    days.day_on < fn.day_in(fn.as_of(), days.time_zone) as is_over -- true: the day is over where the person is
from days
left join free as everywhere
    on everywhere.region = 'all'
    and everywhere.day_on = days.day_on
left join free as regional
    on regional.region = days.region
    and regional.day_on = days.day_on
