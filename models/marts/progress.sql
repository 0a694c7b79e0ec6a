-- progress: how each person stands in each metric, by week, month and quarter
-- grain: one row a rep, role, metric and span that has begun
-- key: rep_id, role, metric, span, starts_on
-- signal: what can still be changed, before the quarter is over
-- owner: sales management
-- not_null: rep_id, role, metric, span, starts_on, ends_on, period, title, unit, better, control, samples, working_days, days_over, is_running, computed_at
-- checks: no_percent_of_nothing: percent_of_goal is null or goal is not null
--    expected_of_a_goal: expected_by_now is null or goal is not null
-- gaming: see each metric; nobody is paid by a week or month
-- changed: 2026-12-01 first version
with planned as (
    select
        rep_days.period,
        rep_days.rep_id,
        rep_days.role,
        sum(case when rep_days.is_working then 1 else 0 end) as working_days
    from recognition.rep_days
    where rep_days.period is not null
    group by
        rep_days.period,
        rep_days.rep_id,
        rep_days.role
),
aimed as (
    select
        span_values.rep_id,
        span_values.role,
        span_values.metric,
        span_values.span,
        span_values.starts_on,
        span_values.ends_on,
        span_values.period,
        span_values.team,
        span_values.region,
        metric_definitions.title,
        metric_definitions.unit,
        metric_definitions.better,
        metric_definitions.control,
        metric_definitions.value as kind,
        span_values.value,
        span_values.samples,
        span_values.missing_reason,
        span_values.working_days,
        span_values.days_over,
        span_values.is_running,
        personal_goals.goal as own_goal,
        case
            when span_values.span = 'quarter' or metric_definitions.value <> 'sum' then metrics.target_value
            else fn.ratio(metrics.target_value * span_values.working_days, planned.working_days)
        end as plan_goal
    from recognition.span_values
    join scores.metric_definitions
        on metric_definitions.metric = span_values.metric
    left join marts.personal_goals
        on personal_goals.rep_id = span_values.rep_id
        and personal_goals.role = span_values.role
        and personal_goals.metric = span_values.metric
        and personal_goals.span = span_values.span
        and personal_goals.starts_on = span_values.starts_on
    left join planned
        on planned.period = span_values.period
        and planned.rep_id = span_values.rep_id
        and planned.role = span_values.role
    -- A target against the territory's potential is none that a raw value could be held against.
    left join plan.metrics
        on metrics.period = span_values.period
        and metrics.role = span_values.role
        and metrics.metric = span_values.metric
        and metrics.normalise_by is null
),
held as (
    select
        aimed.rep_id, aimed.role, aimed.metric, aimed.span, aimed.starts_on, aimed.ends_on, aimed.period, aimed.team, aimed.region, aimed.title,
        aimed.unit, aimed.better, aimed.control, aimed.kind, aimed.value, aimed.samples, aimed.missing_reason, aimed.working_days, aimed.days_over,
        aimed.is_running, aimed.plan_goal,
        case when aimed.working_days > 0 then case when aimed.span = 'quarter' then aimed.plan_goal else aimed.own_goal end end as goal
    from aimed
)
select
    held.rep_id, -- the company's own id of the person
    held.role, -- the role held on the days that count
    held.metric, -- the metric's name
    held.span, -- week, month or quarter
    held.starts_on, -- the span's first day
    held.ends_on, -- its last day
    held.period, -- the quarter whose plan holds: that of the first day
    held.team, -- on the last day in the role within the span; null: none
    held.region, -- likewise
    held.title, -- what the metric is, in one sentence
    held.unit, -- what the value counts
    held.better, -- higher or lower
    held.control, -- who decides the value: own (the person), shared (with others) or outcome (the customer)
    held.value, -- what it comes to so far, 0 of a sum that nothing adds to; null: see missing_reason
    held.samples, -- records that count
    held.missing_reason, -- why there is no value: no activity, value unknown, unknown reference, stream left out, stream stale or history forgotten
    held.goal, -- of a week or month the own goal of marts.personal_goals, of a quarter the plan's target; null: there is none, or no working day
    held.plan_goal, -- the plan's target of the quarter, of a sum its part by working days: those of all weeks add up to it; null: the role is not measured by it
    case
        when held.better = 'lower' and held.goal = 0 then case when held.value <= 0 then cast(100 as double) else cast(0 as double) end
        when held.better = 'lower' and held.value > 2 * held.goal then cast(0 as double)
        when held.better = 'lower' then 200 - 100 * fn.ratio(held.value, held.goal)
        else 100 * fn.ratio(held.value, held.goal)
    end as percent_of_goal, -- 100 at the goal; where lower is better, 100 more for each goal saved; null: no value, no goal, or a goal of 0 that more is better than
    case
        when held.kind = 'sum' then held.goal * fn.ratio(held.days_over, held.working_days)
        else held.goal
    end as expected_by_now, -- the part of the goal of the working days that are over; of a rate or mean the goal itself
    held.working_days, -- the person's own in the span, leave and holidays left out, those to come counted
    held.days_over, -- of them, those that are over; today is not
    held.is_running, -- true: the span is not over, and a comparison with a whole one is none
    fn.as_of() as computed_at -- the instant that the numbers speak of
from held
