-- role_levels: where a role as a whole stands in a week, against what was usual
-- grain: one row a role, kind of sign and week
-- key: role, kind, week_on
-- signal: a week in which everybody does less says nothing of anybody
-- owner: sales management
-- not_null: role, kind, week_on, people, below, level, is_fallen
-- checks: a_group: not is_fallen or people >= 5
-- gaming: none of its own
-- changed: 2026-12-01 first version
with ordered as (
    select
        week_levels.role,
        week_levels.kind,
        week_levels.week_on,
        week_levels.level,
        row_number() over (partition by week_levels.role, week_levels.kind, week_levels.week_on order by week_levels.level, week_levels.rep_id) as place,
        count(*) over (partition by week_levels.role, week_levels.kind, week_levels.week_on) as people
    from programme.week_levels
),
counted as (
    select
        ordered.role,
        ordered.kind,
        ordered.week_on,
        cast(count(*) as bigint) as people,
        cast(sum(case when ordered.level < 0.8 then 1 else 0 end) as bigint) as below,
        fn.ratio(
            fn.total(sum(fn.addend(case when 2 * ordered.place between ordered.people and ordered.people + 2 then ordered.level else 0 end))),
            sum(case when 2 * ordered.place between ordered.people and ordered.people + 2 then 1 else 0 end)
        ) as level
    from ordered
    group by
        ordered.role,
        ordered.kind,
        ordered.week_on
)
select
    counted.role, -- a role of plan.yml
    counted.kind, -- activity or active days
    counted.week_on, -- the Monday
    counted.people, -- with what is usual for them
    counted.below, -- of them, those below four fifths of it
    counted.level, -- of the one in the middle, 1 is as usual
    fn.wilson_low(counted.below, counted.people) as low, -- lower bound of the 95 % interval of the share below four fifths
    fn.wilson_high(counted.below, counted.people) as high, -- its upper bound
    counted.people >= 5 and coalesce(fn.wilson_low(counted.below, counted.people) > 0.5, false) as is_fallen -- true: of at least five people more than half are below four fifths, beyond chance
from counted
