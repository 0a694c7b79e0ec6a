-- fairness: how evenly scores come out, whom they follow, and whether a group reaches tiers less often
-- grain: one row a period, role, kind of group, group and measure
-- key: period, role, segment_kind, segment, measure
-- signal: a programme that pays the territory, or the same few, or one region, is found before it is believed in
-- owner: revenue operations
-- not_null: period, role, segment_kind, segment, measure, is_running, verdict, text, computed_at
-- checks: a_group: n is null or n >= 5
--    hidden_is_empty: n is not null or (value is null and ratio is null and low is null)
--    verdicts: verdict in ('fine', 'look', 'too few to say', 'cannot be told', 'told')
-- gaming: a plan split into roles so small that nothing is told of them; each is a row that says so
-- changed: 2026-12-01 first version
with scored as (
    select
        rep_scores.rep_id,
        rep_scores.period,
        rep_scores.role,
        cast(rep_scores.score as double) as score,
        cast(rep_scores.multiplier as double) as multiplier,
        rep_scores.tier is not null as has_tier,
        cast(rep_performance.new_arr as double) as new_arr
    from scores.rep_scores
    left join marts.rep_performance
        on rep_performance.rep_id = rep_scores.rep_id
        and rep_performance.period = rep_scores.period
        and rep_performance.role = rep_scores.role
    where rep_scores.score is not null
),
figures as (
    select scored.rep_id, scored.period, scored.role, 'score_evenness' as measure, scored.score as figure from scored
    union all
    select scored.rep_id, scored.period, scored.role, 'bonus_evenness' as measure, scored.multiplier as figure from scored
    union all
    select scored.rep_id, scored.period, scored.role, 'new_arr_evenness' as measure, scored.new_arr as figure from scored
    where scored.new_arr >= 0
),
ordered as (
    select
        figures.period,
        figures.role,
        figures.measure,
        figures.figure,
        row_number() over (partition by figures.period, figures.role, figures.measure order by figures.figure, figures.rep_id) as place,
        count(*) over (partition by figures.period, figures.role, figures.measure) as people
    from figures
),
evenness as (
    select
        ordered.period,
        ordered.role,
        ordered.measure,
        max(ordered.people) as people,
        fn.ratio(
            fn.total(sum(fn.addend((2 * ordered.place - ordered.people - 1) * ordered.figure))),
            max(ordered.people) * fn.total(sum(fn.addend(ordered.figure)))
        ) as gini,
        fn.ratio(
            fn.total(sum(fn.addend(case when ordered.place > ordered.people - 3 then ordered.figure else 0 end))),
            fn.total(sum(fn.addend(ordered.figure)))
        ) as top_share
    from ordered
    group by
        ordered.period,
        ordered.role,
        ordered.measure
),
ranked as (
    select
        rank_pairs.period,
        rank_pairs.role,
        rank_pairs.measure,
        rank() over (partition by rank_pairs.period, rank_pairs.role, rank_pairs.measure order by rank_pairs.x)
            + 0.5 * (count(*) over (partition by rank_pairs.period, rank_pairs.role, rank_pairs.measure, cast(rank_pairs.x as string)) - 1) as x,
        rank() over (partition by rank_pairs.period, rank_pairs.role, rank_pairs.measure order by rank_pairs.y)
            + 0.5 * (count(*) over (partition by rank_pairs.period, rank_pairs.role, rank_pairs.measure, cast(rank_pairs.y as string)) - 1) as y,
        0.5 * (count(*) over (partition by rank_pairs.period, rank_pairs.role, rank_pairs.measure) + 1) as middle
    from programme.rank_pairs
),
correlated as (
    select
        ranked.period,
        ranked.role,
        ranked.measure,
        cast(count(*) as bigint) as people,
        fn.ratio(
            fn.total(sum(fn.addend((ranked.x - ranked.middle) * (ranked.y - ranked.middle)))),
            sqrt(
                fn.total(sum(fn.addend((ranked.x - ranked.middle) * (ranked.x - ranked.middle))))
                * fn.total(sum(fn.addend((ranked.y - ranked.middle) * (ranked.y - ranked.middle))))
            )
        ) as correlation
    from ranked
    group by
        ranked.period,
        ranked.role,
        ranked.measure
),
selected as (
    select
        segments.period,
        segments.role,
        segments.segment_kind,
        coalesce(segments.segment, '(none)') as segment,
        segments.is_shown,
        cast(count(*) as bigint) as people,
        cast(sum(case when scored.has_tier then 1 else 0 end) as bigint) as with_tier
    from programme.segments
    join scored
        on scored.rep_id = segments.rep_id
        and scored.period = segments.period
        and scored.role = segments.role
    group by
        segments.period,
        segments.role,
        segments.segment_kind,
        coalesce(segments.segment, '(none)'),
        segments.is_shown
),
placed as (
    select
        selected.period,
        selected.role,
        selected.segment_kind,
        selected.segment,
        selected.people,
        selected.with_tier,
        row_number() over (
            partition by selected.period, selected.role, selected.segment_kind
            order by fn.ratio(selected.with_tier, selected.people) desc, selected.people desc, selected.segment
        ) as place,
        count(*) over (partition by selected.period, selected.role, selected.segment_kind) as segments_shown
    from selected
    where selected.is_shown
),
beside as (
    select
        placed.period,
        placed.role,
        placed.segment_kind,
        placed.segment,
        placed.people,
        placed.place,
        placed.segments_shown,
        fn.ratio(placed.with_tier, placed.people) as share,
        fn.ratio(best.with_tier, best.people) as best_share,
        fn.ratio(fn.ratio(placed.with_tier, placed.people), fn.ratio(best.with_tier, best.people)) as ratio,
        fn.newcombe_low(best.with_tier, best.people, placed.with_tier, placed.people) as low,
        fn.newcombe_high(best.with_tier, best.people, placed.with_tier, placed.people) as high
    from placed
    join placed as best
        on best.period = placed.period
        and best.role = placed.role
        and best.segment_kind = placed.segment_kind
        and best.place = 1
),
told as (
    select
        evenness.period,
        evenness.role,
        'role' as segment_kind,
        evenness.role as segment,
        evenness.measure,
        case when evenness.people >= 5 then cast(evenness.people as bigint) end as n,
        case when evenness.people >= 5 then evenness.gini end as value,
        cast(null as double) as reference,
        cast(null as double) as ratio,
        cast(null as double) as low,
        cast(null as double) as high,
        case when evenness.people >= 5 and evenness.gini is not null then 'told' else 'cannot be told' end as verdict,
        case
            when evenness.people < 5 then 'Fewer than five people: nothing is told of them.'
            when evenness.gini is null then 'Nobody has anything of it.'
            else 'Gini ' || fn.digits(cast(evenness.gini as numeric(38, 9)), 2) || ' of ' || cast(evenness.people as string)
                || ' people: 0 if all had the same, near 1 if one had everything.'
        end as text
    from evenness
    union all
    -- Eight people: the five whom the top three are not are a group as well.
    select
        evenness.period,
        evenness.role,
        'role' as segment_kind,
        evenness.role as segment,
        case evenness.measure
            when 'score_evenness' then 'top_3_share_of_score'
            when 'bonus_evenness' then 'top_3_share_of_bonus'
            else 'top_3_share_of_new_arr'
        end as measure,
        case when evenness.people >= 8 then cast(evenness.people as bigint) end as n,
        case when evenness.people >= 8 then evenness.top_share end as value,
        case when evenness.people >= 8 then fn.ratio(3, evenness.people) end as reference,
        case when evenness.people >= 8 then fn.ratio(evenness.top_share, fn.ratio(3, evenness.people)) end as ratio,
        cast(null as double) as low,
        cast(null as double) as high,
        case when evenness.people >= 8 and evenness.top_share is not null then 'told' else 'cannot be told' end as verdict,
        case
            when evenness.people < 8 then 'Fewer than eight people: the others would be fewer than five.'
            when evenness.top_share is null then 'Nobody has anything of it.'
            else 'The three at the top have ' || fn.digits(cast(100 * evenness.top_share as numeric(38, 9)), 1) || ' % of it; three of '
                || cast(evenness.people as string) || ' are ' || fn.digits(cast(fn.ratio(300, evenness.people) as numeric(38, 9)), 1) || ' %.'
        end as text
    from evenness
    union all
    select
        correlated.period,
        correlated.role,
        'role' as segment_kind,
        correlated.role as segment,
        correlated.measure,
        case when correlated.people >= 5 then correlated.people end as n,
        case when correlated.people >= 5 then correlated.correlation end as value,
        cast(null as double) as reference,
        cast(null as double) as ratio,
        case when correlated.people >= 5 then fn.correlation_low(correlated.correlation, correlated.people) end as low,
        case when correlated.people >= 5 then fn.correlation_high(correlated.correlation, correlated.people) end as high,
        case
            when correlated.people < 5 or correlated.correlation is null then 'cannot be told'
            when correlated.measure = 'score_with_territory' and fn.correlation_low(correlated.correlation, correlated.people) > 0 then 'look'
            when correlated.measure = 'score_with_territory' and fn.correlation_high(correlated.correlation, correlated.people) < 0.5 then 'fine'
            when correlated.measure = 'score_with_territory' then 'too few to say'
            else 'told'
        end as verdict,
        case
            when correlated.people < 5 then 'Fewer than five people: nothing is told of them.'
            when correlated.correlation is null then 'All are alike in one of the two.'
            else 'Rank correlation ' || fn.digits(cast(correlated.correlation as numeric(38, 9)), 2) || ' over ' || cast(correlated.people as string)
                || ' people, between ' || fn.digits(cast(fn.correlation_low(correlated.correlation, correlated.people) as numeric(38, 9)), 2)
                || ' and ' || fn.digits(cast(fn.correlation_high(correlated.correlation, correlated.people) as numeric(38, 9)), 2)
                || case
                    when correlated.measure = 'score_with_quarter_before' then '.'
                    when fn.correlation_low(correlated.correlation, correlated.people) > 0 then ': larger territories have higher scores.'
                    when fn.correlation_high(correlated.correlation, correlated.people) < 0.5 then ': scores do not follow territories much, if at all.'
                    else ': whether scores follow territories cannot be told.'
                end
        end as text
    from correlated
    union all
    select
        selected.period,
        selected.role,
        selected.segment_kind,
        selected.segment,
        'share_with_tier' as measure,
        beside.people as n,
        beside.share as value,
        beside.best_share as reference,
        beside.ratio,
        case when beside.place > 1 then beside.low end as low,
        case when beside.place > 1 then beside.high end as high,
        case
            when beside.people is null or beside.segments_shown < 2 or beside.ratio is null then 'cannot be told'
            when beside.ratio >= 0.8 then 'fine'
            when beside.low > 0 then 'look'
            else 'too few to say'
        end as verdict,
        case
            when beside.people is null then 'Not told: it, or what its difference to other groups would tell of, has fewer than five people.'
            when beside.segments_shown < 2 then 'There is no other group to hold it against.'
            when beside.ratio is null then 'Nobody reached a tier in any group.'
            else fn.digits(cast(100 * beside.share as numeric(38, 9)), 1) || ' % of ' || cast(beside.people as string) || ' people reached a tier'
                || case
                    when beside.place = 1 then ', the most of all groups.'
                    else ', in the group with the most ' || fn.digits(cast(100 * beside.best_share as numeric(38, 9)), 1) || ' %: '
                        || case
                            when beside.ratio >= 0.8 then 'at least four fifths of it.'
                            when beside.low > 0 then 'less than four fifths of it, and more than chance makes.'
                            else 'less than four fifths of it, and too few people to say that it is no chance.'
                        end
                end
        end as text
    from selected
    left join beside
        on beside.period = selected.period
        and beside.role = selected.role
        and beside.segment_kind = selected.segment_kind
        and beside.segment = selected.segment
        and selected.is_shown
)
select
    told.period, -- fiscal year and quarter
    told.role, -- a role of plan.yml
    told.segment_kind, -- role, region, team or shift
    told.segment, -- which one; (none): people without one
    told.measure, -- evenness (Gini) of score, bonus and won ARR, the share of the top three, rank correlation with the quarter before and with the territory, the share with a tier
    told.n, -- people; null: too few to tell anything of
    told.value, -- the measure's value
    told.reference, -- the share of the group with the most, or three of all
    told.ratio, -- value ÷ reference: of the share with a tier four fifths are the usual bound
    told.low, -- lower bound of the 95 % interval of the correlation, or of how much more often the best group reaches a tier
    told.high, -- its upper bound
    periods.ends_at > fn.as_of() as is_running, -- true: the quarter is not over
    told.verdict, -- fine, look (someone has to), too few to say, cannot be told, or told: there is no bound for it
    told.text, -- the same in a sentence
    fn.as_of() as computed_at -- the instant that the numbers speak of
from told
join plan.periods
    on periods.period = told.period
