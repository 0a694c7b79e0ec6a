-- metric_values: the value, target and attainment of each metric of each rep
-- grain: one row a rep, period, role and metric
-- key: rep_id, period, role, metric
-- signal: what a score is made of
-- owner: sales management
-- not_null: rep_id, period, role, metric, title, unit, better, numerator, denominator, samples, min_samples, is_scored, weight, weight_used, points, is_held, is_truncated, computed_at
-- changed: 2026-11-22 first version
select
    metric_values.rep_id, -- the company's own id of the person
    metric_values.period, -- fiscal year and quarter
    metric_values.role, -- a role of plan.yml
    metric_values.metric, -- the metric's name
    metric_definitions.title, -- what it is, in one sentence
    metric_definitions.unit, -- what the value counts
    metric_definitions.better, -- higher or lower
    metric_values.value, -- what it comes to, 0 of a sum that nothing adds to; null: see missing_reason
    metric_values.normalised_value, -- what it would be in a territory of the role's mean potential, which is then what is scored; null: the value is scored as it is
    cast(metric_values.numerator as numeric(28, 6)) as numerator, -- sum over the evidence that counts
    cast(metric_values.denominator as numeric(28, 6)) as denominator, -- sum over the evidence that counts
    metric_values.samples, -- evidence rows that count
    metric_values.min_samples, -- fewer: shown, not scored; 0 of a sum, which counts from the first record on
    metric_values.is_scored, -- false: unknown, or too few samples
    attainments.floor_value, -- attainment 0
    attainments.target_value, -- attainment 100
    cast(attainments.cap as numeric(18, 4)) as cap, -- highest attainment
    cast(attainments.attainment as numeric(18, 6)) as attainment, -- 0 at the floor, 100 at the target; null: not scored
    cast(attainments.projected_attainment as numeric(18, 6)) as projected_attainment, -- what it would be once there are samples enough; null: it is scored, or there is no value
    cast(attainments.weight as numeric(18, 4)) as weight, -- of 100, by the plan
    cast(attainments.weight_used as numeric(18, 4)) as weight_used, -- 0: its weight goes to the other metrics
    cast(
        coalesce(fn.ratio(attainments.weight_used * attainments.attainment, rep_scores.weight_used), 0)
        as numeric(18, 6)
    ) as points, -- what it adds to the score: the points of all metrics sum to it, but for the last digits
    attainments.is_held, -- true: the line waits until there is a value
    attainments.missing_reason, -- no activity, value unknown, unknown reference, stream left out, stream stale or history forgotten; null: there is a value
    attainments.reason, -- why it is not scored, and what then; null: it is scored
    metric_values.is_truncated, -- true: some of the history that it rests on has been forgotten by the CRM
    fn.as_of() as computed_at -- the instant that the numbers speak of
from scores.metric_values
join scores.attainments
    on attainments.rep_id = metric_values.rep_id
    and attainments.period = metric_values.period
    and attainments.role = metric_values.role
    and attainments.metric = metric_values.metric
join scores.rep_scores
    on rep_scores.rep_id = metric_values.rep_id
    and rep_scores.period = metric_values.period
    and rep_scores.role = metric_values.role
join scores.metric_definitions
    on metric_definitions.metric = metric_values.metric
