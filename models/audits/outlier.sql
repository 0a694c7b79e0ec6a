-- outlier: metric values far better than those of the same role
-- grain: one row a rep, period, role and scored metric with at least eight reps
-- key: source, rep_id, record_id, occurred_at
-- signal: numbers that deserve a look; nothing follows from them alone
-- owner: revenue operations
-- severity: look
-- test: figures
-- span: period
-- parameters: least: 1
--    reps: 8
-- not_null: source, rep_id, occurred_at, record_type, record_id, is_suspect, detail, measure, usual, threshold
-- gaming: a whole team that does the same; metric by metric the team's own past shows it
-- changed: 2026-11-30 first version
--    2026-12-01 of periods that are over, of people who worked three quarters of one, and in their favour: a value that costs its owner is nobody's gain
with scored as (
    select
        metric_values.rep_id,
        metric_values.period,
        metric_values.role,
        metric_values.metric,
        coalesce(metric_values.normalised_value, metric_values.value) as value,
        case when metric_definitions.better = 'lower' then -1 else 1 end as favour,
        periods.starts_on,
        count(*) over peers as reps,
        row_number() over (
            partition by metric_values.period, metric_values.role, metric_values.metric
            order by coalesce(metric_values.normalised_value, metric_values.value), metric_values.rep_id
        ) as place
    from scores.metric_values
    join plan.periods
        on periods.period = metric_values.period
    join core.rep_periods
        on rep_periods.rep_id = metric_values.rep_id
        and rep_periods.period = metric_values.period
        and rep_periods.role = metric_values.role
    join scores.metric_definitions
        on metric_definitions.metric = metric_values.metric
    where metric_values.is_scored
        -- Who was there for a part of a period, or a period that still runs, is not comparable.
        and periods.ends_at <= fn.as_of()
        and 4 * (rep_periods.days - rep_periods.leave_days) >= 3 * periods.days
    window peers as (partition by metric_values.period, metric_values.role, metric_values.metric)
),
centres as (
    select
        scored.period,
        scored.role,
        scored.metric,
        fn.ratio(sum(scored.value), count(*)) as median
    from scored
    -- The row in the middle, or the two.
    where 2 * scored.place between scored.reps and scored.reps + 2
    group by
        scored.period,
        scored.role,
        scored.metric
),
distances as (
    select
        scored.rep_id,
        scored.period,
        scored.role,
        scored.metric,
        scored.value,
        scored.reps,
        scored.favour,
        centres.median,
        -- How far the same person was in the period before: who always differs differs for a reason.
        lag(abs(scored.value - centres.median)) over (
            partition by scored.rep_id, scored.role, scored.metric
            order by scored.starts_on
        ) as distance_before,
        abs(scored.value - centres.median) as distance,
        row_number() over (
            partition by scored.period, scored.role, scored.metric
            order by abs(scored.value - centres.median), scored.rep_id
        ) as place
    from scored
    join centres
        on centres.period = scored.period
        and centres.role = scored.role
        and centres.metric = scored.metric
),
spreads as (
    select
        distances.period,
        distances.role,
        distances.metric,
        fn.ratio(
            sum(case when 2 * distances.place between distances.reps and distances.reps + 2 then distances.distance end),
            count(case when 2 * distances.place between distances.reps and distances.reps + 2 then 1 end)
        ) as median_distance,
        fn.ratio(sum(distances.distance), count(*)) as mean_distance
    from distances
    group by
        distances.period,
        distances.role,
        distances.metric
),
-- The median distance scaled to a standard deviation; where half of them are alike, the mean distance; where all are, nobody.
judged as (
    select
        distances.rep_id,
        distances.period,
        distances.role,
        distances.metric,
        distances.value,
        distances.reps,
        distances.median,
        distances.favour * (distances.value - distances.median) > 0
            and coalesce(distances.distance > 1.5 * distances.distance_before, true) as is_unusual,
        case
            when spreads.median_distance > 0 then fn.ratio(distances.value - distances.median, 1.482602218505602 * spreads.median_distance)
            else fn.ratio(distances.value - distances.median, 1.2533141373155003 * spreads.mean_distance)
        end as z,
        -- The textbook 3.5 marks one in seven honest groups of eight: small groups need a higher bound.
        4.1 + fn.ratio(30, distances.reps) as threshold
    from distances
    join spreads
        on spreads.period = distances.period
        and spreads.role = distances.role
        and spreads.metric = distances.metric
    join plan.settings
        on settings.period = distances.period
        and settings.metric = 'outlier'
        and settings.name = 'reps'
    where distances.reps >= cast(fn.as_number(settings.value) as bigint)
)
select
    'merit' as source, -- no CRM's: the value is Merit's own
    judged.rep_id, -- whose value it is
    fn.just_before(rep_assignments.ends_at) as occurred_at, -- the end of the rep's last days in the role
    'metric' as record_type, -- a metric's value
    judged.metric as record_id, -- the metric
    judged.is_unusual and coalesce(abs(judged.z) > judged.threshold, false) as is_suspect, -- true: better than the others by too far, and by far more than in the period before
    judged.metric || ' is far from that of the ' || cast(judged.reps as string) || ' people of the role' as detail, -- what stands out, in words
    coalesce(judged.value, 0) as measure, -- the value
    judged.median as usual, -- the median of the role
    judged.threshold as threshold, -- so many scaled median distances
    cast(null as double) as p_value -- none: the bound was set on honest groups
from judged
join core.rep_periods
    on rep_periods.rep_id = judged.rep_id
    and rep_periods.period = judged.period
    and rep_periods.role = judged.role
join core.rep_assignments
    on rep_assignments.rep_id = rep_periods.rep_id
    and rep_assignments.period = rep_periods.period
    and rep_assignments.role = rep_periods.role
    and rep_assignments.ends_on = rep_periods.ends_on
