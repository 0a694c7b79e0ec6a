-- score_sums: what everybody's running score is made of, so that another value of one metric can be reckoned through
-- grain: one row a rep, role held today and scored metric of the running quarter
-- key: rep_id, metric
-- signal: a gain in points is the plan's own arithmetic, not an estimate
-- owner: sales management
-- not_null: rep_id, period, role, metric, value, denominator, attainment, weight, floor_value, target_value, cap, points_weight, weight_used
-- checks: weighed: weight_used > 0
-- changed: 2026-12-01 first version
with today as (
    select
        rep_days.rep_id,
        rep_days.role,
        rep_days.period
    from recognition.rep_days
    where rep_days.day_on = fn.today()
        and rep_days.period is not null
),
summed as (
    select
        attainments.rep_id,
        attainments.period,
        attainments.role,
        sum(attainments.weight_used * attainments.attainment) as points_weight,
        sum(attainments.weight_used) as weight_used
    from scores.attainments
    where attainments.attainment is not null
    group by
        attainments.rep_id,
        attainments.period,
        attainments.role
)
select
    attainments.rep_id, -- the company's own id of the person
    attainments.period, -- the running quarter
    attainments.role, -- the role held today
    attainments.metric, -- a metric that is scored, with some weight
    attainments.value, -- what it comes to
    measures.denominator, -- of a mean: how many records
    attainments.attainment, -- 0 at the floor, 100 at the target
    attainments.weight_used as weight, -- of the metric
    attainments.floor_value, -- attainment 0
    attainments.target_value, -- attainment 100
    attainments.cap, -- highest attainment
    summed.points_weight, -- sum of weight × attainment over all metrics
    summed.weight_used -- sum of the weights; the score is the one divided by the other
from today
join scores.attainments
    on attainments.rep_id = today.rep_id
    and attainments.period = today.period
    and attainments.role = today.role
join summed
    on summed.rep_id = attainments.rep_id
    and summed.period = attainments.period
    and summed.role = attainments.role
join scores.measures
    on measures.rep_id = attainments.rep_id
    and measures.period = attainments.period
    and measures.role = attainments.role
    and measures.metric = attainments.metric
where attainments.attainment is not null
    and attainments.weight_used > 0
    -- What is held against the territory's potential moves by another step than one record.
    and attainments.normalised_value is null
