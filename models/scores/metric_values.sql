-- metric_values: the value of each metric of a rep's role, period by period
-- grain: one row a rep, period, role and metric, also where there is nothing to count
-- key: rep_id, period, role, metric
-- signal: what was achieved, with what it was computed from
-- owner: revenue operations
-- present: rep_id, period, role, metric, numerator, denominator, samples, is_scored, is_truncated
-- checks: nothing_is_unknown: samples > 0 or value is null
--    scored_has_a_value: not is_scored or value is not null
-- games: see each metric; few records move a rate easily, so below the minimum of samples it is shown and not scored
-- changed: 2026-11-22 first version
with counted as (
    select
        rep_spans.rep_id,
        rep_spans.period,
        rep_spans.role,
        metric_evidence.metric,
        metric_evidence.numerator,
        metric_evidence.denominator,
        metric_evidence.is_truncated
    from scores.metric_evidence
    join core.rep_spans
        on rep_spans.rep_id = metric_evidence.rep_id
        and metric_evidence.occurred_at >= rep_spans.starts_at
        and metric_evidence.occurred_at < rep_spans.ends_at
    where not metric_evidence.is_excluded
),
summed as (
    select
        counted.rep_id,
        counted.period,
        counted.role,
        counted.metric,
        sum(counted.numerator) as numerator,
        sum(counted.denominator) as denominator,
        count(*) as samples,
        max(case when counted.is_truncated then 1 else 0 end) = 1 as is_truncated
    from counted
    group by
        counted.rep_id,
        counted.period,
        counted.role,
        counted.metric
),
-- Only what is wanted as a median is put in order.
ordered as (
    select
        counted.rep_id,
        counted.period,
        counted.role,
        counted.metric,
        counted.numerator,
        row_number() over (
            partition by counted.rep_id, counted.period, counted.role, counted.metric
            order by counted.numerator
        ) as place,
        count(*) over (
            partition by counted.rep_id, counted.period, counted.role, counted.metric
        ) as places
    from counted
    join scores.metric_definitions
        on metric_definitions.metric = counted.metric
    where metric_definitions.value = 'median'
),
middles as (
    select
        ordered.rep_id,
        ordered.period,
        ordered.role,
        ordered.metric,
        fn.ratio(sum(ordered.numerator), count(*)) as median
    from ordered
    -- The row in the middle, or the two.
    where 2 * ordered.place between ordered.places and ordered.places + 2
    group by
        ordered.rep_id,
        ordered.period,
        ordered.role,
        ordered.metric
),
valued as (
    select
        rep_periods.rep_id,
        rep_periods.period,
        rep_periods.role,
        metrics.metric,
        metrics.min_samples,
        case metric_definitions.value
            when 'sum' then fn.ratio(summed.numerator, 1)
            when 'median' then middles.median
            else fn.ratio(summed.numerator, summed.denominator)
        end as value,
        coalesce(summed.numerator, cast(0 as numeric(38, 9))) as numerator,
        coalesce(summed.denominator, cast(0 as numeric(38, 9))) as denominator,
        coalesce(summed.samples, 0) as samples,
        coalesce(summed.is_truncated, false) as is_truncated
    from core.rep_periods
    join plan.metrics
        on metrics.period = rep_periods.period
        and metrics.role = rep_periods.role
    left join scores.metric_definitions
        on metric_definitions.metric = metrics.metric
    left join summed
        on summed.rep_id = rep_periods.rep_id
        and summed.period = rep_periods.period
        and summed.role = rep_periods.role
        and summed.metric = metrics.metric
    left join middles
        on middles.rep_id = rep_periods.rep_id
        and middles.period = rep_periods.period
        and middles.role = rep_periods.role
        and middles.metric = metrics.metric
)
select
    valued.rep_id, -- the company's own id of the person
    valued.period, -- fiscal year and quarter
    valued.role, -- a role of plan.yml
    valued.metric, -- the metric's name
    valued.value, -- what it comes to; null: nothing to compute it from
    cast(valued.numerator as numeric(38, 9)) as numerator, -- sum over the evidence that is not excluded
    cast(valued.denominator as numeric(38, 9)) as denominator, -- sum over the evidence that is not excluded
    valued.samples, -- evidence rows that count
    valued.value is not null and valued.samples >= valued.min_samples as is_scored, -- false: unknown, or fewer samples than the plan asks for
    valued.is_truncated -- true: some of the history that it rests on has been forgotten by the CRM
from valued
