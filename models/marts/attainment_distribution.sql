-- attainment_distribution: how many of a role reached their quota, and how the others lie below
-- grain: one row a period and role, of those who have a quota
-- key: period, role
-- signal: whether quotas are set so that people reach them
-- owner: sales operations
-- not_null: period, role, reps, reps_at_quota, unknown_reps, computed_at
-- checks: no_more_than_there_are: reps_at_quota <= reps
-- changed: 2026-12-01 first version
with ranked as (
    select
        rep_performance.period,
        rep_performance.role,
        rep_performance.rep_id,
        rep_performance.quota_attainment,
        row_number() over (
            partition by rep_performance.period, rep_performance.role, rep_performance.quota_attainment is null
            order by rep_performance.quota_attainment, rep_performance.rep_id
        ) as place,
        count(rep_performance.quota_attainment) over (
            partition by rep_performance.period, rep_performance.role
        ) as known_reps
    from marts.rep_performance
    where rep_performance.quota > 0
)
select
    ranked.period, -- fiscal year and quarter
    ranked.role, -- the latest role in the period
    count(*) as reps, -- people with a quota
    cast(sum(case when ranked.quota_attainment >= 1 then 1 else 0 end) as bigint) as reps_at_quota, -- of them at 100 % or more
    fn.ratio(
        sum(case when ranked.quota_attainment >= 1 then 1 else 0 end),
        count(ranked.quota_attainment)
    ) as share_at_quota, -- of those whose attainment is known; null: nobody's is
    -- The nearest rank, so that each figure is somebody's.
    max(case when ranked.quota_attainment is not null and 4 * (ranked.place - 1) < ranked.known_reps then ranked.quota_attainment end) as lower_quartile_attainment, -- a quarter of them is at or below
    max(case when ranked.quota_attainment is not null and 2 * (ranked.place - 1) < ranked.known_reps then ranked.quota_attainment end) as median_attainment, -- half of them is at or below
    max(case when ranked.quota_attainment is not null and 4 * (ranked.place - 1) < 3 * ranked.known_reps then ranked.quota_attainment end) as upper_quartile_attainment, -- three quarters of them are at or below
    cast(sum(case when ranked.quota_attainment is null then 1 else 0 end) as bigint) as unknown_reps, -- people with a quota whose attainment is not known
    fn.as_of() as computed_at -- the instant that the numbers speak of
from ranked
group by
    ranked.period,
    ranked.role
