-- rep_scores: one score of each rep, period and role, and the tier that it reaches
-- grain: one row a rep, period and role
-- key: rep_id, period, role
-- signal: how a rep sells, in one number that can be taken apart
-- owner: revenue operations
-- not_null: rep_id, period, role, name, weight_used, weight_planned, coverage_percent, metrics_scored, metrics_planned, multiplier, is_held
-- checks: a_score_needs_weight: (score is null) = (weight_used = 0)
--    a_tier_needs_a_score: tier is null or score is not null
--    a_tier_needs_coverage: tier is null or coverage_reason is null
-- gaming: metrics without a value, whose weight others then carry; weight_used and reasons show it
-- changed: 2026-11-22 first version
--    2026-11-30 a tier needs as much of the plan's weight as the plan says
with weighted as (
    select
        attainments.rep_id,
        attainments.period,
        attainments.role,
        sum(attainments.weight_used * attainments.attainment) as points,
        sum(attainments.weight_used) as weight_used,
        sum(attainments.weight) as weight_planned,
        sum(attainments.weight_used * attainments.attainment)
            + sum(case when attainments.projected_attainment is null then 0 else attainments.weight * attainments.projected_attainment end) as projected_points,
        sum(case when attainments.attainment is null and attainments.projected_attainment is null then 0 else attainments.weight end) as projected_weight,
        sum(case when attainments.reason is null then 1 else 0 end) as metrics_scored,
        count(*) as metrics_planned,
        max(case when attainments.is_held then 1 else 0 end) = 1 as is_held
    from scores.attainments
    group by
        attainments.rep_id,
        attainments.period,
        attainments.role
),
unscored as (
    select
        attainments.rep_id,
        attainments.period,
        attainments.role,
        attainments.metric || ': ' || attainments.reason as reason,
        row_number() over (
            partition by attainments.rep_id, attainments.period, attainments.role
            order by attainments.metric
        ) as place
    from scores.attainments
    where attainments.reason is not null
),
-- A dozen at a time: DuckDB lays 64 kB aside for each group of more than sixteen texts that it puts in order.
dozens as (
    select
        unscored.rep_id,
        unscored.period,
        unscored.role,
        floor(fn.ratio(unscored.place - 1, 12)) as dozen,
        string_agg(unscored.reason, '; ' order by unscored.place) as reasons
    from unscored
    group by
        unscored.rep_id,
        unscored.period,
        unscored.role,
        floor(fn.ratio(unscored.place - 1, 12))
),
told as (
    select
        dozens.rep_id,
        dozens.period,
        dozens.role,
        string_agg(dozens.reasons, '; ' order by dozens.dozen) as reasons
    from dozens
    group by
        dozens.rep_id,
        dozens.period,
        dozens.role
),
scored as (
    select
        rep_periods.rep_id,
        rep_periods.period,
        rep_periods.role,
        rep_periods.name,
        rep_periods.team,
        rep_periods.region,
        -- Six digits first: 79.995 made of thirds is 79.995 again, and rounds to 80.00.
        cast(round(cast(fn.ratio(weighted.points, weighted.weight_used) as numeric(18, 6)), 2) as numeric(9, 2)) as score,
        cast(round(cast(fn.ratio(coalesce(weighted.projected_points, 0), weighted.projected_weight) as numeric(18, 6)), 2) as numeric(9, 2)) as projected_score,
        coalesce(weighted.weight_used, cast(0 as numeric(9, 4))) as weight_used,
        coalesce(weighted.weight_planned, cast(0 as numeric(9, 4))) as weight_planned,
        coalesce(weighted.metrics_scored, 0) as metrics_scored,
        coalesce(weighted.metrics_planned, 0) as metrics_planned,
        coalesce(weighted.is_held, false) as is_held,
        coalesce(cast(fn.ratio(100 * weighted.weight_used, weighted.weight_planned) as numeric(9, 4)), cast(0 as numeric(9, 4))) as coverage_percent,
        coalesce(weighted.weight_used, 0) < coalesce(periods.minimum_weight, 0) as is_below_minimum,
        periods.minimum_weight,
        periods.below_minimum_weight,
        told.reasons
    from core.rep_periods
    left join plan.periods
        on periods.period = rep_periods.period
    left join weighted
        on weighted.rep_id = rep_periods.rep_id
        and weighted.period = rep_periods.period
        and weighted.role = rep_periods.role
    left join told
        on told.rep_id = rep_periods.rep_id
        and told.period = rep_periods.period
        and told.role = rep_periods.role
),
reached as (
    select
        scored.rep_id,
        scored.period,
        scored.role,
        tiers.tier,
        tiers.multiplier,
        row_number() over (
            partition by scored.rep_id, scored.period, scored.role
            order by tiers.from_score desc, tiers.tier
        ) as place
    from scored
    join plan.tiers
        on tiers.period = scored.period
        and tiers.role = scored.role
        and tiers.from_score <= scored.score
    where not scored.is_below_minimum
)
select
    scored.rep_id, -- the company's own id of the person
    scored.period, -- fiscal year and quarter
    scored.role, -- a role of plan.yml
    scored.name, -- as statements show it
    scored.team, -- as of the last day in the role
    scored.region, -- as of the last day in the role
    scored.score, -- weighted mean of the attainments, two decimals, half away from zero; null: no metric has a value
    scored.projected_score, -- what the score would be if every value that has too few samples were scored as it is; null: there is no value
    reached.tier, -- the highest tier whose beginning the score reaches; null: below all, no score, or too little of the plan was measured
    coalesce(reached.multiplier, cast(0 as numeric(9, 4))) as multiplier, -- of the bonus target
    cast(scored.weight_used as numeric(9, 4)) as weight_used, -- weight of the metrics that were scored
    cast(scored.weight_planned as numeric(9, 4)) as weight_planned, -- weight of all metrics of the role
    scored.coverage_percent, -- how much of the plan was measured: weight_used of weight_planned
    case
        when scored.is_below_minimum
            then fn.digits(scored.weight_used, 2) || ' of ' || fn.digits(scored.weight_planned, 2) || ' weight was measured, a tier needs at least ' || fn.digits(scored.minimum_weight, 2)
    end as coverage_reason, -- why there is no tier, whatever the score; null: enough of the plan was measured
    cast(scored.metrics_scored as bigint) as metrics_scored, -- metrics with a value and samples enough
    cast(scored.metrics_planned as bigint) as metrics_planned, -- metrics of the role
    scored.is_held
        or scored.is_below_minimum and coalesce(scored.below_minimum_weight, 'unpaid') = 'hold' as is_held, -- true: the line waits: something is unknown, or the plan can't do without a value or so much of its weight
    scored.reasons -- which metrics were not scored, and why; null: all were
from scored
left join reached
    on reached.rep_id = scored.rep_id
    and reached.period = scored.period
    and reached.role = scored.role
    and reached.place = 1
