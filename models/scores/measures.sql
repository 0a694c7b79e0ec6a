-- measures: what every metric comes to for everybody it has evidence of, also where the role is not measured by it
-- grain: one row a rep, period, role and metric with evidence
-- key: rep_id, period, role, metric
-- signal: what another mix of metrics would be computed from
-- owner: revenue operations
-- present: rep_id, period, role, metric, numerator, denominator, samples, is_truncated
-- checks: something_counted: samples > 0
-- games: see each metric
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
)
select
    summed.rep_id, -- the company's own id of the person
    summed.period, -- fiscal year and quarter
    summed.role, -- the role held when it happened
    summed.metric, -- the metric's name
    case metric_definitions.value
        when 'sum' then fn.ratio(summed.numerator, 1)
        when 'median' then middles.median
        else fn.ratio(summed.numerator, summed.denominator)
    end as value, -- what it comes to; null: nothing to divide by
    cast(summed.numerator as numeric(38, 9)) as numerator, -- sum over the evidence that is not excluded
    cast(summed.denominator as numeric(38, 9)) as denominator, -- sum over the evidence that is not excluded
    cast(summed.samples as bigint) as samples, -- evidence rows that count
    summed.is_truncated -- true: some of the history that it rests on has been forgotten by the CRM
from summed
join scores.metric_definitions
    on metric_definitions.metric = summed.metric
left join middles
    on middles.rep_id = summed.rep_id
    and middles.period = summed.period
    and middles.role = summed.role
    and middles.metric = summed.metric
