-- won_totals: the sum of all reps' won amounts beside the one that comes from the CRM's report
-- grain: one row a period
-- key: period
-- signal: one word has one sum, in whichever table it stands
-- owner: finance
-- not_null: period, reps_amount, reconciled_amount
-- checks: one_sum: reps_amount = reconciled_amount
-- gaming: none; it stops a build whose tables disagree
-- changed: 2026-12-01 first version
with by_reps as (
    select
        rep_performance.period,
        sum(rep_performance.won_amount) as amount
    from marts.rep_performance
    group by rep_performance.period
),
by_sources as (
    select
        won_reconciliation.period,
        sum(won_reconciliation.won_amount) as amount
    from marts.won_reconciliation
    group by won_reconciliation.period
)
select
    periods.period, -- fiscal year and quarter
    cast(coalesce(by_reps.amount, 0) as numeric(28, 2)) as reps_amount, -- won_amount of marts.rep_performance, all reps
    cast(coalesce(by_sources.amount, 0) as numeric(28, 2)) as reconciled_amount -- won_amount of marts.won_reconciliation, all sources
from plan.periods
left join by_reps
    on by_reps.period = periods.period
left join by_sources
    on by_sources.period = periods.period
