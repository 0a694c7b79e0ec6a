-- measures: what every metric comes to for everybody on the roster, also where the role is not measured by it
-- grain: one row a rep, period, role and metric, also where there is no evidence
-- key: rep_id, period, role, metric
-- signal: what another mix of metrics would be computed from
-- owner: revenue operations
-- not_null: rep_id, period, role, metric, numerator, denominator, samples, is_truncated
-- checks: empty_for_a_reason: (value is null) = (missing_reason is not null)
--    reasons: missing_reason is null or missing_reason in ('no activity', 'value unknown', 'unknown reference', 'stream left out', 'stream stale', 'history forgotten')
-- gaming: see each metric
-- changed: 2026-11-22 first version
--    2026-11-30 a sum without evidence is 0, not unknown; what is unknown says why
with counted as (
    select
        metric_evidence.rep_id,
        metric_evidence.period,
        metric_evidence.role,
        metric_evidence.metric,
        metric_evidence.numerator,
        metric_evidence.denominator,
        metric_evidence.is_truncated,
        metric_evidence.unknown_reason,
        metric_evidence.detail
    from scores.metric_evidence
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
        count(counted.unknown_reason) as unknown_samples,
        min(counted.unknown_reason) as unknown_reason,
        min(case when counted.unknown_reason is not null then counted.detail end) as unknown_detail,
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
gathered as (
    select
        rep_periods.rep_id,
        rep_periods.period,
        rep_periods.role,
        metric_definitions.metric,
        metric_definitions.value as kind,
        middles.median,
        coalesce(summed.numerator, cast(0 as numeric(38, 9))) as numerator,
        coalesce(summed.denominator, cast(0 as numeric(38, 9))) as denominator,
        coalesce(summed.samples, 0) as samples,
        coalesce(summed.is_truncated, false) as is_truncated,
        coalesce(metric_gaps.reason, summed.unknown_reason) as unknown_reason,
        coalesce(
            metric_gaps.detail,
            case
                when summed.unknown_samples = 1 then '1 record whose worth is not known: ' || summed.unknown_detail
                when summed.unknown_samples > 1 then cast(summed.unknown_samples as string) || ' records whose worth is not known, among them: ' || summed.unknown_detail
            end
        ) as unknown_detail
    from core.rep_periods
    cross join scores.metric_definitions
    left join summed
        on summed.rep_id = rep_periods.rep_id
        and summed.period = rep_periods.period
        and summed.role = rep_periods.role
        and summed.metric = metric_definitions.metric
    left join middles
        on middles.rep_id = rep_periods.rep_id
        and middles.period = rep_periods.period
        and middles.role = rep_periods.role
        and middles.metric = metric_definitions.metric
    left join scores.metric_gaps
        on metric_gaps.rep_id = rep_periods.rep_id
        and metric_gaps.period = rep_periods.period
        and metric_gaps.metric = metric_definitions.metric
),
valued as (
    select
        gathered.rep_id,
        gathered.period,
        gathered.role,
        gathered.metric,
        gathered.numerator,
        gathered.denominator,
        gathered.samples,
        gathered.is_truncated,
        gathered.unknown_reason,
        gathered.unknown_detail,
        case
            when gathered.unknown_reason is not null then null
            when gathered.kind = 'sum' then fn.ratio(gathered.numerator, 1)
            when gathered.kind = 'median' then gathered.median
            else fn.ratio(gathered.numerator, gathered.denominator)
        end as value
    from gathered
)
select
    valued.rep_id, -- the company's own id of the person
    valued.period, -- fiscal year and quarter
    valued.role, -- the role held when it happened
    valued.metric, -- the metric's name
    valued.value, -- what it comes to, 0 of a sum that nothing adds to; null: see missing_reason
    cast(valued.numerator as numeric(38, 9)) as numerator, -- sum over the evidence that is not excluded
    cast(valued.denominator as numeric(38, 9)) as denominator, -- sum over the evidence that is not excluded
    cast(valued.samples as bigint) as samples, -- evidence rows that count
    valued.is_truncated, -- true: some of the history that it rests on has been forgotten by the CRM
    case
        when valued.unknown_reason is not null then valued.unknown_reason
        when valued.value is null then 'no activity'
    end as missing_reason, -- why there is no value: no activity, value unknown, unknown reference, stream left out, stream stale or history forgotten
    case
        when valued.unknown_reason is not null then valued.unknown_detail
        when valued.value is null then 'no activity'
    end as missing_detail -- the same in words; null: there is a value
from valued
