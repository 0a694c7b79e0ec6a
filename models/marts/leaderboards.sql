-- leaderboards: who has come how far towards the own goal, among people who are alike
-- grain: one row a board, span, cohort and person in it
-- key: board, span, starts_on, cohort, rep_id
-- signal: everybody can win, since each is held against the own goal
-- owner: sales management
-- not_null: board, span, starts_on, ends_on, cohort, rep_id, name, metric, cohort_people, is_ranked, is_own_cohort, is_running, cohort_rule, why
-- checks: ranked_by_something: is_ranked = (rank is not null)
--    ranked_in_company: not is_ranked or cohort_people >= 5
--    within: rank is null or (rank >= 1 and rank <= cohort_people)
-- gaming: logging late what was never done; what is logged after the board closes changes nothing on it and is shown as a correction
-- changed: 2026-12-01 first version
with turns as (
    select
        boards.board,
        boards.metric,
        boards.cohort_parts,
        boards.at_least,
        spans.span,
        spans.starts_on,
        spans.ends_on,
        spans.is_running,
        spans.is_closed
    from plan.boards
    join recognition.spans
        on spans.period = boards.period
        and spans.span = boards.span
    -- Counted from a fixed Monday and month, so that another first quarter changes no turn.
    where boards.place = 1 + mod(
        case
            when boards.span = 'week' then cast(fn.ratio(fn.whole_days(cast('2020-01-06' as date), spans.starts_on), 7) as bigint)
            else fn.whole_months(cast('2020-01-01' as date), spans.starts_on)
        end,
        boards.turns
    )
),
members as (
    select
        turns.board,
        turns.metric,
        turns.cohort_parts,
        turns.at_least,
        turns.span,
        turns.starts_on,
        turns.ends_on,
        turns.is_running,
        turns.is_closed,
        span_values.rep_id,
        span_values.role,
        span_values.region,
        span_values.shift,
        span_values.value_then,
        span_values.value,
        personal_goals.goal,
        metric_definitions.unit,
        round(
            case
                when metric_definitions.better = 'lower' and personal_goals.goal = 0
                    then case when span_values.value_then <= 0 then cast(100 as double) else cast(0 as double) end
                when metric_definitions.better = 'lower' and span_values.value_then > 2 * personal_goals.goal then cast(0 as double)
                when metric_definitions.better = 'lower' then 200 - 100 * fn.ratio(span_values.value_then, personal_goals.goal)
                else 100 * fn.ratio(span_values.value_then, personal_goals.goal)
            end,
            2
        ) as percent
    from turns
    join recognition.span_values
        on span_values.metric = turns.metric
        and span_values.span = turns.span
        and span_values.starts_on = turns.starts_on
    join scores.metric_definitions
        on metric_definitions.metric = turns.metric
    left join marts.personal_goals
        on personal_goals.rep_id = span_values.rep_id
        and personal_goals.role = span_values.role
        and personal_goals.metric = span_values.metric
        and personal_goals.span = span_values.span
        and personal_goals.starts_on = span_values.starts_on
    -- Who is on leave or has left is on no board.
    where span_values.working_days > 0
),
counted as (
    select
        members.board, members.metric, members.cohort_parts, members.at_least, members.span, members.starts_on, members.ends_on, members.is_running,
        members.is_closed, members.rep_id, members.role, members.region, members.shift, members.value_then, members.value, members.goal, members.unit,
        members.percent,
        count(members.percent) over (partition by members.board, members.span, members.starts_on, members.role) as in_role,
        count(members.percent) over (partition by members.board, members.span, members.starts_on, members.role, members.region) as in_region,
        count(members.percent) over (partition by members.board, members.span, members.starts_on, members.role, members.region, members.shift) as in_shift
    from members
),
placed as (
    select
        counted.board, counted.metric, counted.cohort_parts, counted.at_least, counted.span, counted.starts_on, counted.ends_on, counted.is_running,
        counted.is_closed, counted.rep_id, counted.role, counted.region, counted.shift, counted.value_then, counted.value, counted.goal, counted.unit,
        counted.percent,
        -- The narrowest cohort of those that the plan names in which there are enough.
        case
            when counted.cohort_parts >= 3 and counted.region is not null and counted.shift is not null and counted.in_shift >= counted.at_least then 3
            when counted.cohort_parts >= 2 and counted.region is not null and counted.in_region >= counted.at_least then 2
            when counted.in_role >= counted.at_least then 1
            else 0
        end as level
    from counted
),
cohorts as (
    select
        placed.board,
        placed.span,
        placed.starts_on,
        placed.level,
        placed.role,
        case when placed.level >= 2 then placed.region else '' end as region,
        case when placed.level >= 3 then placed.shift else '' end as shift
    from placed
    group by
        placed.board,
        placed.span,
        placed.starts_on,
        placed.level,
        placed.role,
        case when placed.level >= 2 then placed.region else '' end,
        case when placed.level >= 3 then placed.shift else '' end
),
-- Who is ranked in the whole role is ranked among all of it, also those who have a narrower cohort of their own.
listed as (
    select
        placed.board, placed.metric, placed.at_least, placed.span, placed.starts_on, placed.ends_on, placed.is_running, placed.is_closed,
        placed.rep_id, placed.value_then, placed.value, placed.goal, placed.unit, placed.percent,
        cohorts.level,
        placed.level = cohorts.level as is_own_cohort,
        cohorts.role
            || case when cohorts.level >= 2 then ' / ' || cohorts.region else '' end
            || case when cohorts.level >= 3 then ' / ' || cohorts.shift else '' end as cohort,
        case
            when cohorts.level = 0 then 'fewer than ' || cast(placed.at_least as string) || ' in the role: nobody is ranked'
            when cohorts.level = 1 and placed.cohort_parts > 1 then 'role, as too few are in the region'
            when cohorts.level = 1 then 'role'
            when cohorts.level = 2 and placed.cohort_parts > 2 then 'role and region, as too few are in the shift'
            when cohorts.level = 2 then 'role and region'
            else 'role, region and shift'
        end as cohort_rule
    from placed
    join cohorts
        on cohorts.board = placed.board
        and cohorts.span = placed.span
        and cohorts.starts_on = placed.starts_on
        and cohorts.role = placed.role
        and (cohorts.level > 0 or placed.level = 0)
        and (cohorts.level < 2 or cohorts.region = coalesce(placed.region, ''))
        and (cohorts.level < 3 or cohorts.shift = coalesce(placed.shift, ''))
),
ranked as (
    select
        listed.board, listed.metric, listed.span, listed.starts_on, listed.ends_on, listed.is_running, listed.is_closed, listed.rep_id,
        listed.value_then, listed.value, listed.goal, listed.unit, listed.percent, listed.is_own_cohort, listed.cohort, listed.cohort_rule,
        listed.level > 0 and listed.percent is not null as is_ranked,
        count(listed.percent) over (partition by listed.board, listed.span, listed.starts_on, listed.cohort) as people,
        case
            when listed.level > 0 and listed.percent is not null
                then rank() over (
                    partition by listed.board, listed.span, listed.starts_on, listed.cohort
                    order by case when listed.percent is null then 1 else 0 end, listed.percent desc
                )
        end as rank
    from listed
)
select
    ranked.board, -- as the plan calls it
    ranked.span, -- week or month
    ranked.starts_on, -- the span's first day
    ranked.ends_on, -- its last day
    ranked.cohort, -- role, region and shift that are compared
    ranked.rep_id, -- the company's own id of the person
    reps.name, -- as statements show it
    ranked.metric, -- whose turn it is
    ranked.value_then as value, -- what was known when the board closed; of a running one so far
    ranked.goal, -- the own goal; null: there is none
    ranked.percent as percent_of_goal, -- by which people are ranked; null: no value or no goal
    cast(ranked.rank as bigint) as rank, -- equal ones share a rank and the next is left out: 1, 2, 2, 4; null: not ranked
    cast(ranked.people as bigint) as cohort_people, -- who have a percent in the cohort
    ranked.is_ranked, -- false: too few are alike, or there is no value or goal
    cast(lag(ranked.rank) over (partition by ranked.board, ranked.span, ranked.cohort, ranked.rep_id order by ranked.starts_on) as bigint) as rank_before, -- on the last such board that the person was on, maybe by another metric; null: none
    ranked.is_own_cohort, -- true: the narrowest cohort of the person; false: shown so that others have somebody beside them
    ranked.cohort_rule, -- which cohort it is, and why
    ranked.is_running, -- true: the span is not over
    case when ranked.is_closed and ranked.value <> ranked.value_then then ranked.value end as corrected_value, -- what it comes to with what was logged after the board closed, which changes no rank; null: the same
    reps.name || case
        when ranked.is_ranked then ' is ' || cast(ranked.rank as string) || ' of ' || cast(ranked.people as string) || ' in ' || ranked.cohort || ': '
        else ' is not ranked: '
    end || case
        when ranked.goal is null then 'there is no own goal'
        when ranked.value_then is null then 'there is no value'
        else fn.digits(ranked.value_then, 2) || ' of the own goal ' || fn.digits(ranked.goal, 2) || ' ' || ranked.unit || coalesce(' is ' || fn.digits(ranked.percent, 2) || ' %', ' is no share of anything')
            || case when ranked.is_ranked then '' else '; ' || ranked.cohort_rule end
    end as why -- the rank in a sentence
from ranked
join core.reps
    on reps.rep_id = ranked.rep_id
