-- week_alarms: the sum of what the last four own weeks lacked, once the role's own fall is taken out
-- grain: one row a rep, role, kind of sign and week
-- key: rep_id, role, kind, week_on
-- signal: two weak weeks in a row are seen before a quarter is over
-- owner: sales management
-- not_null: rep_id, role, kind, week_on, number, value, usual, cusum, since_number, is_alarm
-- checks: never_below_nothing: cusum >= 0
-- gaming: see programme.rep_weeks
-- changed: 2026-12-01 first version
with common_weeks as (
    -- Days with a sign fall most where there were few signs a day: what fell in one kind counts for both.
    select
        role_levels.role,
        role_levels.week_on,
        max(case when role_levels.is_fallen then 1 else 0 end) as is_fallen
    from programme.role_levels
    group by
        role_levels.role,
        role_levels.week_on
),
adjusted as (
    select
        week_levels.rep_id,
        week_levels.role,
        week_levels.kind,
        week_levels.week_on,
        week_levels.number,
        week_levels.value,
        week_levels.scaled,
        week_levels.usual,
        week_levels.spread,
        case when role_levels.people >= 5 then role_levels.level end as role_level,
        -- What is usual where the role stands; of fewer than five that is not known.
        fn.larger(fn.smaller(case when role_levels.people >= 5 then role_levels.level else 1 end, cast(1 as double)), cast(0.1 as double)) as common_level,
        max(common_weeks.is_fallen) over (
            partition by week_levels.rep_id, week_levels.role, week_levels.kind
            order by week_levels.number
            rows between 3 preceding and current row
        ) = 1 as is_common
    from programme.week_levels
    join programme.role_levels
        on role_levels.role = week_levels.role
        and role_levels.kind = week_levels.kind
        and role_levels.week_on = week_levels.week_on
    join common_weeks
        on common_weeks.role = week_levels.role
        and common_weeks.week_on = week_levels.week_on
),
lacks as (
    select
        adjusted.rep_id,
        adjusted.role,
        adjusted.kind,
        adjusted.number,
        later.number as until_number,
        later.usual,
        -- Tabular CUSUM with k = 0.5: what a week lacks beyond half a spread.
        sum(fn.addend(fn.ratio(
            case when adjusted.kind = 'activity' then sqrt(later.usual * adjusted.common_level + 0.375) else later.usual * adjusted.common_level end - adjusted.scaled,
            later.spread
        ) - 0.5)) over (
            partition by adjusted.rep_id, adjusted.role, adjusted.kind, later.number
            order by adjusted.number desc
            rows between unbounded preceding and current row
        ) as lack
    from adjusted
    join adjusted as later
        on later.rep_id = adjusted.rep_id
        and later.role = adjusted.role
        and later.kind = adjusted.kind
        and adjusted.number between later.number - 3 and later.number
),
ranked as (
    select
        lacks.rep_id,
        lacks.role,
        lacks.kind,
        lacks.until_number,
        lacks.number,
        fn.total(lacks.lack) as lack,
        row_number() over (
            partition by lacks.rep_id, lacks.role, lacks.kind, lacks.until_number
            order by lacks.lack desc, lacks.number desc
        ) as place
    from lacks
)
select
    adjusted.rep_id, -- the company's own id of the person
    adjusted.role, -- the role held
    adjusted.kind, -- activity or active days
    adjusted.week_on, -- the Monday
    adjusted.number, -- of the person's own weeks
    adjusted.value, -- in this week
    adjusted.usual, -- the middle of the twelve own weeks before the last three
    adjusted.role_level, -- where the role as a whole stood, 1 is as usual; null: fewer than five people
    fn.larger(ranked.lack, cast(0 as double)) as cusum, -- what the last four own weeks lack together, in spreads
    ranked.number as since_number, -- the own week in which that began
    coalesce(
        -- While everybody has fallen nobody is singled out: whose fall is the market's cannot be told.
        ranked.lack >= 4
        and not adjusted.is_common
        and adjusted.usual >= case when adjusted.kind = 'activity' then 5 else 2 end
        and adjusted.value < 0.7 * adjusted.usual * adjusted.common_level
        and before.value < 0.7 * adjusted.usual * before.common_level,
        false
    ) as is_alarm -- true: four spreads are lacking, the role as a whole has not fallen in the last four own weeks, and both this week and the one before lie below 0.7 of what is usual where the role stands
from adjusted
join ranked
    on ranked.rep_id = adjusted.rep_id
    and ranked.role = adjusted.role
    and ranked.kind = adjusted.kind
    and ranked.until_number = adjusted.number
    and ranked.place = 1
left join adjusted as before
    on before.rep_id = adjusted.rep_id
    and before.role = adjusted.role
    and before.kind = adjusted.kind
    and before.number = adjusted.number - 1
