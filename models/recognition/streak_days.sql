-- streak_days: the working days in a row on which enough was done
-- grain: one row a rep, streak and day that counts
-- key: rep_id, streak, day_on
-- signal: a little every day does more than a lot in the last week
-- owner: sales management
-- not_null: rep_id, streak, day_on, starts_on, number, done, is_unbroken
-- checks: counted_from_one: number >= 1 and starts_on <= day_on
-- gaming: one record a day and nothing else; per_day in the plan asks for more
-- changed: 2026-12-01 first version
with zones as (
    select
        rep_days.rep_id,
        rep_days.time_zone
    from recognition.rep_days
    group by
        rep_days.rep_id,
        rep_days.time_zone
),
wanted as (
    select streaks.metric
    from plan.streaks
    group by streaks.metric
),
-- A day is the person's own: what was done late in the evening is not of tomorrow.
done as (
    select
        metric_evidence.rep_id,
        zones.time_zone,
        metric_evidence.metric,
        fn.day_in(metric_evidence.occurred_at, zones.time_zone) as day_on,
        sum(metric_evidence.numerator) as done
    from scores.metric_evidence
    join wanted
        on wanted.metric = metric_evidence.metric
    join zones
        on zones.rep_id = metric_evidence.rep_id
    where not metric_evidence.is_excluded
    group by
        metric_evidence.rep_id,
        zones.time_zone,
        metric_evidence.metric,
        fn.day_in(metric_evidence.occurred_at, zones.time_zone)
),
judged as (
    select
        rep_days.rep_id,
        streaks.streak,
        rep_days.day_on,
        rep_days.is_over,
        coalesce(done.done, cast(0 as numeric(38, 9))) as done,
        coalesce(done.done >= streaks.per_day, false) as is_done
    from recognition.rep_days
    join plan.streaks
        on streaks.period = rep_days.period
    left join done
        on done.rep_id = rep_days.rep_id
        and done.time_zone = rep_days.time_zone
        and done.metric = streaks.metric
        and done.day_on = rep_days.day_on
    where rep_days.is_working
),
-- A running day adds once it is done, and breaks nothing before it is over.
missed as (
    select
        judged.rep_id,
        judged.streak,
        judged.day_on,
        judged.done,
        judged.is_done,
        sum(case when judged.is_done then 0 else 1 end) over (
            partition by judged.rep_id, judged.streak
            order by judged.day_on
            rows between unbounded preceding and current row
        ) as misses,
        sum(case when judged.is_done then 0 else 1 end) over (partition by judged.rep_id, judged.streak) as all_misses
    from judged
    where judged.is_over
        or judged.is_done
)
select
    missed.rep_id, -- the company's own id of the person
    missed.streak, -- as the plan calls it
    missed.day_on, -- a working day on which enough was done
    min(missed.day_on) over (partition by missed.rep_id, missed.streak, missed.misses) as starts_on, -- the first day of the streak that it is of
    cast(row_number() over (partition by missed.rep_id, missed.streak, missed.misses order by missed.day_on) as bigint) as number, -- the how manyth day of it
    missed.done, -- what was done on it
    missed.misses = missed.all_misses as is_unbroken -- true: no working day that is over was missed since
from missed
where missed.is_done
