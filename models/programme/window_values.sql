-- window_values: what a metric comes to for a person within a window of days
-- grain: one row a window, person and metric
-- key: window_id, rep_id, metric
-- signal: before and after, measured alike
-- owner: revenue operations
-- not_null: window_id, rep_id, metric
-- gaming: none of its own
-- changed: 2026-12-01 first version
with sides as (
    select 'placebo' as side union all select 'before' union all select 'after'
),
windows as (
    select
        comparisons.comparison || ':' || sides.side as window_id,
        comparisons.comparison,
        comparisons.metric,
        case sides.side when 'placebo' then comparisons.placebo_on when 'before' then comparisons.before_on else comparisons.starts_on end as from_on,
        case sides.side when 'placebo' then comparisons.before_on when 'before' then comparisons.starts_on else fn.date_after(comparisons.ends_on, 1) end as to_on
    from programme.comparisons
    cross join sides
),
wanted as (
    select
        windows.window_id,
        windows.comparison,
        windows.metric,
        windows.from_on,
        windows.to_on,
        comparison_people.rep_id
    from windows
    join programme.comparison_people
        on comparison_people.comparison = windows.comparison
),
worked as (
    select
        wanted.window_id,
        wanted.rep_id,
        count(*) as days
    from wanted
    join recognition.rep_days
        on rep_days.rep_id = wanted.rep_id
        and rep_days.day_on >= wanted.from_on
        and rep_days.day_on < wanted.to_on
    where rep_days.is_working
        and rep_days.is_over
    group by
        wanted.window_id,
        wanted.rep_id
),
dated as (
    select
        metric_evidence.metric,
        metric_evidence.rep_id,
        fn.day(metric_evidence.occurred_at) as day_on,
        sum(metric_evidence.numerator) as numerator,
        sum(metric_evidence.denominator) as denominator,
        count(*) as records,
        max(case when metric_evidence.unknown_reason is null then 0 else 1 end) as is_unknown
    from scores.metric_evidence
    where not metric_evidence.is_excluded
    group by
        metric_evidence.metric,
        metric_evidence.rep_id,
        fn.day(metric_evidence.occurred_at)
),
summed as (
    select
        wanted.window_id,
        wanted.rep_id,
        wanted.metric,
        sum(dated.numerator) as numerator,
        sum(dated.denominator) as denominator,
        sum(dated.records) as records,
        max(dated.is_unknown) as is_unknown
    from wanted
    join dated
        on dated.rep_id = wanted.rep_id
        and dated.metric = wanted.metric
        and dated.day_on >= wanted.from_on
        and dated.day_on < wanted.to_on
    group by
        wanted.window_id,
        wanted.rep_id,
        wanted.metric
)
select
    wanted.window_id, -- the comparison, and placebo, before or after
    wanted.rep_id, -- the company's own id of the person
    wanted.metric, -- the metric's name
    case
        when coalesce(worked.days, 0) < 10 or coalesce(summed.is_unknown, 0) = 1 then null
        when metric_definitions.value = 'sum' then fn.ratio(5 * coalesce(summed.numerator, cast(0 as numeric(38, 9))), worked.days)
        when summed.records >= 3 then fn.ratio(summed.numerator, summed.denominator)
    end as value -- of a sum what a week of five working days has; null: fewer than ten working days or three records, or something unknown
from wanted
join scores.metric_definitions
    on metric_definitions.metric = wanted.metric
left join worked
    on worked.window_id = wanted.window_id
    and worked.rep_id = wanted.rep_id
left join summed
    on summed.window_id = wanted.window_id
    and summed.rep_id = wanted.rep_id
    and summed.metric = wanted.metric
