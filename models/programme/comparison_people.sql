-- comparison_people: who pilots, and which others are alike
-- grain: one row a comparison and person
-- key: comparison, rep_id
-- signal: like is compared with like, and nobody is picked by hand
-- owner: revenue operations
-- not_null: comparison, rep_id, cell, is_pilot
-- gaming: a pilot of the best; the placebo window shows whether they were on their way up anyway
-- changed: 2026-12-01 first version
with standing as (
    -- What each person was on the day on which the pilot began.
    select
        comparisons.comparison,
        comparisons.pilot,
        rep_days.rep_id,
        rep_days.role || case when pilots.matches_region then ' / ' || coalesce(rep_days.region, '') else '' end as cell
    from programme.comparisons
    join plan.pilots
        on pilots.pilot = comparisons.pilot
    join recognition.rep_days
        on rep_days.day_on = comparisons.starts_on
),
taken as (
    select
        standing.comparison,
        standing.rep_id,
        standing.cell,
        pilot_reps.rep_id is not null as is_pilot
    from standing
    left join plan.pilot_reps
        on pilot_reps.pilot = standing.pilot
        and pilot_reps.rep_id = standing.rep_id
),
cells as (
    select
        taken.comparison,
        taken.cell
    from taken
    group by
        taken.comparison,
        taken.cell
    having max(case when taken.is_pilot then 1 else 0 end) = 1
        and max(case when taken.is_pilot then 0 else 1 end) = 1
)
select
    taken.comparison, -- the pilot and the metric
    taken.rep_id, -- the company's own id of the person
    taken.cell, -- the role, or role and region, in which people are alike
    taken.is_pilot -- true: takes part; false: one of the others
from taken
join cells
    on cells.comparison = taken.comparison
    and cells.cell = taken.cell
