-- comparisons: each pilot and metric with its three windows of days
-- grain: one row a pilot and metric
-- key: comparison
-- signal: what is held against what is fixed before anything is seen
-- owner: revenue operations
-- not_null: comparison, pilot, metric, placebo_on, before_on, starts_on, ends_on, planned_ends_on
-- checks: in_order: placebo_on < before_on and before_on < starts_on and starts_on <= ends_on
-- gaming: a pilot whose dates are moved once its numbers are known; plan.yml is under version control
-- changed: 2026-12-01 first version
with lasting as (
    select
        pilots.pilot,
        pilots.starts_on,
        pilots.ends_on as planned_ends_on,
        -- While it runs, what is over is held against as many days before.
        fn.smaller(pilots.ends_on, fn.date_after(fn.today(), -1)) as ends_on
    from plan.pilots
    where pilots.starts_on < fn.today()
)
select
    lasting.pilot || ':' || pilot_metrics.metric as comparison, -- the pilot and the metric
    lasting.pilot, -- as people read it
    pilot_metrics.metric, -- what it is to move, or must not harm
    fn.date_after(lasting.starts_on, -2 * (fn.whole_days(lasting.starts_on, lasting.ends_on) + 1)) as placebo_on, -- first day of as many days before those before it
    fn.date_after(lasting.starts_on, -1 * (fn.whole_days(lasting.starts_on, lasting.ends_on) + 1)) as before_on, -- first day of as many days before it
    lasting.starts_on, -- its first day
    lasting.ends_on, -- its last day, or yesterday
    lasting.planned_ends_on -- its last day by the plan
from lasting
join plan.pilot_metrics
    on pilot_metrics.pilot = lasting.pilot
