-- monthly_scorecards: each behaviour and outcome of a team in a month, beside the month before
-- grain: one row a month, team, role and metric that can be told by the month, and one for all teams together
-- key: month_on, team, role, metric
-- signal: what a manager looks at once a month: who is at the own goal, and whether more people rose than fell
-- owner: sales management
-- not_null: month_on, team, role, metric, is_running, is_told, verdict, text, computed_at
-- checks: a_group: people is null or people >= 5
--    hidden_is_empty: is_told or (middle is null and rose is null and at_goal is null)
--    some_of_them: rose is null or rose + fell <= people_with_both
--    verdicts: verdict in ('rose', 'fell', 'no change that can be told', 'running', 'cannot be told')
-- gaming: goals follow the own past, so a month at the goal is no high month; the middle stands beside it
-- changed: 2026-12-01 first version
with valued as (
    select
        progress.rep_id,
        progress.role,
        progress.metric,
        coalesce(progress.team, '(none)') as team,
        progress.starts_on as month_on,
        progress.is_running,
        progress.percent_of_goal >= 100 as is_at_goal,
        progress.percent_of_goal is not null as has_goal,
        case when progress.better = 'lower' then -1 else 1 end as favour,
        -- Months have unlike many working days, and so have people: a sum is told by the day.
        case
            when metric_definitions.value = 'sum' then fn.ratio(progress.value, progress.days_over)
            else cast(progress.value as double)
        end as value
    from marts.progress
    join scores.metric_definitions
        on metric_definitions.metric = progress.metric
    where progress.span = 'month'
        and progress.days_over > 0
),
beside as (
    select
        valued.rep_id,
        valued.role,
        valued.metric,
        valued.team,
        valued.month_on,
        valued.is_running,
        valued.is_at_goal,
        valued.has_goal,
        valued.value,
        valued.favour * (valued.value - earlier.value) as change
    from valued
    left join valued as earlier
        on earlier.rep_id = valued.rep_id
        and earlier.role = valued.role
        and earlier.metric = valued.metric
        and earlier.month_on = fn.month_after(valued.month_on, -1)
    where valued.value is not null
),
grouped as (
    select beside.team as team, beside.rep_id, beside.role, beside.metric, beside.month_on, beside.is_running, beside.is_at_goal, beside.has_goal, beside.value, beside.change
    from beside
    union all
    select '(all)' as team, beside.rep_id, beside.role, beside.metric, beside.month_on, beside.is_running, beside.is_at_goal, beside.has_goal, beside.value, beside.change
    from beside
),
placed as (
    select
        grouped.team,
        grouped.role,
        grouped.metric,
        grouped.month_on,
        grouped.is_running,
        grouped.is_at_goal,
        grouped.has_goal,
        grouped.value,
        grouped.change,
        row_number() over (partition by grouped.team, grouped.role, grouped.metric, grouped.month_on order by grouped.value, grouped.rep_id) as place,
        count(*) over (partition by grouped.team, grouped.role, grouped.metric, grouped.month_on) as places
    from grouped
),
summed as (
    select
        placed.team,
        placed.role,
        placed.metric,
        placed.month_on,
        max(case when placed.is_running then 1 else 0 end) = 1 as is_running,
        count(*) as people,
        sum(case when placed.has_goal then 1 else 0 end) as with_goal,
        sum(case when placed.is_at_goal then 1 else 0 end) as at_goal,
        sum(case when placed.change is not null then 1 else 0 end) as with_both,
        sum(case when placed.change > 0 then 1 else 0 end) as rose,
        sum(case when placed.change < 0 then 1 else 0 end) as fell,
        fn.ratio(
            fn.total(sum(case when 2 * placed.place between placed.places and placed.places + 2 then fn.addend(placed.value) end)),
            sum(case when 2 * placed.place between placed.places and placed.places + 2 then 1 end)
        ) as middle
    from placed
    group by
        placed.team,
        placed.role,
        placed.metric,
        placed.month_on
),
-- What the whole less the teams that are told would tell of fewer than five people, is not told.
hidden as (
    select
        summed.role,
        summed.metric,
        summed.month_on,
        sum(case when summed.people < 5 then summed.people else 0 end) as people,
        sum(case when summed.people < 5 or summed.with_goal < 5 then summed.with_goal else 0 end) as with_goal,
        sum(case when summed.people < 5 or summed.with_both < 5 then summed.with_both else 0 end) as with_both
    from summed
    where summed.team <> '(all)'
    group by
        summed.role,
        summed.metric,
        summed.month_on
),
shown as (
    select
        summed.team,
        summed.role,
        summed.metric,
        summed.month_on,
        summed.is_running,
        summed.people,
        summed.with_goal,
        summed.at_goal,
        summed.with_both,
        summed.rose,
        summed.fell,
        summed.middle,
        summed.people >= 5 and (summed.team <> '(all)' or hidden.people = 0 or hidden.people >= 5) as is_told,
        summed.with_goal >= 5 and (summed.team <> '(all)' or hidden.with_goal = 0 or hidden.with_goal >= 5) as is_goal_told,
        summed.with_both >= 5 and (summed.team <> '(all)' or hidden.with_both = 0 or hidden.with_both >= 5) as is_change_told
    from summed
    join hidden
        on hidden.role = summed.role
        and hidden.metric = summed.metric
        and hidden.month_on = summed.month_on
),
judged as (
    select
        shown.team,
        shown.role,
        shown.metric,
        shown.month_on,
        shown.is_running,
        shown.people,
        shown.with_goal,
        shown.at_goal,
        shown.with_both,
        shown.rose,
        shown.fell,
        shown.middle,
        shown.is_told,
        shown.is_told and shown.is_goal_told as is_goal_told,
        shown.is_told and shown.is_change_told as is_change_told,
        case
            when not shown.is_told then 'cannot be told'
            when shown.is_running then 'running'
            when not shown.is_change_told or shown.rose + shown.fell < 5 then 'cannot be told'
            when fn.wilson_low(shown.rose, shown.rose + shown.fell) > 0.5 then 'rose'
            when fn.wilson_high(shown.rose, shown.rose + shown.fell) < 0.5 then 'fell'
            else 'no change that can be told'
        end as verdict
    from shown
)
select
    judged.month_on, -- the month's first day
    judged.team, -- on the last day in the role within the month; (none): people without one; (all): everybody in the role
    judged.role, -- a role of plan.yml
    judged.metric, -- the metric's name
    judged.is_running, -- true: the month is not over, and is held against no other
    judged.is_told, -- false: it, or what its difference to other rows would tell of, has fewer than five people
    case when judged.is_told then cast(judged.people as bigint) end as people, -- with a value
    case when judged.is_told then judged.middle end as middle, -- the value of the one in the middle; of a sum a working day
    case when judged.is_goal_told then cast(judged.with_goal as bigint) end as people_with_goal, -- of them, those with an own goal; null: too few
    case when judged.is_goal_told then cast(judged.at_goal as bigint) end as at_goal, -- of these, those who reached it
    case when judged.is_goal_told then fn.wilson_low(judged.at_goal, judged.with_goal) end as at_goal_low, -- lower bound of the 95 % interval of their share
    case when judged.is_goal_told then fn.wilson_high(judged.at_goal, judged.with_goal) end as at_goal_high, -- its upper bound
    case when judged.is_change_told then cast(judged.with_both as bigint) end as people_with_both, -- who have a value of the month before, too; null: too few
    case when judged.is_change_told then cast(judged.rose as bigint) end as rose, -- of these, those who are better than the month before
    case when judged.is_change_told then cast(judged.fell as bigint) end as fell, -- those who are worse
    judged.verdict, -- rose, fell (more people than chance would make), no change that can be told, running, cannot be told
    case
        when not judged.is_told then 'Not told: it, or what its difference to other rows would tell of, has fewer than five people.'
        when judged.verdict = 'running' then 'The month runs; ' || cast(judged.people as string) || ' people have a value so far.'
        when judged.verdict = 'cannot be told' then 'Too few people are better or worse than the month before: no change can be told.'
        else cast(judged.rose as string) || ' of ' || cast(judged.with_both as string) || ' people are better than the month before and '
            || cast(judged.fell as string) || ' worse: ' || judged.verdict || '.'
    end as text, -- the same in a sentence
    fn.as_of() as computed_at -- the instant that the numbers speak of
from judged
