-- attainments: how much of each target a rep has reached
-- grain: one row a rep, period, role and metric
-- key: rep_id, period, role, metric
-- signal: values of different kinds made comparable: 0 at the floor, 100 at the target
-- owner: revenue operations
-- present: rep_id, period, role, metric, samples, weight, weight_used, floor_value, target_value, cap, is_held
-- checks: within_bounds: attainment is null or (attainment >= 0 and attainment <= cap)
--    weight_needs_attainment: (attainment is null) = (weight_used = 0) or weight = 0
--    target_is_not_the_floor: floor_value <> target_value
-- games: targets set low; floor, target and cap stand beside every attainment
-- changed: 2026-11-22 first version
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
        metrics.min_samples,
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
        measured.normalise_by,
        measured.samples,
        measured.weight,
        measured.floor_value,
        measured.target_value,
        measured.cap,
        measured.min_samples,
        measured.when_missing,
        measured.is_scored,
        case
            when not measured.is_scored and measured.when_missing = 'zero' then cast(0 as numeric(18, 9))
            when not measured.is_scored then null
            when measured.reached < 0 then cast(0 as numeric(18, 9))
            when measured.reached > measured.cap then cast(measured.cap as numeric(18, 9))
            else cast(measured.reached as numeric(18, 9))
        end as attainment
    from measured
)
select
    clamped.rep_id, -- the company's own id of the person
    clamped.period, -- fiscal year and quarter
    clamped.role, -- a role of plan.yml
    clamped.metric, -- the metric's name
    clamped.value, -- what was achieved; null: nothing to compute it from
    clamped.normalised_value, -- what it would be in a territory of the role's mean potential, which is then what is scored; null: the value is scored as it is
    clamped.samples, -- evidence rows that count
    clamped.floor_value, -- attainment 0
    clamped.target_value, -- attainment 100
    clamped.cap, -- highest attainment
    clamped.attainment, -- 100 × (value - floor) ÷ (target - floor), of the normalised value where there is one, from 0 to the cap; null: not scored
    clamped.weight, -- of 100, by the plan
    case when clamped.attainment is null then cast(0 as numeric(9, 4)) else clamped.weight end as weight_used, -- 0: its weight goes to the other metrics
    not clamped.is_scored and clamped.when_missing = 'hold' as is_held, -- true: the plan holds the score until there is a value
    case
        when clamped.is_scored then null
        when clamped.value is null then 'nothing to compute it from'
        when clamped.normalise_by is not null and clamped.normalised_value is null then 'no quota and no territory potential to hold it against'
        else cast(clamped.samples as string) || ' of at least ' || cast(clamped.min_samples as string) || ' samples'
    end
    || case clamped.when_missing
        when 'zero' then ', counts as 0'
        when 'hold' then ', the score is held'
        else ', its weight goes to the other metrics'
    end as reason -- why it is not scored, and what then; null: it is scored
from clamped
