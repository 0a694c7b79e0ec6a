-- streaks: working days in a row with enough done, two at least
-- grain: one row a rep, streak and first day
-- key: rep_id, streak, starts_on
-- signal: consistency, whatever the size of the territory
-- owner: sales management
-- not_null: rep_id, streak, starts_on, last_on, days, is_current, best, paused_days, why
-- checks: two_at_least: days >= 2 and best >= days
--    paused: paused_days >= 0
-- gaming: one record a day and nothing else; per_day in the plan asks for more
-- changed: 2026-12-01 first version
with summed as (
    select
        streak_days.rep_id,
        streak_days.streak,
        streak_days.starts_on,
        max(streak_days.day_on) as last_on,
        max(streak_days.number) as days,
        max(case when streak_days.is_unbroken then 1 else 0 end) = 1 as is_current
    from recognition.streak_days
    group by
        streak_days.rep_id,
        streak_days.streak,
        streak_days.starts_on
)
select
    summed.rep_id, -- the company's own id of the person
    summed.streak, -- as the plan calls it
    summed.starts_on, -- its first day, in the person's own zone
    summed.last_on, -- its last day
    summed.days, -- working days in it
    summed.is_current, -- true: no working day that is over was missed since
    max(summed.days) over (partition by summed.rep_id, summed.streak) as best, -- the longest of the person
    fn.whole_days(summed.starts_on, summed.last_on) + 1 - summed.days as paused_days, -- weekends, holidays and leave between, which break nothing
    cast(summed.days as string) || ' working days in a row, from ' || cast(summed.starts_on as string) || ' to ' || cast(summed.last_on as string)
        || '; ' || cast(fn.whole_days(summed.starts_on, summed.last_on) + 1 - summed.days as string)
        || ' days of weekend, holiday or leave between do not break it'
        || case when summed.is_current then ', and it goes on' else '' end as why -- the same in a sentence
from summed
where summed.days >= 2
