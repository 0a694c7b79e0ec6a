-- rank_pairs: the two figures of each person that a rank correlation of a role is made of
-- grain: one row a person, period, role and measure
-- key: rep_id, period, role, measure
-- signal: whether a score says something of the person, of the territory or of last quarter
-- owner: revenue operations
-- not_null: rep_id, period, role, measure, x, y
-- gaming: none of its own
-- changed: 2026-12-01 first version
with numbered as (
    select
        periods.period,
        row_number() over (order by periods.starts_on) as number
    from plan.periods
),
paired as (
    select
        scored.rep_id,
        scored.period,
        scored.role,
        'score_with_quarter_before' as measure,
        cast(before.score as double) as x,
        cast(scored.score as double) as y
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
    union all
    select
        scored.rep_id,
        scored.period,
        scored.role,
        'score_with_territory' as measure,
        cast(coalesce(quotas.potential, quotas.quota) as double) as x,
        cast(scored.score as double) as y
    from scores.rep_scores as scored
    join core.quotas
        on quotas.rep_id = scored.rep_id
        and quotas.period = scored.period
    where scored.score is not null
        and coalesce(quotas.potential, quotas.quota) > 0
)
select
    paired.rep_id, -- the company's own id of the person
    paired.period, -- fiscal year and quarter
    paired.role, -- a role of plan.yml
    paired.measure, -- score_with_quarter_before or score_with_territory
    paired.x, -- the score of the quarter before, or what the territory could give
    paired.y -- the score
from paired
