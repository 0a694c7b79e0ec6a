-- metric_values: the value of each metric of a rep's role, period by period
-- grain: one row a rep, period, role and metric, also where there is nothing to count
-- key: rep_id, period, role, metric
-- signal: what was achieved, with what it was computed from
-- owner: revenue operations
-- not_null: rep_id, period, role, metric, numerator, denominator, samples, min_samples, is_scored, is_truncated
-- checks: scored_has_a_value: not is_scored or value is not null
--    empty_for_a_reason: value is not null or missing_reason is not null
--    normalised_has_both: normalised_value is null or (value is not null and potential > 0)
-- gaming: see each metric; few records move a rate easily, so below the minimum of samples it is shown and not scored
-- changed: 2026-11-22 first version
--    2026-11-30 what a sum has counts from the first record on, and nothing counts as 0; an empty value says why
with territories as (
    select
        rep_periods.rep_id,
        rep_periods.period,
        rep_periods.role,
        case
            when coalesce(quotas.potential, quotas.quota) > 0 then coalesce(quotas.potential, quotas.quota)
        end as potential
    from core.rep_periods
    left join core.quotas
        on quotas.rep_id = rep_periods.rep_id
        and quotas.period = rep_periods.period
),
typical as (
    select
        territories.period,
        territories.role,
        fn.ratio(sum(territories.potential), count(territories.potential)) as mean_potential
    from territories
    group by
        territories.period,
        territories.role
),
valued as (
    select
        territories.rep_id,
        territories.period,
        territories.role,
        metrics.metric,
        case when metric_definitions.value = 'sum' then 0 else metrics.min_samples end as min_samples,
        metrics.normalise_by,
        territories.potential,
        measures.value,
        case
            when metrics.normalise_by = 'potential'
                then fn.ratio(measures.value, territories.potential) * typical.mean_potential
        end as normalised_value,
        measures.numerator,
        measures.denominator,
        measures.samples,
        measures.is_truncated,
        measures.missing_reason,
        measures.missing_detail
    from territories
    join plan.metrics
        on metrics.period = territories.period
        and metrics.role = territories.role
    join scores.metric_definitions
        on metric_definitions.metric = metrics.metric
    left join typical
        on typical.period = territories.period
        and typical.role = territories.role
    join scores.measures
        on measures.rep_id = territories.rep_id
        and measures.period = territories.period
        and measures.role = territories.role
        and measures.metric = metrics.metric
)
select
    valued.rep_id, -- the company's own id of the person
    valued.period, -- fiscal year and quarter
    valued.role, -- a role of plan.yml
    valued.metric, -- the metric's name
    valued.value, -- what it comes to, 0 of a sum that nothing adds to; null: see missing_reason
    valued.normalised_value, -- value ÷ potential × the mean potential of the role; null: the plan scores the value as it is, or there is no potential
    valued.potential, -- what the territory could give in the period, or the quota; null: not known
    cast(valued.numerator as numeric(38, 9)) as numerator, -- sum over the evidence that is not excluded
    cast(valued.denominator as numeric(38, 9)) as denominator, -- sum over the evidence that is not excluded
    valued.samples, -- evidence rows that count
    cast(valued.min_samples as bigint) as min_samples, -- fewer: shown, not scored; 0 of a sum
    valued.value is not null
        and (valued.normalise_by is null or valued.normalised_value is not null)
        and valued.samples >= valued.min_samples as is_scored, -- false: unknown, or fewer samples than the plan asks for
    valued.is_truncated, -- true: some of the history that it rests on has been forgotten by the CRM
    case
        when valued.missing_reason is not null then valued.missing_reason
        when valued.normalise_by is not null and valued.normalised_value is null then 'unknown reference'
    end as missing_reason, -- why there is nothing to score: no activity, value unknown, unknown reference, stream left out, stream stale or history forgotten; null: there is
    case
        when valued.missing_reason is not null then valued.missing_detail
        when valued.normalise_by is not null and valued.normalised_value is null
            then 'no quota and no territory potential to hold it against'
    end as missing_detail -- the same in words
from valued
