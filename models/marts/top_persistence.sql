-- top_persistence: whether the same people are at the top of a board again and again, beside chance
-- grain: one row a period, role and board
-- key: period, role, board
-- signal: what the same three always win moves nobody else
-- owner: revenue operations
-- not_null: period, role, board, is_running, pairs, people, verdict, text, computed_at
-- checks: places_hold: returned is null or returned <= places
--    verdicts: verdict in ('rotate', 'no sign of it', 'cannot be told')
-- gaming: a board that changes its metric so often that nobody can win it
-- changed: 2026-12-01 first version
with numbered as (
    select
        periods.period,
        periods.ends_at > fn.as_of() as is_running,
        row_number() over (order by periods.starts_on) as number
    from plan.periods
),
entries as (
    select rep_scores.rep_id, rep_scores.period, rep_scores.role, 'score' as board, cast(rep_scores.score as double) as figure
    from scores.rep_scores
    where rep_scores.score is not null
    union all
    select rep_performance.rep_id, rep_performance.period, rep_performance.role, 'new ARR' as board, cast(rep_performance.new_arr as double) as figure
    from marts.rep_performance
    where rep_performance.new_arr is not null
),
ranked as (
    select
        entries.rep_id,
        entries.role,
        entries.board,
        numbered.number,
        -- Three places: of people alike the first by id, as a board must end somewhere.
        row_number() over (partition by entries.period, entries.role, entries.board order by entries.figure desc, entries.rep_id) <= 3 as is_top,
        count(*) over (partition by entries.period, entries.role, entries.board) as people
    from entries
    join numbered
        on numbered.period = entries.period
),
returns as (
    select
        ranked.role,
        ranked.board,
        ranked.number,
        max(ranked.people) as people,
        sum(case when ranked.is_top then 1 else 0 end) as places,
        sum(case when ranked.is_top and before.is_top then 1 else 0 end) as returned,
        -- Of those at the top before, whoever is still there can return.
        sum(case when before.is_top then 1 else 0 end) as could_return
    from ranked
    left join ranked as before
        on before.rep_id = ranked.rep_id
        and before.role = ranked.role
        and before.board = ranked.board
        and before.number = ranked.number - 1
    group by
        ranked.role,
        ranked.board,
        ranked.number
),
compared as (
    select
        returns.role,
        returns.board,
        returns.number,
        returns.people,
        returns.places,
        returns.returned,
        returns.could_return,
        coalesce(lag(returns.number) over (partition by returns.role, returns.board order by returns.number) = returns.number - 1, false) as has_before,
        fn.ratio(returns.places * returns.could_return, returns.people) as expected,
        -- Of the hypergeometric distribution.
        fn.ratio(
            cast(returns.places as double) * returns.could_return * (returns.people - returns.places) * (returns.people - returns.could_return),
            cast(returns.people as double) * returns.people * (returns.people - 1)
        ) as variance
    from returns
),
summed as (
    select
        now.role,
        now.board,
        now.number,
        max(case when compared.number = now.number then compared.people end) as people,
        min(compared.people) as fewest,
        count(*) as pairs,
        cast(sum(compared.places) as bigint) as places,
        cast(sum(compared.returned) as bigint) as returned,
        fn.total(sum(fn.addend(compared.expected))) as expected,
        fn.total(sum(fn.addend(compared.variance))) as variance
    from compared as now
    join compared
        on compared.role = now.role
        and compared.board = now.board
        and compared.number between now.number - 3 and now.number
        and compared.has_before
    group by
        now.role,
        now.board,
        now.number
),
tested as (
    select
        summed.role,
        summed.board,
        summed.number,
        summed.people,
        summed.pairs,
        summed.places,
        summed.returned,
        summed.expected,
        summed.fewest >= 8 and summed.pairs >= 2 as can_be_told,
        fn.normal_tail(fn.ratio(summed.returned - 0.5 - summed.expected, sqrt(summed.variance))) as p_value
    from summed
)
select
    numbered.period, -- fiscal year and quarter
    tested.role, -- a role of plan.yml
    tested.board, -- score, or won ARR as a revenue board has it
    numbered.is_running, -- true: the quarter is not over, and its top is not what it will be
    cast(tested.pairs as bigint) as pairs, -- quarters that have one before them, this one and up to three earlier
    cast(case when tested.people >= 8 then tested.people else 0 end as bigint) as people, -- on the board this quarter; 0: fewer than eight, of whom nothing is told
    case when tested.can_be_told then tested.places end as places, -- of the top three, over those quarters
    case when tested.can_be_told then tested.returned end as returned, -- of them, those whose holder was at the top the quarter before
    case when tested.can_be_told then tested.expected end as expected, -- how many would be if every order were as likely
    case when tested.can_be_told then fn.wilson_low(tested.returned, tested.places) end as low, -- lower bound of the 95 % interval of the share that returned
    case when tested.can_be_told then fn.wilson_high(tested.returned, tested.places) end as high, -- its upper bound
    case when tested.can_be_told then tested.p_value end as p_value, -- the chance that so many return when every order is as likely
    case
        when not tested.can_be_told then 'cannot be told'
        when tested.p_value < 0.025 then 'rotate'
        else 'no sign of it'
    end as verdict, -- rotate (the same win, beyond chance: change what the board counts), no sign of it, cannot be told
    case
        when not tested.can_be_told then 'Cannot be told: it takes two quarters that have one before them, and eight people.'
        else cast(tested.returned as string) || ' of ' || cast(tested.places as string) || ' places at the top went to who had one the quarter before; chance makes '
            || fn.digits(cast(tested.expected as numeric(38, 9)), 1)
            || case when tested.p_value < 0.025 then ': the same win, let the board count something else.' else ': that is no sign that the same always win.' end
    end as text, -- the same in a sentence
    fn.as_of() as computed_at -- the instant that the numbers speak of
from tested
join numbered
    on numbered.number = tested.number
