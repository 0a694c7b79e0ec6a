-- metric_values: the value of each metric of a rep's role, period by period
-- grain: one row a rep, period, role and metric, also where there is nothing to count
-- key: rep_id, period, role, metric
-- signal: what was achieved, with what it was computed from
-- owner: revenue operations
-- present: rep_id, period, role, metric, numerator, denominator, samples, is_scored, is_truncated
-- checks: nothing_is_unknown: samples > 0 or value is null
--    scored_has_a_value: not is_scored or value is not null
--    normalised_has_both: normalised_value is null or (value is not null and potential > 0)
-- games: see each metric; few records move a rate easily, so below the minimum of samples it is shown and not scored
-- changed: 2026-11-22 first version
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
        metrics.min_samples,
        metrics.normalise_by,
        territories.potential,
        measures.value,
        case
            when metrics.normalise_by = 'potential'
                then fn.ratio(measures.value, territories.potential) * typical.mean_potential
        end as normalised_value,
        coalesce(measures.numerator, cast(0 as numeric(38, 9))) as numerator,
        coalesce(measures.denominator, cast(0 as numeric(38, 9))) as denominator,
        coalesce(measures.samples, 0) as samples,
        coalesce(measures.is_truncated, false) as is_truncated
    from territories
    join plan.metrics
        on metrics.period = territories.period
        and metrics.role = territories.role
    left join typical
        on typical.period = territories.period
        and typical.role = territories.role
    left join scores.measures
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
    valued.value, -- what it comes to; null: nothing to compute it from
    valued.normalised_value, -- value ÷ potential × the mean potential of the role; null: the plan scores the value as it is, or there is no potential
    valued.potential, -- what the territory could give in the period, or the quota; null: not known
    cast(valued.numerator as numeric(38, 9)) as numerator, -- sum over the evidence that is not excluded
    cast(valued.denominator as numeric(38, 9)) as denominator, -- sum over the evidence that is not excluded
    valued.samples, -- evidence rows that count
    valued.value is not null
        and (valued.normalise_by is null or valued.normalised_value is not null)
        and valued.samples >= valued.min_samples as is_scored, -- false: unknown, or fewer samples than the plan asks for
    valued.is_truncated -- true: some of the history that it rests on has been forgotten by the CRM
from valued
