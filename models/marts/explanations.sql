-- explanations: why each score is another than the quarter before, in sentences
-- grain: one row a rep, period and role for the score itself, and one for each metric that had a part in it
-- key: rep_id, period, role, metric
-- signal: the parts sum to the change to the cent; what happened to the whole role is told as such
-- owner: sales management
-- not_null: rep_id, period, role, metric, place, kind, is_common, text, computed_at
-- checks: kinds: kind in ('score', 'first', 'value', 'plan', 'added', 'dropped')
--    the_score_comes_first: (metric = 'score') = (place = 0)
-- gaming: an explanation is no excuse and no verdict; it says which records to look at, scores.metric_evidence has them
-- changed: 2026-12-01 first version
with scored as (
    select
        rep_scores.rep_id,
        rep_scores.period,
        rep_scores.role,
        rep_scores.name,
        rep_scores.team,
        rep_scores.score
    from scores.rep_scores
    where rep_scores.score is not null
),
cents as (
    select
        score_changes.rep_id,
        score_changes.period,
        score_changes.role,
        score_changes.metric,
        score_changes.period_before,
        score_changes.value_before,
        score_changes.value,
        score_changes.attainment_before,
        score_changes.attainment,
        score_changes.is_rescaled,
        score_changes.share_before,
        score_changes.share,
        cast(round(cast(score_changes.points as numeric(18, 6)), 2) as numeric(9, 2)) as points,
        row_number() over (
            partition by score_changes.rep_id, score_changes.period, score_changes.role
            order by abs(cast(score_changes.points as numeric(18, 6))) desc, score_changes.metric
        ) as place
    from programme.score_changes
),
rounded as (
    select
        cents.rep_id,
        cents.period,
        cents.role,
        cents.metric,
        cents.points,
        cents.place,
        sum(cents.points) over (partition by cents.rep_id, cents.period, cents.role) as points_together
    from cents
),
parts as (
    select
        cents.rep_id,
        cents.period,
        cents.role,
        scored.name,
        scored.team,
        cents.metric,
        cents.place,
        cents.period_before,
        before.score as score_before,
        scored.score,
        -- The largest part takes what rounding left over.
        cast(
            cents.points + case when cents.place = 1 then scored.score - before.score - rounded.points_together else 0 end
            as numeric(9, 2)
        ) as points,
        cents.value_before,
        cents.value,
        cents.attainment_before,
        cents.attainment,
        cents.share_before,
        cents.share,
        case
            when cents.attainment_before is null then 'added'
            when cents.attainment is null then 'dropped'
            when cents.is_rescaled then 'plan'
            else 'value'
        end as kind,
        metric_definitions.title
    from cents
    join rounded
        on rounded.rep_id = cents.rep_id
        and rounded.period = cents.period
        and rounded.role = cents.role
        and rounded.metric = cents.metric
    join scored
        on scored.rep_id = cents.rep_id
        and scored.period = cents.period
        and scored.role = cents.role
    join scored as before
        on before.rep_id = cents.rep_id
        and before.period = cents.period_before
        and before.role = cents.role
    left join scores.metric_definitions
        on metric_definitions.metric = cents.metric
),
told as (
    select
        parts.rep_id,
        parts.period,
        parts.role,
        string_agg(
            replace(parts.metric, '_', ' ')
                || case when parts.points < 0 then ' cost ' else ' brought ' end
                || fn.digits(cast(abs(parts.points) as numeric(38, 9)), 2),
            ', ' order by parts.place
        ) as told_parts
    from parts
    where parts.points <> 0
        and parts.place <= 7
    group by
        parts.rep_id,
        parts.period,
        parts.role
),
listed as (
    select
        scored.rep_id,
        scored.period,
        scored.role,
        scored.name,
        scored.team,
        'score' as metric,
        cast(0 as bigint) as place,
        case when parts.rep_id is null then 'first' else 'score' end as kind,
        parts.period_before,
        parts.score_before,
        scored.score,
        cast(scored.score - parts.score_before as numeric(9, 2)) as points,
        cast(null as double) as value_before,
        cast(null as double) as value,
        cast(null as numeric(18, 9)) as attainment_before,
        cast(null as numeric(18, 9)) as attainment,
        cast(null as double) as share_before,
        cast(null as double) as share,
        case
            when parts.rep_id is null
                then 'Score ' || fn.digits(cast(scored.score as numeric(38, 9)), 2) || '. There is no score of the quarter before in this role to hold it against.'
            when scored.score = parts.score_before
                then 'Score ' || fn.digits(cast(scored.score as numeric(38, 9)), 2) || ', as in ' || parts.period_before || '.'
            else 'Score ' || fn.digits(cast(scored.score as numeric(38, 9)), 2) || ', '
                || fn.digits(cast(abs(scored.score - parts.score_before) as numeric(38, 9)), 2)
                || case when scored.score < parts.score_before then ' less than in ' else ' more than in ' end
                || parts.period_before
                || coalesce(': ' || told.told_parts, '') || '.'
        end as text
    from scored
    left join parts
        on parts.rep_id = scored.rep_id
        and parts.period = scored.period
        and parts.role = scored.role
        and parts.place = 1
    left join told
        on told.rep_id = scored.rep_id
        and told.period = scored.period
        and told.role = scored.role
    union all
    select
        parts.rep_id,
        parts.period,
        parts.role,
        parts.name,
        parts.team,
        parts.metric,
        cast(parts.place as bigint) as place,
        parts.kind,
        parts.period_before,
        parts.score_before,
        parts.score,
        parts.points,
        parts.value_before,
        parts.value,
        parts.attainment_before,
        parts.attainment,
        parts.share_before,
        parts.share,
        coalesce(parts.title, parts.metric)
            || case parts.kind
                when 'added' then ': not scored in ' || parts.period_before || ', now ' || fn.digits(cast(parts.value as numeric(38, 9)), 2)
                    || ', ' || fn.digits(cast(parts.attainment as numeric(38, 9)), 2) || ' % of the target'
                when 'dropped' then ': not scored any more, in ' || parts.period_before || ' it was '
                    || fn.digits(cast(parts.attainment_before as numeric(38, 9)), 2) || ' % of the target'
                else ': from ' || fn.digits(cast(parts.value_before as numeric(38, 9)), 2) || ' to ' || fn.digits(cast(parts.value as numeric(38, 9)), 2)
                    || ', from ' || fn.digits(cast(parts.attainment_before as numeric(38, 9)), 2) || ' to '
                    || fn.digits(cast(parts.attainment as numeric(38, 9)), 2) || ' % of the target'
                    || case when parts.kind = 'plan' then ', which the plan has changed' else '' end
            end
            || case
                when parts.points = 0 then '; it changed nothing.'
                else case when parts.points < 0 then '; it cost ' else '; it brought ' end
                    || fn.digits(cast(abs(parts.points) as numeric(38, 9)), 2) || ' points.'
            end as text
    from parts
)
select
    listed.rep_id, -- the company's own id of the person
    listed.period, -- fiscal year and quarter
    listed.role, -- a role of plan.yml
    listed.name, -- as statements show it
    listed.team, -- as of the last day in the role
    listed.metric, -- the metric that this part is of; score: the change as a whole
    listed.place, -- 0 is the score, 1 the largest part
    listed.kind, -- score; first (nothing to compare with); value (more or less was achieved); plan (target, floor or cap changed); added or dropped (scored in one quarter only)
    listed.period_before, -- what it is compared with; null: nothing
    listed.score_before, -- the score then
    listed.score, -- the score now
    listed.points, -- what it did to the score: the parts sum to the row of the score, to the cent
    listed.value_before, -- what was achieved then; null: the row of the score, or not scored
    listed.value, -- what was achieved now
    listed.attainment_before, -- 100 is the target
    listed.attainment, -- 100 is the target
    listed.share_before, -- of the weight that was scored then, 0..1
    listed.share, -- of the weight that is scored now, 0..1
    case when common_changes.people >= 5 then common_changes.people end as people, -- of the role with a value in both quarters; null: fewer than five, of whom nothing is told
    case when common_changes.people >= 5 then common_changes.middle end as middle_change, -- the change of the one in the middle, in points of attainment or of the score
    coalesce(common_changes.is_common and sign(common_changes.middle) = sign(
        case when listed.metric = 'score' then cast(listed.points as double) else cast(listed.attainment - listed.attainment_before as double) end
    ), false) as is_common, -- true: most of the role moved the same way, beyond chance
    listed.text
        || case
            when common_changes.is_common and sign(common_changes.middle) = sign(
                case when listed.metric = 'score' then cast(listed.points as double) else cast(listed.attainment - listed.attainment_before as double) end
            )
                then ' It ' || case when common_changes.middle < 0 then 'fell' else 'rose' end || ' for '
                    || cast(case when common_changes.middle < 0 then common_changes.fell else common_changes.rose end as string) || ' of '
                    || cast(common_changes.people as string) || ' people in the role, by '
                    || fn.digits(cast(abs(common_changes.middle) as numeric(38, 9)), 2)
                    || ' in the middle: look at the market and the plan before the person.'
            else ''
        end as text, -- the same in a sentence
    fn.as_of() as computed_at -- the instant that the numbers speak of
from listed
left join programme.common_changes
    on common_changes.period = listed.period
    and common_changes.role = listed.role
    and common_changes.metric = listed.metric
