-- okr_alignment: how far each objective is, by the metrics that the plan says serve it
-- grain: one row a period, objective and metric
-- key: period, okr, metric
-- signal: whether what people are paid for moves what the company wants to reach
-- owner: revenue operations
-- not_null: period, okr, metric, title, unit, reps_unknown, reps_measured, reps_scored, reps_at_target, computed_at
-- checks: nobody_twice: reps_at_target <= reps_scored and reps_scored <= reps_measured
-- gaming: an objective that is served by an easy metric; the targets stand in plan.yml for everybody to read
-- changed: 2026-11-22 first version
with progress as (
    select
        okrs.period,
        okrs.okr,
        okrs.kpi,
        okrs.metric,
        count(attainments.rep_id) as reps_measured,
        count(attainments.attainment) as reps_scored,
        sum(case when attainments.attainment >= 100 then 1 else 0 end) as reps_at_target,
        sum(attainments.attainment) as attained
    from plan.okrs
    left join scores.attainments
        on attainments.period = okrs.period
        and attainments.metric = okrs.metric
    group by
        okrs.period,
        okrs.okr,
        okrs.kpi,
        okrs.metric
),
achieved as (
    select
        measures.period,
        measures.metric,
        sum(measures.numerator) as numerator,
        sum(measures.denominator) as denominator,
        sum(case when measures.missing_reason <> 'no activity' then 1 else 0 end) as reps_unknown
    from scores.measures
    group by
        measures.period,
        measures.metric
)
select
    progress.period, -- fiscal year and quarter
    progress.okr, -- the objective
    progress.kpi, -- the figure that leadership looks at; null: the plan names none
    progress.metric, -- a metric that serves it
    metric_definitions.title, -- what it is, in one sentence
    metric_definitions.unit, -- what the value counts
    case
        when metric_definitions.value = 'sum' then fn.ratio(achieved.numerator, 1)
        when metric_definitions.value <> 'median' then fn.ratio(achieved.numerator, achieved.denominator)
    end as company_value, -- of everybody's evidence together, also of roles that it does not score; what is unknown adds nothing, see reps_unknown; null: none, or a median
    cast(coalesce(achieved.reps_unknown, 0) as bigint) as reps_unknown, -- reps and roles of whom it is not known, for another reason than that nothing happened
    progress.reps_measured, -- reps and roles whose mix it is in
    progress.reps_scored, -- those with a value and samples enough
    cast(coalesce(progress.reps_at_target, 0) as bigint) as reps_at_target, -- those who reached their target
    cast(fn.ratio(progress.attained, progress.reps_scored) as numeric(18, 6)) as mean_attainment, -- 100 is everybody at target; null: nobody is scored
    fn.as_of() as computed_at -- the instant that the numbers speak of
from progress
join scores.metric_definitions
    on metric_definitions.metric = progress.metric
left join achieved
    on achieved.period = progress.period
    and achieved.metric = progress.metric
