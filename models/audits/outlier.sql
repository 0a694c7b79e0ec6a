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
--    2026-12-01 a rise beyond the role's own changes from period to period; a sum also of who was away for longer
with valued as (
    select
        metric_values.rep_id,
        metric_values.period,
        metric_values.role,
        metric_values.metric,
        coalesce(metric_values.normalised_value, metric_values.value) as value,
        coalesce(metric_definitions.value = 'sum', false) as is_sum,
        case when metric_definitions.better = 'lower' then -1 else 1 end as favour,
        periods.starts_on,
        -- Who was there for a part of a period is not comparable.
        4 * (rep_periods.days - rep_periods.leave_days) >= 3 * periods.days as is_peer
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
        -- Nor is a period that still runs.
        and periods.ends_at <= fn.as_of()
),
scored as (
    select
        valued.rep_id,
        valued.period,
        valued.role,
        valued.metric,
        valued.value,
        count(*) over peers as reps,
        row_number() over (
            partition by valued.period, valued.role, valued.metric
            order by valued.value, valued.rep_id
        ) as place
    from valued
    where valued.is_peer
    window peers as (partition by valued.period, valued.role, valued.metric)
),
centres as (
    select
        scored.period,
        scored.role,
        scored.metric,
        max(scored.reps) as reps,
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
        scored.period,
        scored.role,
        scored.metric,
        scored.reps,
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
-- Territories differ, so that the best of many honest people stand far from the median
-- in every period. What is told of one person is the change from the period before: of
-- a sum as the difference of its square roots, which spreads alike for small and large.
changes as (
    select
        valued.rep_id,
        valued.period,
        valued.role,
        valued.metric,
        valued.is_sum,
        case
            when valued.is_sum then sqrt(fn.larger(valued.value, cast(0 as double)) + 0.375)
            else valued.value
        end - case
            when valued.is_sum then sqrt(fn.larger(lag(valued.value) over earlier, cast(0 as double)) + 0.375)
            else lag(valued.value) over earlier
        end as change
    from valued
    window earlier as (
        partition by valued.rep_id, valued.role, valued.metric
        order by valued.starts_on
    )
),
placed_changes as (
    select
        changes.rep_id,
        changes.period,
        changes.role,
        changes.metric,
        changes.is_sum,
        changes.change,
        count(*) over peers as reps,
        row_number() over (
            partition by changes.period, changes.role, changes.metric
            order by changes.change, changes.rep_id
        ) as place
    from changes
    where changes.change is not null
    window peers as (partition by changes.period, changes.role, changes.metric)
),
usual_changes as (
    select
        placed_changes.period,
        placed_changes.role,
        placed_changes.metric,
        fn.ratio(sum(placed_changes.change), count(*)) as median
    from placed_changes
    where 2 * placed_changes.place between placed_changes.reps and placed_changes.reps + 2
    group by
        placed_changes.period,
        placed_changes.role,
        placed_changes.metric
),
change_distances as (
    select
        placed_changes.rep_id,
        placed_changes.period,
        placed_changes.role,
        placed_changes.metric,
        placed_changes.is_sum,
        placed_changes.reps,
        placed_changes.change - usual_changes.median as beyond,
        row_number() over (
            partition by placed_changes.period, placed_changes.role, placed_changes.metric
            order by abs(placed_changes.change - usual_changes.median), placed_changes.rep_id
        ) as place
    from placed_changes
    join usual_changes
        on usual_changes.period = placed_changes.period
        and usual_changes.role = placed_changes.role
        and usual_changes.metric = placed_changes.metric
),
change_spreads as (
    select
        change_distances.period,
        change_distances.role,
        change_distances.metric,
        fn.larger(
            1.482602218505602 * fn.ratio(
                sum(case when 2 * change_distances.place between change_distances.reps and change_distances.reps + 2 then abs(change_distances.beyond) end),
                count(case when 2 * change_distances.place between change_distances.reps and change_distances.reps + 2 then 1 end)
            ),
            -- The difference of the square roots of two counts spreads by the root of a half by chance alone.
            max(case when change_distances.is_sum then sqrt(0.5) else cast(0 as double) end)
        ) as spread,
        fn.ratio(sum(abs(change_distances.beyond)), count(*)) as mean_distance
    from change_distances
    group by
        change_distances.period,
        change_distances.role,
        change_distances.metric
),
rises as (
    select
        change_distances.rep_id,
        change_distances.period,
        change_distances.role,
        change_distances.metric,
        case
            when change_spreads.spread > 0 then fn.ratio(change_distances.beyond, change_spreads.spread)
            else fn.ratio(change_distances.beyond, 1.2533141373155003 * change_spreads.mean_distance)
        end as z
    from change_distances
    join change_spreads
        on change_spreads.period = change_distances.period
        and change_spreads.role = change_distances.role
        and change_spreads.metric = change_distances.metric
    join plan.settings
        on settings.period = change_distances.period
        and settings.metric = 'outlier'
        and settings.name = 'reps'
    where change_distances.reps >= cast(fn.as_number(settings.value) as bigint)
),
-- The median distance scaled to a standard deviation; where half of them are alike, the mean distance; where all are, nobody.
judged as (
    select
        valued.rep_id,
        valued.period,
        valued.role,
        valued.metric,
        valued.value,
        centres.reps,
        centres.median,
        -- Three standard deviations of a change; whoever has no period before is judged by the value alone.
        valued.favour * (valued.value - centres.median) > 0
            and coalesce(valued.favour * rises.z > 3, true) as is_unusual,
        case
            when spreads.median_distance > 0 then fn.ratio(valued.value - centres.median, 1.482602218505602 * spreads.median_distance)
            else fn.ratio(valued.value - centres.median, 1.2533141373155003 * spreads.mean_distance)
        end as z,
        -- The textbook 3.5 marks one in seven honest groups of eight: small groups need a higher bound.
        4.1 + fn.ratio(30, centres.reps) as threshold
    from valued
    join centres
        on centres.period = valued.period
        and centres.role = valued.role
        and centres.metric = valued.metric
    join spreads
        on spreads.period = valued.period
        and spreads.role = valued.role
        and spreads.metric = valued.metric
    join plan.settings
        on settings.period = valued.period
        and settings.metric = 'outlier'
        and settings.name = 'reps'
    left join rises
        on rises.rep_id = valued.rep_id
        and rises.period = valued.period
        and rises.role = valued.role
        and rises.metric = valued.metric
    where centres.reps >= cast(fn.as_number(settings.value) as bigint)
        -- Who was away for longer has done a sum in fewer days; of any other value nothing can be said.
        and (valued.is_peer or (valued.is_sum and valued.favour = 1))
)
select
    'merit' as source, -- no CRM's: the value is Merit's own
    judged.rep_id, -- whose value it is
    fn.just_before(rep_assignments.ends_at) as occurred_at, -- the end of the rep's last days in the role
    'metric' as record_type, -- a metric's value
    judged.metric as record_id, -- the metric
    judged.is_unusual and coalesce(abs(judged.z) > judged.threshold, false) as is_suspect, -- true: better than the others by too far, and risen by more than people of the role do
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
