-- adoption: how much of its week a team spends at the CRM, and what goes with it
-- grain: one row a team and week that is over
-- key: team, week_on
-- signal: whether the programme is used, seen beside what it is for
-- owner: revenue operations
-- not_null: team, week_on, is_told, verdict, text, computed_at
-- checks: a_group: people is null or people >= 5
--    shares: consistent_share is null or (consistent_share >= 0 and consistent_share <= 1)
--    verdicts: verdict in ('fell', 'rose', 'no change that can be told', 'cannot be told')
-- gaming: one sign a day; activities a day stand beside the days
-- changed: 2026-12-01 first version
with used as (
    select
        rep_weeks.team,
        rep_weeks.week_on,
        cast(count(*) as bigint) as people,
        cast(sum(case when rep_weeks.active_days > 0 then 1 else 0 end) as bigint) as active,
        -- Consistently: on three of five working days at least.
        cast(sum(case when 5 * rep_weeks.active_days >= 3 * rep_weeks.working_days then 1 else 0 end) as bigint) as consistent,
        sum(rep_weeks.activities) as activities,
        sum(rep_weeks.working_days) as working_days
    from programme.rep_weeks
    where rep_weeks.team is not null
    group by
        rep_weeks.team,
        rep_weeks.week_on
),
counted as (
    select
        rep_weeks.team,
        rep_weeks.week_on,
        metric_evidence.metric,
        sum(metric_evidence.numerator) as numerator,
        sum(metric_evidence.denominator) as denominator,
        max(case when metric_evidence.unknown_reason is null then 0 else 1 end) as is_unknown
    from scores.metric_evidence
    join programme.rep_weeks
        on rep_weeks.rep_id = metric_evidence.rep_id
        and rep_weeks.week_on = fn.date_after(fn.day(metric_evidence.occurred_at), 1 - fn.weekday(fn.day(metric_evidence.occurred_at)))
    where not metric_evidence.is_excluded
        and metric_evidence.metric in ('meeting_logging_rate', 'data_completeness', 'learning_completion', 'closed_won_arr')
    group by
        rep_weeks.team,
        rep_weeks.week_on,
        metric_evidence.metric
),
valued as (
    select
        counted.team,
        counted.week_on,
        max(case when counted.metric = 'meeting_logging_rate' then fn.ratio(counted.numerator, counted.denominator) end) as submission_rate,
        max(case when counted.metric = 'data_completeness' then fn.ratio(counted.numerator, counted.denominator) end) as completeness,
        max(case when counted.metric = 'learning_completion' then fn.ratio(counted.numerator, counted.denominator) end) as learning,
        max(case when counted.metric = 'closed_won_arr' and counted.is_unknown = 0 then counted.numerator end) as revenue,
        max(case when counted.metric = 'closed_won_arr' then counted.is_unknown else 0 end) = 1 as is_revenue_unknown
    from counted
    group by
        counted.team,
        counted.week_on
),
before as (
    select
        used.team,
        used.week_on,
        used.people,
        used.active,
        used.consistent,
        fn.ratio(used.activities, used.working_days) as activities_a_day,
        fn.ratio(
            sum(used.activities) over (partition by used.team order by used.week_on rows between 4 preceding and 1 preceding),
            sum(used.working_days) over (partition by used.team order by used.week_on rows between 4 preceding and 1 preceding)
        ) as activities_before,
        count(*) over (partition by used.team order by used.week_on rows between 8 preceding and 1 preceding) as weeks_before,
        fn.ratio(
            sum(used.consistent) over (partition by used.team order by used.week_on rows between 8 preceding and 1 preceding),
            sum(used.people) over (partition by used.team order by used.week_on rows between 8 preceding and 1 preceding)
        ) as consistent_before
    from used
),
judged as (
    select
        before.team,
        before.week_on,
        before.people >= 5 as is_told,
        before.people,
        before.active,
        before.consistent,
        before.activities_a_day,
        before.activities_before,
        before.consistent_before,
        fn.ratio(before.consistent, before.people) as consistent_share,
        fn.wilson_low(before.consistent, before.people) as low,
        fn.wilson_high(before.consistent, before.people) as high,
        case
            when before.people < 5 or before.weeks_before < 4 then 'cannot be told'
            when fn.wilson_high(before.consistent, before.people) < before.consistent_before then 'fell'
            when fn.wilson_low(before.consistent, before.people) > before.consistent_before then 'rose'
            else 'no change that can be told'
        end as verdict
    from before
)
select
    judged.team, -- of the roster
    judged.week_on, -- the Monday
    judged.is_told, -- false: fewer than five people, of whom nothing is told
    case when judged.is_told then judged.people end as people, -- with three working days or more in the week
    case when judged.is_told then fn.ratio(judged.active, judged.people) end as active_share, -- of them, those with any sign at the CRM
    case when judged.is_told then judged.consistent_share end as consistent_share, -- of them, those with a sign on three of five working days
    case when judged.is_told then judged.low end as low, -- lower bound of the 95 % interval of the consistent share
    case when judged.is_told then judged.high end as high, -- its upper bound
    case when judged.is_told then judged.consistent_before end as consistent_before, -- the share of up to eight weeks before
    case when judged.is_told then judged.activities_a_day end as activities_a_day, -- logged, by working day
    case when judged.is_told then fn.ratio(judged.activities_a_day, judged.activities_before) - 1 end as engagement_velocity, -- activities a day beside the four weeks before: 0 is as much, -0.2 a fifth less
    case when judged.is_told then valued.submission_rate end as submission_rate, -- meetings in the calendar that were logged; null: none known
    case when judged.is_told then valued.completeness end as completeness, -- of the deals' required fields; known of the week in which a quarter ends or the build stands
    case when judged.is_told then valued.learning end as learning, -- modules due in the week that were learned in time; null: none due
    case
        when not judged.is_told or coalesce(valued.is_revenue_unknown, false) then null
        else cast(coalesce(valued.revenue, cast(0 as numeric(38, 9))) as numeric(18, 2))
    end as revenue, -- won ARR of the week, in the company's currency; null: not known
    judged.verdict, -- fell, rose, no change that can be told, cannot be told: of the consistent share beside the weeks before
    case
        when not judged.is_told then 'Fewer than five people: nothing is told of them.'
        else cast(judged.consistent as string) || ' of ' || cast(judged.people as string) || ' people used the CRM on three of five days'
            || case judged.verdict
                when 'cannot be told' then '; there are too few weeks before to hold it against.'
                when 'fell' then ', fewer than the ' || fn.digits(cast(100 * judged.consistent_before as numeric(38, 9)), 1) || ' % of the weeks before.'
                when 'rose' then ', more than the ' || fn.digits(cast(100 * judged.consistent_before as numeric(38, 9)), 1) || ' % of the weeks before.'
                else '; a change from the ' || fn.digits(cast(100 * judged.consistent_before as numeric(38, 9)), 1) || ' % of the weeks before cannot be told.'
            end
    end as text, -- the same in a sentence
    fn.as_of() as computed_at -- the instant that the numbers speak of
from judged
left join valued
    on valued.team = judged.team
    and valued.week_on = judged.week_on
