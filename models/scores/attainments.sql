-- attainments: how much of each target a rep has reached
-- grain: one row a rep, period, role and metric
-- key: rep_id, period, role, metric
-- signal: values of different kinds made comparable: 0 at the floor, 100 at the target
-- owner: revenue operations
-- not_null: rep_id, period, role, metric, samples, weight, weight_used, floor_value, target_value, cap, is_held
-- checks: within_bounds: attainment is null or (attainment >= 0 and attainment <= cap)
--    weight_needs_attainment: (attainment is null) = (weight_used = 0) or weight = 0
--    target_is_not_the_floor: floor_value <> target_value
-- gaming: targets set low; floor, target and cap stand beside every attainment
-- changed: 2026-11-22 first version
--    2026-11-30 what is unknown holds the line, whatever the plan says of what is missing; a value of too few samples says what it would earn
with measured as (
    select
        metric_values.rep_id,
        metric_values.period,
        metric_values.role,
        metric_values.metric,
        metric_values.value,
        metric_values.normalised_value,
        metric_values.samples,
        metric_values.is_scored,
        metrics.weight,
        metrics.floor_value,
        metrics.target_value,
        metrics.cap,
        metric_values.min_samples,
        metric_values.missing_reason,
        metric_values.missing_detail,
        metrics.when_missing,
        metrics.normalise_by,
        -- Lower is better where the target lies below the floor: both differences turn, the formula stays.
        fn.ratio(
            100 * (
                case when metrics.normalise_by is null then metric_values.value else metric_values.normalised_value end
                - metrics.floor_value
            ),
            metrics.target_value - metrics.floor_value
        ) as reached
    from scores.metric_values
    join plan.metrics
        on metrics.period = metric_values.period
        and metrics.role = metric_values.role
        and metrics.metric = metric_values.metric
),
clamped as (
    select
        measured.rep_id,
        measured.period,
        measured.role,
        measured.metric,
        measured.value,
        measured.normalised_value,
        measured.samples,
        measured.weight,
        measured.floor_value,
        measured.target_value,
        measured.cap,
        measured.min_samples,
        measured.when_missing,
        measured.is_scored,
        measured.missing_reason,
        measured.missing_detail,
        -- Only what is known to be nothing may count as 0 or give its weight away.
        coalesce(measured.missing_reason, 'no activity') <> 'no activity' as is_unknown,
        case
            when measured.missing_reason is not null then null
            when measured.reached < 0 then cast(0 as numeric(18, 9))
            when measured.reached > measured.cap then cast(measured.cap as numeric(18, 9))
            else cast(measured.reached as numeric(18, 9))
        end as earned
    from measured
),
judged as (
    select
        clamped.rep_id,
        clamped.period,
        clamped.role,
        clamped.metric,
        clamped.value,
        clamped.normalised_value,
        clamped.samples,
        clamped.weight,
        clamped.floor_value,
        clamped.target_value,
        clamped.cap,
        clamped.min_samples,
        clamped.when_missing,
        clamped.is_scored,
        clamped.missing_reason,
        clamped.missing_detail,
        clamped.is_unknown,
        clamped.earned,
        case
            when clamped.is_scored then clamped.earned
            when clamped.when_missing = 'zero' and not clamped.is_unknown then cast(0 as numeric(18, 9))
        end as attainment
    from clamped
)
select
    judged.rep_id, -- the company's own id of the person
    judged.period, -- fiscal year and quarter
    judged.role, -- a role of plan.yml
    judged.metric, -- the metric's name
    judged.value, -- what was achieved; null: see missing_reason
    judged.normalised_value, -- what it would be in a territory of the role's mean potential, which is then what is scored; null: the value is scored as it is
    judged.samples, -- evidence rows that count
    judged.floor_value, -- attainment 0
    judged.target_value, -- attainment 100
    judged.cap, -- highest attainment
    judged.attainment, -- 100 × (value - floor) ÷ (target - floor), of the normalised value where there is one, from 0 to the cap; null: not scored
    case when judged.attainment is null then judged.earned end as projected_attainment, -- what the value would earn once there are samples enough; null: it is scored, or there is no value
    judged.weight, -- of 100, by the plan
    case when judged.attainment is null then cast(0 as numeric(9, 4)) else judged.weight end as weight_used, -- 0: its weight goes to the other metrics
    not judged.is_scored and (judged.when_missing = 'hold' or judged.is_unknown and judged.weight > 0) as is_held, -- true: the line waits until there is a value: the plan says so, or what is missing is not known to be nothing
    judged.missing_reason, -- why there is nothing to score: no activity, value unknown, unknown reference, stream left out, stream stale or history forgotten; null: there is a value
    case
        when judged.is_scored then null
        when judged.missing_detail is not null then judged.missing_detail
        else cast(judged.samples as string) || ' of at least ' || cast(judged.min_samples as string) || ' samples'
            || ', it would earn ' || fn.digits(judged.earned, 2)
    end
    || case
        when judged.is_unknown and judged.weight > 0 then ', the line is held'
        when judged.is_unknown then ''
        when judged.when_missing = 'zero' then ', counts as 0'
        when judged.when_missing = 'hold' then ', the line is held'
        else ', its weight goes to the other metrics'
    end as reason -- why it is not scored, and what then; null: it is scored
from judged
