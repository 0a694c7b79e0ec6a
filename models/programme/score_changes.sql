-- score_changes: what each metric did to a score since the quarter before
-- grain: one row a rep, period, role and metric that was scored in either of the two quarters
-- key: rep_id, period, role, metric
-- signal: a change of a score taken apart, so that the parts sum to it
-- owner: revenue operations
-- not_null: rep_id, period, role, metric, period_before, share_before, share, points
-- checks: shares: share >= 0 and share <= 1 and share_before >= 0 and share_before <= 1
-- gaming: none of its own: it divides what scores.rep_scores says
-- changed: 2026-12-01 first version
with numbered as (
    select
        periods.period,
        row_number() over (order by periods.starts_on) as number
    from plan.periods
),
pairs as (
    select
        scored.rep_id,
        scored.period,
        scored.role,
        before.period as period_before
    from scores.rep_scores as scored
    join numbered
        on numbered.period = scored.period
    join numbered as earlier
        on earlier.number = numbered.number - 1
    join scores.rep_scores as before
        on before.rep_id = scored.rep_id
        and before.role = scored.role
        and before.period = earlier.period
    where scored.score is not null
        and before.score is not null
),
shared as (
    select
        attainments.rep_id,
        attainments.period,
        attainments.role,
        attainments.metric,
        attainments.value,
        attainments.floor_value,
        attainments.target_value,
        attainments.cap,
        attainments.attainment,
        attainments.weight_used,
        fn.ratio(
            attainments.weight_used,
            sum(attainments.weight_used) over (partition by attainments.rep_id, attainments.period, attainments.role)
        ) as share
    from scores.attainments
),
sides as (
    select
        pairs.rep_id,
        pairs.period,
        pairs.role,
        pairs.period_before,
        shared.metric,
        false as is_after,
        shared.value,
        shared.floor_value,
        shared.target_value,
        shared.cap,
        shared.attainment,
        shared.weight_used,
        shared.share
    from pairs
    join shared
        on shared.rep_id = pairs.rep_id
        and shared.period = pairs.period_before
        and shared.role = pairs.role
    where shared.weight_used > 0
    union all
    select
        pairs.rep_id,
        pairs.period,
        pairs.role,
        pairs.period_before,
        shared.metric,
        true as is_after,
        shared.value,
        shared.floor_value,
        shared.target_value,
        shared.cap,
        shared.attainment,
        shared.weight_used,
        shared.share
    from pairs
    join shared
        on shared.rep_id = pairs.rep_id
        and shared.period = pairs.period
        and shared.role = pairs.role
    where shared.weight_used > 0
),
moved as (
    select
        sides.rep_id,
        sides.period,
        sides.role,
        sides.metric,
        sides.period_before,
        max(case when not sides.is_after then sides.value end) as value_before,
        max(case when sides.is_after then sides.value end) as value,
        max(case when not sides.is_after then sides.attainment end) as attainment_before,
        max(case when sides.is_after then sides.attainment end) as attainment,
        max(case when not sides.is_after then sides.target_value end) as target_before,
        max(case when sides.is_after then sides.target_value end) as target,
        min(sides.floor_value) <> max(sides.floor_value)
            or min(sides.target_value) <> max(sides.target_value)
            or min(sides.cap) <> max(sides.cap) as is_rescaled,
        coalesce(max(case when not sides.is_after then cast(sides.weight_used as double) end), 0) as weight_before,
        coalesce(max(case when sides.is_after then cast(sides.weight_used as double) end), 0) as weight,
        coalesce(max(case when not sides.is_after then sides.share end), 0) as share_before,
        coalesce(max(case when sides.is_after then sides.share end), 0) as share
    from sides
    group by
        sides.rep_id,
        sides.period,
        sides.role,
        sides.metric,
        sides.period_before
),
placed as (
    select
        moved.rep_id,
        moved.period,
        moved.role,
        moved.metric,
        moved.period_before,
        moved.value_before,
        moved.value,
        moved.attainment_before,
        moved.attainment,
        moved.target_before,
        moved.target,
        moved.is_rescaled,
        moved.weight_before,
        moved.weight,
        moved.share_before,
        moved.share,
        -- Where it was not scored its weight was 0, and whatever stands here adds nothing.
        cast(coalesce(moved.attainment_before, moved.attainment) as double) as level_before,
        cast(coalesce(moved.attainment, moved.attainment_before) as double) as level,
        row_number() over (partition by moved.rep_id, moved.period, moved.role order by moved.metric) as place,
        count(*) over (partition by moved.rep_id, moved.period, moved.role) as metrics,
        max(case when abs(moved.share - moved.share_before) > 0.000000001 then 1 else 0 end)
            over (partition by moved.rep_id, moved.period, moved.role) = 1 as is_reweighted,
        -- A metric scored in both keeps every mixture of the two quarters measurable.
        max(case when moved.weight > 0 and moved.weight_before > 0 then 1 else 0 end)
            over (partition by moved.rep_id, moved.period, moved.role) = 1 as is_always_measured
    from moved
),
bits as (
    select 0 as bit
    union all
    select 1 as bit
),
mixtures as (
    select
        a.bit + 2 * b.bit + 4 * c.bit + 8 * d.bit + 16 * e.bit + 32 * f.bit + 64 * g.bit as mixture,
        a.bit + b.bit + c.bit + d.bit + e.bit + f.bit + g.bit as size,
        a.bit as bit_1,
        b.bit as bit_2,
        c.bit as bit_3,
        d.bit as bit_4,
        e.bit as bit_5,
        f.bit as bit_6,
        g.bit as bit_7
    from bits as a
    cross join bits as b
    cross join bits as c
    cross join bits as d
    cross join bits as e
    cross join bits as f
    cross join bits as g
),
powers as (
    select 1 as metrics, 2 as mixtures union all select 2, 4 union all select 3, 8 union all select 4, 16
    union all select 5, 32 union all select 6, 64 union all select 7, 128
),
-- Each mixture takes some metrics as they are now and the others as they were.
mixed as (
    select
        placed.rep_id,
        placed.period,
        placed.role,
        placed.metric,
        placed.metrics,
        mixtures.mixture,
        mixtures.size,
        case placed.place
            when 1 then mixtures.bit_1
            when 2 then mixtures.bit_2
            when 3 then mixtures.bit_3
            when 4 then mixtures.bit_4
            when 5 then mixtures.bit_5
            when 6 then mixtures.bit_6
            else mixtures.bit_7
        end = 1 as is_now,
        placed.weight_before,
        placed.weight,
        placed.level_before,
        placed.level
    from placed
    join powers
        on powers.metrics = placed.metrics
    join mixtures
        on mixtures.mixture < powers.mixtures
    where placed.is_reweighted
        and placed.is_always_measured
),
mixture_scores as (
    select
        mixed.rep_id,
        mixed.period,
        mixed.role,
        mixed.mixture,
        fn.ratio(
            fn.total(sum(fn.addend(case when mixed.is_now then mixed.weight * mixed.level else mixed.weight_before * mixed.level_before end))),
            fn.total(sum(fn.addend(case when mixed.is_now then mixed.weight else mixed.weight_before end)))
        ) as score
    from mixed
    group by
        mixed.rep_id,
        mixed.period,
        mixed.role,
        mixed.mixture
),
factorials as (
    select 0 as n, 1 as factorial union all select 1, 1 union all select 2, 2 union all select 3, 6
    union all select 4, 24 union all select 5, 120 union all select 6, 720 union all select 7, 5040
),
-- Shapley: the mean, over all orders in which metrics may change, of what each adds when its turn comes.
turns as (
    select
        mixed.rep_id,
        mixed.period,
        mixed.role,
        mixed.metric,
        fn.total(sum(fn.addend(
            case when mixed.is_now then 1 else -1 end
            * fn.ratio(earlier.factorial * later.factorial, orders.factorial)
            * mixture_scores.score
        ))) as points
    from mixed
    join mixture_scores
        on mixture_scores.rep_id = mixed.rep_id
        and mixture_scores.period = mixed.period
        and mixture_scores.role = mixed.role
        and mixture_scores.mixture = mixed.mixture
    join factorials as earlier
        on earlier.n = mixed.size - case when mixed.is_now then 1 else 0 end
    join factorials as later
        on later.n = mixed.metrics - mixed.size - case when mixed.is_now then 0 else 1 end
    join factorials as orders
        on orders.n = mixed.metrics
    group by
        mixed.rep_id,
        mixed.period,
        mixed.role,
        mixed.metric
),
means as (
    select
        placed.rep_id,
        placed.period,
        placed.role,
        fn.total(sum(fn.addend(placed.share_before * placed.level_before + placed.share * placed.level))) * 0.5 as score
    from placed
    group by
        placed.rep_id,
        placed.period,
        placed.role
)
select
    placed.rep_id, -- the company's own id of the person
    placed.period, -- fiscal year and quarter
    placed.role, -- a role of plan.yml, the same in both quarters
    placed.metric, -- the metric's name
    placed.period_before, -- the quarter before
    placed.value_before, -- what was achieved then; null: nothing was scored
    placed.value, -- what was achieved now; null: nothing was scored
    cast(placed.attainment_before as numeric(18, 9)) as attainment_before, -- how much of the target that was; null: not scored
    cast(placed.attainment as numeric(18, 9)) as attainment, -- how much of the target that is; null: not scored
    placed.target_before, -- attainment 100 then; null: not scored
    placed.target, -- attainment 100 now; null: not scored
    placed.is_rescaled, -- true: the plan changed floor, target or cap between the two
    placed.share_before, -- of the weight that was scored then, 0..1
    placed.share, -- of the weight that is scored now, 0..1
    coalesce(
        turns.points,
        (placed.level - placed.level_before) * (placed.share + placed.share_before) * 0.5
            + (placed.share - placed.share_before) * ((placed.level + placed.level_before) * 0.5 - means.score)
    ) as points -- what the metric did to the score: Shapley's value where weights moved, which is exact for up to seven metrics; attainment × share where they did not
from placed
join means
    on means.rep_id = placed.rep_id
    and means.period = placed.period
    and means.role = placed.role
left join turns
    on turns.rep_id = placed.rep_id
    and turns.period = placed.period
    and turns.role = placed.role
    and turns.metric = placed.metric
