-- metric_validity: whether those who do better at a behaviour have better outcomes in the quarter after
-- grain: one row a role, behaviour and outcome
-- key: role, metric, outcome
-- signal: what is worth being scored here; a behaviour that goes with nothing is work for its own sake
-- owner: revenue operations
-- not_null: role, metric, outcome, people, pairs, verdict, text, computed_at
-- checks: verdicts: verdict in ('goes with it', 'goes against it', 'cannot be told', 'too few to say')
--    a_group: spearman is null or people >= 8
--    interval: low is null or (low <= spearman and spearman <= high)
-- gaming: a behaviour that is done where a deal is sure anyway; the behaviour is of the quarter before the outcome
-- changed: 2026-12-01 first version
with planned as (
    select
        metrics.role,
        metrics.metric
    from plan.metrics
    group by
        metrics.role,
        metrics.metric
),
paired as (
    select
        behaviour.rep_id,
        behaviour.role,
        behaviour.metric,
        outcome.metric as outcome,
        behaviour.percentile as x,
        outcome.percentile as y
    from programme.metric_percentiles as behaviour
    join programme.metric_percentiles as outcome
        on outcome.rep_id = behaviour.rep_id
        and outcome.role = behaviour.role
        and outcome.period_number = behaviour.period_number + 1
    join planned
        on planned.role = behaviour.role
        and planned.metric = behaviour.metric
    join planned as planned_outcome
        on planned_outcome.role = outcome.role
        and planned_outcome.metric = outcome.metric
    where behaviour.control <> 'outcome'
        and outcome.control = 'outcome'
),
-- Quarters of one person hang together: people are counted.
by_person as (
    select
        paired.rep_id,
        paired.role,
        paired.metric,
        paired.outcome,
        count(*) as pairs,
        fn.ratio(fn.total(sum(fn.addend(paired.x))), count(*)) as x,
        fn.ratio(fn.total(sum(fn.addend(paired.y))), count(*)) as y
    from paired
    group by
        paired.rep_id,
        paired.role,
        paired.metric,
        paired.outcome
),
ranked as (
    select
        by_person.role,
        by_person.metric,
        by_person.outcome,
        by_person.pairs,
        rank() over (partition by by_person.role, by_person.metric, by_person.outcome order by by_person.x)
            + 0.5 * (count(*) over (partition by by_person.role, by_person.metric, by_person.outcome, cast(by_person.x as string)) - 1) as x,
        rank() over (partition by by_person.role, by_person.metric, by_person.outcome order by by_person.y)
            + 0.5 * (count(*) over (partition by by_person.role, by_person.metric, by_person.outcome, cast(by_person.y as string)) - 1) as y,
        0.5 * (count(*) over (partition by by_person.role, by_person.metric, by_person.outcome) + 1) as middle
    from by_person
),
correlated as (
    select
        ranked.role,
        ranked.metric,
        ranked.outcome,
        cast(count(*) as bigint) as people,
        cast(sum(ranked.pairs) as bigint) as pairs,
        fn.ratio(
            fn.total(sum(fn.addend((ranked.x - ranked.middle) * (ranked.y - ranked.middle)))),
            sqrt(
                fn.total(sum(fn.addend((ranked.x - ranked.middle) * (ranked.x - ranked.middle))))
                * fn.total(sum(fn.addend((ranked.y - ranked.middle) * (ranked.y - ranked.middle))))
            )
        ) as spearman
    from ranked
    group by
        ranked.role,
        ranked.metric,
        ranked.outcome
),
bounded as (
    select
        correlated.role,
        correlated.metric,
        correlated.outcome,
        correlated.people,
        correlated.pairs,
        case when correlated.people >= 8 then correlated.spearman end as spearman,
        case when correlated.people >= 8 then fn.correlation_low(correlated.spearman, correlated.people) end as low,
        case when correlated.people >= 8 then fn.correlation_high(correlated.spearman, correlated.people) end as high
    from correlated
),
tested as (
    select
        bounded.role,
        bounded.metric,
        bounded.outcome,
        bounded.people,
        bounded.pairs,
        bounded.spearman,
        bounded.low,
        bounded.high,
        -- By the same transformation as the interval.
        case
            when bounded.spearman >= 1 or bounded.spearman <= -1 then 0
            else 2 * fn.normal_tail(abs(0.5 * ln(fn.ratio(1 + bounded.spearman, 1 - bounded.spearman)) * sqrt(fn.ratio(bounded.people - 3, 1 + 0.5 * bounded.spearman * bounded.spearman))))
        end as p_single
    from bounded
),
ordered as (
    select
        tested.role,
        tested.metric,
        tested.outcome,
        tested.people,
        tested.pairs,
        tested.spearman,
        tested.low,
        tested.high,
        tested.p_single,
        count(tested.p_single) over (partition by tested.role) as looked_at,
        row_number() over (partition by tested.role order by case when tested.p_single is null then 1 else 0 end, tested.p_single, tested.metric, tested.outcome) as place
    from tested
),
-- Holm: of many pairs some look like more than chance by chance.
adjusted as (
    select
        ordered.role,
        ordered.metric,
        ordered.outcome,
        ordered.people,
        ordered.pairs,
        ordered.spearman,
        ordered.low,
        ordered.high,
        ordered.looked_at,
        case
            when ordered.p_single is not null
                then fn.smaller(
                    1,
                    max(ordered.p_single * (ordered.looked_at - ordered.place + 1)) over (
                        partition by ordered.role
                        order by ordered.place
                        rows between unbounded preceding and current row
                    )
                )
        end as p_value
    from ordered
),
judged as (
    select
        adjusted.role,
        adjusted.metric,
        adjusted.outcome,
        adjusted.people,
        adjusted.pairs,
        adjusted.spearman,
        adjusted.low,
        adjusted.high,
        adjusted.looked_at,
        adjusted.p_value,
        case
            when adjusted.people < 8 then 'too few to say'
            when adjusted.p_value < 0.05 and adjusted.spearman > 0 then 'goes with it'
            when adjusted.p_value < 0.05 then 'goes against it'
            else 'cannot be told'
        end as verdict
    from adjusted
)
select
    judged.role, -- a role of plan.yml
    judged.metric, -- a behaviour that the plan has for the role: a metric whose control is own or shared
    judged.outcome, -- a metric of the plan whose control is outcome, of the quarter after
    judged.people, -- who have both, in the same role
    judged.pairs, -- quarters with a quarter after them, of all people
    judged.spearman, -- rank correlation of the people's mean places in their role; null: fewer than eight people, or all alike
    judged.low, -- lower bound of its 95 % interval
    judged.high, -- its upper bound
    judged.p_value, -- the chance of a correlation as far from 0 where there is none, adjusted for all pairs of the role; null: as above
    judged.verdict, -- goes with it, goes against it, cannot be told (p_value is 0.05 or more) or too few to say
    case judged.verdict
        when 'too few to say' then cast(judged.people as string) || ' people have both: too few to say anything.'
        when 'goes with it' then 'Who is better at it has the better ' || replace(judged.outcome, '_', ' ') || ' a quarter later'
        when 'goes against it' then 'Who is better at it has the worse ' || replace(judged.outcome, '_', ' ') || ' a quarter later'
        else 'Whether it goes with ' || replace(judged.outcome, '_', ' ') || ' a quarter later cannot be told'
    end
    || case
        when judged.people < 8 then ''
        when judged.spearman is null then ': all are alike in one of the two.'
        else ': rank correlation ' || fn.digits(cast(judged.spearman as numeric(38, 9)), 2) || ' over ' || cast(judged.people as string) || ' people, between '
            || fn.digits(cast(judged.low as numeric(38, 9)), 2) || ' and ' || fn.digits(cast(judged.high as numeric(38, 9)), 2)
            || case
                when judged.verdict <> 'cannot be told' then '. It says nothing of what causes what.'
                when judged.low > 0 or judged.high < 0 then '; of ' || cast(judged.looked_at as string) || ' pairs such a one is no surprise.'
                else '.'
            end
    end as text, -- the same in a sentence
    fn.as_of() as computed_at -- the instant that the numbers speak of
from judged
