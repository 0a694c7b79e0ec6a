-- personal_goals: what each person is to reach in a week or month, from their own past
-- grain: one row a rep, role, metric and span that has begun
-- key: rep_id, role, metric, span, starts_on
-- signal: a little more than the own usual, which newcomers and veterans can reach alike
-- owner: sales management
-- parameters: periods: 4
--    stretch: 0.10
--    ramp_days: 90
--    at_least: 5
-- not_null: rep_id, role, metric, span, starts_on, ends_on, period, spans_used, why
-- checks: from_somewhere: (goal is null) = (goal_from is null)
--    bounds: bound_by is null or bound_by in ('p25', 'p90')
--    sources: goal_from is null or goal_from in ('own past', 'ramp', 'cohort', 'plan')
-- gaming: holding back to keep the goal low; the bound at the cohort's 25th percentile stops that, and no pay depends on a goal
-- changed: 2026-12-01 first version
with settings as (
    select
        settings.period,
        max(case when settings.name = 'periods' then cast(settings.value as bigint) end) as periods,
        max(case when settings.name = 'stretch' then fn.as_number(settings.value) end) as stretch,
        max(case when settings.name = 'ramp_days' then cast(settings.value as bigint) end) as ramp_days,
        max(case when settings.name = 'at_least' then cast(settings.value as bigint) end) as at_least
    from plan.settings
    where settings.metric = 'personal_goals'
    group by settings.period
),
valued as (
    select
        span_values.rep_id,
        span_values.role,
        span_values.metric,
        span_values.span,
        span_values.starts_on,
        span_values.ends_on,
        span_values.period,
        span_values.working_days,
        metric_definitions.value as kind,
        metric_definitions.unit,
        -- Better is always upwards here: what is better lower is counted below 0.
        case when metric_definitions.better = 'lower' then -1 else 1 end as sign,
        -- What is summed up is told by the working day, so that a week with a holiday is no worse.
        case when metric_definitions.value = 'sum' then fn.ratio(span_values.value_then, span_values.working_days) else span_values.value_then end as rate,
        not span_values.is_running
            and span_values.working_days > 0
            and span_values.value_then is not null as is_usable,
        settings.periods,
        settings.stretch,
        settings.ramp_days,
        settings.at_least,
        metrics.target_value,
        fn.whole_days(reps.first_on, span_values.starts_on) < settings.ramp_days as is_new,
        fn.whole_months(reps.first_on, fn.larger(reps.first_on, span_values.starts_on)) as tenure
    from recognition.span_values
    join scores.metric_definitions
        on metric_definitions.metric = span_values.metric
    join settings
        on settings.period = span_values.period
    join core.reps
        on reps.rep_id = span_values.rep_id
    left join plan.metrics
        on metrics.period = span_values.period
        and metrics.role = span_values.role
        and metrics.metric = span_values.metric
        and metrics.normalise_by is null
    where span_values.span <> 'quarter'
),
numbered as (
    select
        valued.rep_id, valued.role, valued.metric, valued.span, valued.starts_on, valued.ends_on, valued.period, valued.working_days,
        valued.kind, valued.unit, valued.sign, valued.rate, valued.is_usable, valued.periods, valued.stretch, valued.at_least,
        valued.target_value, valued.is_new, valued.tenure,
        sum(case when valued.is_usable then 1 else 0 end) over (
            partition by valued.rep_id, valued.role, valued.metric, valued.span
            order by valued.starts_on
            rows between unbounded preceding and current row
        ) as usable
    from valued
),
past as (
    select
        goals.rep_id,
        goals.role,
        goals.metric,
        goals.span,
        goals.starts_on,
        earlier.rate,
        row_number() over (partition by goals.rep_id, goals.role, goals.metric, goals.span, goals.starts_on order by earlier.rate) as place,
        count(*) over (partition by goals.rep_id, goals.role, goals.metric, goals.span, goals.starts_on) as places
    from numbered as goals
    join numbered as earlier
        on earlier.rep_id = goals.rep_id
        and earlier.role = goals.role
        and earlier.metric = goals.metric
        and earlier.span = goals.span
        and earlier.is_usable
        and earlier.starts_on < goals.starts_on
        and earlier.usable > goals.usable - case when goals.is_usable then 1 else 0 end - goals.periods
),
own as (
    select
        past.rep_id,
        past.role,
        past.metric,
        past.span,
        past.starts_on,
        max(past.places) as spans_used,
        fn.ratio(
            sum(case when 2 * past.place between past.places and past.places + 2 then past.rate end),
            sum(case when 2 * past.place between past.places and past.places + 2 then 1 else 0 end)
        ) as own_rate
    from past
    group by
        past.rep_id,
        past.role,
        past.metric,
        past.span,
        past.starts_on
),
-- The cohort is everybody in the role who is past the ramp, each by the own middle.
peers as (
    select
        own.role,
        own.metric,
        own.span,
        own.starts_on,
        numbered.sign * own.own_rate as good,
        row_number() over (partition by own.role, own.metric, own.span, own.starts_on order by numbered.sign * own.own_rate, own.rep_id) as place,
        count(*) over (partition by own.role, own.metric, own.span, own.starts_on) as places
    from own
    join numbered
        on numbered.rep_id = own.rep_id
        and numbered.role = own.role
        and numbered.metric = own.metric
        and numbered.span = own.span
        and numbered.starts_on = own.starts_on
    where not numbered.is_new
        and numbered.working_days > 0
        and own.own_rate is not null
),
cohorts as (
    select
        peers.role,
        peers.metric,
        peers.span,
        peers.starts_on,
        max(peers.places) as people,
        min(case when peers.place >= 0.25 * peers.places then peers.good end) as good_p25,
        min(case when peers.place >= 0.90 * peers.places then peers.good end) as good_p90
    from peers
    group by
        peers.role,
        peers.metric,
        peers.span,
        peers.starts_on
),
-- What newcomers of the role did in the same month after their first day, in spans that were over by then.
ramping as (
    select
        goals.rep_id,
        goals.role,
        goals.metric,
        goals.span,
        goals.starts_on,
        earlier.rate,
        row_number() over (partition by goals.rep_id, goals.role, goals.metric, goals.span, goals.starts_on order by earlier.rate, earlier.rep_id, earlier.starts_on) as place,
        count(*) over (partition by goals.rep_id, goals.role, goals.metric, goals.span, goals.starts_on) as places
    from numbered as goals
    join numbered as earlier
        on earlier.role = goals.role
        and earlier.metric = goals.metric
        and earlier.span = goals.span
        and earlier.tenure = goals.tenure
        and earlier.ends_on < goals.starts_on
        and earlier.rep_id <> goals.rep_id
        and earlier.is_usable
        and earlier.is_new
    where goals.is_new
),
ramp as (
    select
        ramping.rep_id,
        ramping.role,
        ramping.metric,
        ramping.span,
        ramping.starts_on,
        max(ramping.places) as others,
        fn.ratio(
            sum(case when 2 * ramping.place between ramping.places and ramping.places + 2 then ramping.rate end),
            sum(case when 2 * ramping.place between ramping.places and ramping.places + 2 then 1 else 0 end)
        ) as ramp_rate
    from ramping
    group by
        ramping.rep_id,
        ramping.role,
        ramping.metric,
        ramping.span,
        ramping.starts_on
),
planned as (
    select
        periods.period,
        rep_days.rep_id,
        rep_days.role,
        sum(case when rep_days.is_working then 1 else 0 end) as working_days
    from recognition.rep_days
    join plan.periods
        on periods.period = rep_days.period
    group by
        periods.period,
        rep_days.rep_id,
        rep_days.role
),
chosen as (
    select
        numbered.rep_id, numbered.role, numbered.metric, numbered.span, numbered.starts_on, numbered.ends_on, numbered.period,
        numbered.working_days, numbered.kind, numbered.unit, numbered.sign, numbered.stretch, numbered.is_new,
        own.own_rate,
        coalesce(own.spans_used, 0) as spans_used,
        case when cohorts.people >= numbered.at_least then cohorts.people end as people,
        case when cohorts.people >= numbered.at_least then cohorts.good_p25 end as good_p25,
        case when cohorts.people >= numbered.at_least then cohorts.good_p90 end as good_p90,
        ramp.others,
        case
            when numbered.working_days = 0 then null
            when numbered.is_new and ramp.others >= numbered.at_least then 'ramp'
            when own.spans_used >= numbered.periods or not numbered.is_new and own.spans_used >= 2 then 'own past'
            when cohorts.people >= numbered.at_least then 'cohort'
            when numbered.target_value is not null then 'plan'
        end as goal_from,
        ramp.ramp_rate,
        case
            when numbered.kind = 'sum' then fn.ratio(numbered.target_value, planned.working_days)
            else numbered.target_value
        end as plan_rate
    from numbered
    left join own
        on own.rep_id = numbered.rep_id
        and own.role = numbered.role
        and own.metric = numbered.metric
        and own.span = numbered.span
        and own.starts_on = numbered.starts_on
    left join cohorts
        on cohorts.role = numbered.role
        and cohorts.metric = numbered.metric
        and cohorts.span = numbered.span
        and cohorts.starts_on = numbered.starts_on
    left join ramp
        on ramp.rep_id = numbered.rep_id
        and ramp.role = numbered.role
        and ramp.metric = numbered.metric
        and ramp.span = numbered.span
        and ramp.starts_on = numbered.starts_on
    left join planned
        on planned.period = numbered.period
        and planned.rep_id = numbered.rep_id
        and planned.role = numbered.role
),
stretched as (
    select
        chosen.rep_id, chosen.role, chosen.metric, chosen.span, chosen.starts_on, chosen.ends_on, chosen.period, chosen.working_days,
        chosen.kind, chosen.unit, chosen.sign, chosen.stretch, chosen.own_rate, chosen.spans_used, chosen.people, chosen.good_p25,
        chosen.good_p90, chosen.others, chosen.goal_from,
        case chosen.goal_from
            when 'own past' then chosen.sign * chosen.own_rate + chosen.stretch * abs(chosen.own_rate)
            when 'ramp' then chosen.sign * chosen.ramp_rate
            when 'cohort' then chosen.good_p25
            when 'plan' then chosen.sign * chosen.plan_rate
        end as good
    from chosen
),
bounded as (
    select
        stretched.rep_id, stretched.role, stretched.metric, stretched.span, stretched.starts_on, stretched.ends_on, stretched.period,
        stretched.working_days, stretched.kind, stretched.unit, stretched.sign, stretched.stretch, stretched.own_rate, stretched.spans_used,
        stretched.people, stretched.good_p25, stretched.good_p90, stretched.others, stretched.goal_from,
        case
            when stretched.goal_from = 'own past' and stretched.good > stretched.good_p90 then 'p90'
            when stretched.goal_from = 'own past' and stretched.good < stretched.good_p25 then 'p25'
        end as bound_by,
        case
            when stretched.goal_from = 'own past' and stretched.good > stretched.good_p90 then stretched.good_p90
            when stretched.goal_from = 'own past' and stretched.good < stretched.good_p25 then stretched.good_p25
            else stretched.good
        end as good
    from stretched
),
scaled as (
    select
        bounded.rep_id, bounded.role, bounded.metric, bounded.span, bounded.starts_on, bounded.ends_on, bounded.period, bounded.working_days,
        bounded.kind, bounded.unit, bounded.sign, bounded.stretch, bounded.spans_used, bounded.people, bounded.others, bounded.goal_from, bounded.bound_by,
        case when bounded.kind = 'sum' then bounded.working_days else 1 end as times,
        bounded.own_rate,
        bounded.sign * bounded.good_p25 as p25_rate,
        bounded.sign * bounded.good_p90 as p90_rate,
        bounded.sign * bounded.good * case when bounded.kind = 'sum' then bounded.working_days else 1 end as exact
    from bounded
),
rounded as (
    select
        scaled.rep_id, scaled.role, scaled.metric, scaled.span, scaled.starts_on, scaled.ends_on, scaled.period, scaled.working_days,
        scaled.unit, scaled.stretch, scaled.spans_used, scaled.people, scaled.others, scaled.goal_from, scaled.bound_by,
        case when scaled.working_days > 0 then scaled.own_rate * scaled.times end as own_median,
        scaled.p25_rate * scaled.times as p25,
        scaled.p90_rate * scaled.times as p90,
        case
            -- Nobody can make half a call, and a goal of nothing is none.
            when scaled.kind = 'sum' and scaled.unit <> 'money' and scaled.exact <= 1 then cast(1 as double)
            when scaled.kind = 'sum' and scaled.unit <> 'money' then ceil(scaled.exact - 0.000001)
            when scaled.unit = 'share' and scaled.exact > 1 then cast(1 as double)
            else scaled.exact
        end as goal
    from scaled
)
select
    rounded.rep_id, -- the company's own id of the person
    rounded.role, -- the role held
    rounded.metric, -- the metric's name
    rounded.span, -- week or month
    rounded.starts_on, -- the span's first day
    rounded.ends_on, -- its last day
    rounded.period, -- the quarter whose plan holds
    rounded.goal, -- what is to be reached on the working days of the span; of a count a whole number; null: nothing to take it from, or no working day
    rounded.goal_from, -- own past, ramp (what newcomers did in the same month), cohort (what three of four reach) or plan (the quarter's target by working days); null: none
    rounded.own_median, -- the middle of the own last spans, on as many working days as this one has; null: there are none
    cast(rounded.spans_used as bigint) as spans_used, -- of how many spans with working days
    cast(rounded.stretch as numeric(18, 6)) as stretch, -- how much more than that, as a share
    rounded.p25, -- what three of four in the role have as their own middle; null: fewer people than settings ask for
    rounded.p90, -- what one of ten has
    rounded.bound_by, -- p25 or p90 where that stands instead of the own; null: neither
    case rounded.goal_from
        when 'own past' then
            'the middle of your last ' || cast(rounded.spans_used as string) || ' ' || rounded.span || 's is ' || fn.digits(rounded.own_median, 2)
            || ' on ' || cast(rounded.working_days as string) || ' working days; ' || fn.digits(100 * rounded.stretch, 1) || ' % better than that'
            || case rounded.bound_by
                when 'p90' then ', but no more than what one of ten in your role usually has (' || fn.digits(rounded.p90, 2) || ')'
                when 'p25' then ', but no less than what three of four in your role usually have (' || fn.digits(rounded.p25, 2) || ')'
                else ''
            end
        when 'ramp' then 'what newcomers in your role did at the same time after their first day, the middle of ' || cast(rounded.others as string) || ' ' || rounded.span || 's of theirs'
        when 'cohort' then 'you have too few ' || rounded.span || 's of your own yet: what three of four in your role usually have'
        when 'plan' then 'you have too few ' || rounded.span || 's of your own yet: the plan''s target of the quarter, by working days'
        else case when rounded.working_days = 0 then 'no working day' else 'neither your past, nor enough others, nor a target of the plan to take a goal from' end
    end as why -- where the goal comes from, in a sentence
from rounded
