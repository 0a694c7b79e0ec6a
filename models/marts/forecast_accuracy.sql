-- forecast_accuracy: forecast error and bias of each team, as locked early in the quarter
-- grain: one row a team and period that is over
-- key: team, period
-- signal: whether a team promises too much or too little, and how far off it is rep by rep
-- owner: sales operations
-- not_null: team, period, reps, reps_without_forecast, forecast, actual, computed_at
-- changed: 2026-11-22 first version
--    2026-11-22 forecasts below 0, and those that a steward took out, are none, as in metrics.forecast_error
with people as (
    select
        rep_periods.rep_id,
        rep_periods.period,
        coalesce(rep_periods.team, 'no team') as team,
        row_number() over (
            partition by rep_periods.rep_id, rep_periods.period
            order by rep_periods.ends_on desc, rep_periods.role
        ) as place
    from core.rep_periods
    join plan.periods
        on periods.period = rep_periods.period
    where periods.ends_at <= fn.as_of()
),
counted as (
    select
        forecast_results.rep_id,
        forecast_results.period,
        forecast_results.forecast,
        forecast_results.actual
    from core.forecast_results
    left join plan.exclusions
        on exclusions.source = forecast_results.source
        and exclusions.record_type = 'forecast'
        and exclusions.record_id = forecast_results.rep_id || ' ' || forecast_results.period
    where forecast_results.forecast >= 0
        and exclusions.record_id is null
)
select
    people.team, -- the team on the last day; 'no team' where the roster says none
    people.period, -- fiscal year and quarter
    cast(count(counted.rep_id) as bigint) as reps, -- with a locked forecast that counts: not below 0, and not taken out by a steward
    cast(count(*) - count(counted.rep_id) as bigint) as reps_without_forecast, -- in none of the sums
    cast(coalesce(sum(counted.forecast), 0) as numeric(28, 2)) as forecast, -- sum of the locked forecasts
    cast(coalesce(sum(counted.actual), 0) as numeric(28, 2)) as actual, -- what those reps won
    cast(
        fn.ratio(sum(counted.actual) - sum(counted.forecast), sum(counted.forecast))
        as numeric(18, 6)
    ) as bias, -- (actual − forecast) ÷ forecast: below 0, too much was promised
    cast(
        fn.ratio(sum(abs(counted.actual - counted.forecast)), sum(counted.actual))
        as numeric(18, 6)
    ) as wape, -- sum of each rep's error ÷ sum of what was won: errors of opposite sign do not cancel
    fn.as_of() as computed_at -- the instant that the numbers speak of
from people
left join counted
    on counted.rep_id = people.rep_id
    and counted.period = people.period
where people.place = 1
group by
    people.team,
    people.period
