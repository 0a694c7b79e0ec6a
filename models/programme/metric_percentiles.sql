-- metric_percentiles: where in its role each value of a metric lay, the best at 1
-- grain: one row a person, period that is over, role and metric that has a value
-- key: rep_id, period, role, metric
-- signal: what lets metrics of other units be held beside each other
-- owner: revenue operations
-- not_null: rep_id, period, period_number, role, metric, control, people, percentile
-- checks: a_share: percentile >= 0 and percentile <= 1
--    a_group: people >= 5
-- gaming: none of its own
-- changed: 2026-12-01 first version
with numbered as (
    select
        periods.period,
        periods.ends_at,
        row_number() over (order by periods.starts_on) as period_number
    from plan.periods
),
ranked as (
    select
        measures.rep_id,
        measures.period,
        numbered.period_number,
        measures.role,
        measures.metric,
        metric_definitions.control,
        metric_definitions.better,
        count(*) over (partition by measures.period, measures.role, measures.metric) as people,
        rank() over (partition by measures.period, measures.role, measures.metric order by measures.value)
            + 0.5 * (count(*) over (partition by measures.period, measures.role, measures.metric, cast(measures.value as string)) - 1) as place
    from scores.measures
    join numbered
        on numbered.period = measures.period
        and numbered.ends_at <= fn.as_of()
    join scores.metric_definitions
        on metric_definitions.metric = measures.metric
    where measures.value is not null
)
select
    ranked.rep_id, -- the company's own id of the person
    ranked.period, -- fiscal year and quarter
    cast(ranked.period_number as bigint) as period_number, -- 1 is the first of the plan
    ranked.role, -- the role held when it happened
    ranked.metric, -- the metric's name
    ranked.control, -- who decides it: own, shared or outcome
    cast(ranked.people as bigint) as people, -- of the role who have a value
    case
        when ranked.better = 'lower' then 1 - fn.ratio(ranked.place - 1, ranked.people - 1)
        else fn.ratio(ranked.place - 1, ranked.people - 1)
    end as percentile -- 0 is the worst of the role, 1 the best; the same value has the same
from ranked
where ranked.people >= 5
