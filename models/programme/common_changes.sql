-- common_changes: what a metric, or the score itself, did for a role as a whole since the quarter before
-- grain: one row a period, role and metric, and one for the score
-- key: period, role, metric
-- signal: a fall of everybody is the market's or the system's, not a person's
-- owner: revenue operations
-- not_null: period, role, metric, people, fell, rose, is_common
-- checks: nobody_twice: fell + rose <= people
--    a_group: not is_common or people >= 5
-- gaming: none of its own
-- changed: 2026-12-01 first version
with moves as (
    select
        score_changes.rep_id,
        score_changes.period,
        score_changes.role,
        score_changes.metric,
        cast(score_changes.attainment - score_changes.attainment_before as double) as change
    from programme.score_changes
    where score_changes.attainment is not null
        and score_changes.attainment_before is not null
    union all
    select
        score_changes.rep_id,
        score_changes.period,
        score_changes.role,
        'score' as metric,
        fn.total(sum(fn.addend(score_changes.points))) as change
    from programme.score_changes
    group by
        score_changes.rep_id,
        score_changes.period,
        score_changes.role
),
ordered as (
    select
        moves.period,
        moves.role,
        moves.metric,
        moves.change,
        row_number() over (partition by moves.period, moves.role, moves.metric order by moves.change, moves.rep_id) as place,
        count(*) over (partition by moves.period, moves.role, moves.metric) as people
    from moves
),
counted as (
    select
        ordered.period,
        ordered.role,
        ordered.metric,
        cast(count(*) as bigint) as people,
        cast(sum(case when ordered.change < -0.005 then 1 else 0 end) as bigint) as fell,
        cast(sum(case when ordered.change > 0.005 then 1 else 0 end) as bigint) as rose,
        fn.ratio(
            fn.total(sum(fn.addend(case when 2 * ordered.place between ordered.people and ordered.people + 2 then ordered.change else 0 end))),
            sum(case when 2 * ordered.place between ordered.people and ordered.people + 2 then 1 else 0 end)
        ) as middle
    from ordered
    group by
        ordered.period,
        ordered.role,
        ordered.metric
)
select
    counted.period, -- fiscal year and quarter
    counted.role, -- a role of plan.yml
    counted.metric, -- the metric's name, or score
    counted.people, -- with a value in both quarters
    counted.fell, -- whose attainment, or score, is lower than the quarter before
    counted.rose, -- whose is higher
    counted.middle, -- the change of the one in the middle, in points of attainment, or of the score
    fn.wilson_low(case when counted.middle < 0 then counted.fell else counted.rose end, counted.people) as low, -- lower bound of the 95 % interval of the share that moved the way of the middle
    fn.wilson_high(case when counted.middle < 0 then counted.fell else counted.rose end, counted.people) as high, -- its upper bound
    counted.people >= 5
        and abs(counted.middle) >= 1
        and coalesce(
            fn.wilson_low(case when counted.middle < 0 then counted.fell else counted.rose end, counted.people) > 0.5,
            false
        ) as is_common -- true: of at least five people more than half moved one way, beyond chance, and the middle by a point or more
from counted
