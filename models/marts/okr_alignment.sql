-- okr_alignment: how far each objective is, by the metrics that the plan says serve it
-- grain: one row a period, objective and metric
-- key: period, okr, metric
-- signal: whether what people are paid for moves what the company wants to reach
-- owner: revenue operations
-- not_null: period, okr, metric, title, unit, reps_unknown, reps_measured, reps_scored, reps_at_target, verdict, text, computed_at
-- checks: nobody_twice: reps_at_target <= reps_scored and reps_scored <= reps_measured
--    verdicts: verdict in ('reached', 'missed', 'on track', 'behind', 'no target', 'baseline unknown', 'value unknown')
-- gaming: an objective that is served by an easy metric; the targets stand in plan.yml for everybody to read
-- changed: 2026-11-22 first version
--    2026-12-01 from where to where the plan says, how far that is, and whether it is on track
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
),
valued as (
    select
        achieved.period,
        achieved.metric,
        achieved.reps_unknown,
        case
            when metric_definitions.value = 'sum' then fn.ratio(achieved.numerator, 1)
            when metric_definitions.value <> 'median' then fn.ratio(achieved.numerator, achieved.denominator)
        end as company_value
    from achieved
    join scores.metric_definitions
        on metric_definitions.metric = achieved.metric
),
aimed as (
    select
        objectives.period,
        objectives.okr,
        objectives.metric,
        objectives.baseline_period,
        baselines.company_value as baseline_value,
        coalesce(objectives.target_value, baselines.company_value * (1 + objectives.target_change)) as target_value
    from plan.objectives
    left join valued as baselines
        on baselines.period = objectives.baseline_period
        and baselines.metric = objectives.metric
),
-- The share of the quarter that is over: a sum grows with it, a share is what it is.
elapsed as (
    select
        periods.period,
        periods.ends_at > fn.as_of() as is_running,
        case
            when periods.ends_at <= fn.as_of() then cast(1 as double)
            when periods.starts_at >= fn.as_of() then cast(0 as double)
            else fn.ratio(fn.whole_days(periods.starts_on, fn.today()), periods.days)
        end as share
    from plan.periods
),
held as (
    select
        progress.period,
        progress.okr,
        progress.kpi,
        progress.metric,
        progress.reps_measured,
        progress.reps_scored,
        progress.reps_at_target,
        progress.attained,
        metric_definitions.title,
        metric_definitions.unit,
        valued.company_value,
        valued.reps_unknown,
        aimed.okr is not null as has_target,
        aimed.baseline_period,
        aimed.baseline_value,
        aimed.target_value,
        elapsed.is_running,
        elapsed.share,
        -- What the value would have to be by now.
        case
            when metric_definitions.value = 'sum' then aimed.target_value * elapsed.share
            else aimed.baseline_value + (aimed.target_value - aimed.baseline_value) * elapsed.share
        end as expected_value,
        case
            when metric_definitions.value <> 'sum' or not elapsed.is_running
                then round(fn.ratio(valued.company_value - aimed.baseline_value, aimed.target_value - aimed.baseline_value), 9)
        end as progress,
        case when metric_definitions.better = 'lower' then -1 else 1 end as sign
    from progress
    join scores.metric_definitions
        on metric_definitions.metric = progress.metric
    join elapsed
        on elapsed.period = progress.period
    left join valued
        on valued.period = progress.period
        and valued.metric = progress.metric
    left join aimed
        on aimed.period = progress.period
        and aimed.okr = progress.okr
        and aimed.metric = progress.metric
),
judged as (
    select
        held.period,
        held.okr,
        held.kpi,
        held.metric,
        held.reps_measured,
        held.reps_scored,
        held.reps_at_target,
        held.attained,
        held.title,
        held.unit,
        held.company_value,
        held.reps_unknown,
        held.baseline_period,
        held.baseline_value,
        held.target_value,
        held.expected_value,
        held.progress,
        case
            when not held.has_target then 'no target'
            when held.target_value is null then 'baseline unknown'
            when held.company_value is null then 'value unknown'
            when held.sign * (held.company_value - held.target_value) >= 0 and not held.is_running then 'reached'
            when not held.is_running then 'missed'
            when held.expected_value is null then 'baseline unknown'
            when held.sign * (held.company_value - held.expected_value) >= 0 then 'on track'
            else 'behind'
        end as verdict
    from held
)
select
    judged.period, -- fiscal year and quarter
    judged.okr, -- the objective
    judged.kpi, -- the figure that leadership looks at; null: the plan names none
    judged.metric, -- a metric that serves it
    judged.title, -- what it is, in one sentence
    judged.unit, -- what the value counts
    judged.company_value, -- of everybody's evidence together, also of roles that it does not score; what is unknown adds nothing, see reps_unknown; null: none, or a median
    judged.baseline_period, -- the quarter from which the plan has it start; null: the plan says no target
    judged.baseline_value, -- the company's value of that quarter; null: not known
    judged.target_value, -- where it is to come; null: none is said, or it is a change of a baseline that is not known
    judged.progress, -- the part of the way from baseline to target that is done: 0 none, 1 all, below 0 the wrong way; null: unknown, or a sum of a quarter that runs, see expected_value
    judged.expected_value, -- what it would be by now on the way to the target: a sum grows with the days of the quarter, a share from its baseline
    judged.verdict = 'reached' or judged.verdict = 'on track' as is_on_track, -- true: reached, or as far as it should be by now
    judged.verdict, -- reached, missed, on track, behind; no target, baseline unknown or value unknown
    case judged.verdict
        when 'no target' then 'The plan says no target for it.'
        when 'baseline unknown' then 'Where it started is not known: ' || judged.baseline_period || ' has no value.'
        when 'value unknown' then 'It has no value yet.'
        else 'From ' || coalesce(fn.digits(cast(judged.baseline_value as numeric(38, 9)), 2), 'what is not known') || ' in ' || judged.baseline_period || ' to '
            || fn.digits(cast(judged.target_value as numeric(38, 9)), 2) || '; it is ' || fn.digits(cast(judged.company_value as numeric(38, 9)), 2) || ': ' || judged.verdict
            || case
                when judged.verdict = 'on track' or judged.verdict = 'behind' then ', ' || fn.digits(cast(judged.expected_value as numeric(38, 9)), 2) || ' would do by now.'
                else '.'
            end
    end as text, -- the same in a sentence
    cast(coalesce(judged.reps_unknown, 0) as bigint) as reps_unknown, -- reps and roles of whom it is not known, for another reason than that nothing happened
    judged.reps_measured, -- reps and roles whose mix it is in
    judged.reps_scored, -- those with a value and samples enough
    cast(coalesce(judged.reps_at_target, 0) as bigint) as reps_at_target, -- those who reached their target
    cast(fn.ratio(judged.attained, judged.reps_scored) as numeric(18, 6)) as mean_attainment, -- 100 is everybody at target; null: nobody is scored
    fn.as_of() as computed_at -- the instant that the numbers speak of
from judged
