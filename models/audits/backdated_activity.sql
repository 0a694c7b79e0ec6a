-- backdated_activity: calls, emails and meetings logged long after they are said to have happened
-- grain: one row a completed activity
-- key: source, rep_id, record_id
-- signal: activity that was made up afterwards
-- owner: sales management
-- severity: high
-- test: share
-- span: period
-- parameters: least: 10
--    working_days: 5
-- not_null: source, rep_id, occurred_at, record_type, record_id, is_suspect, detail
-- gaming: logging within the days; meeting_logging_rate holds meetings against the calendar
-- changed: 2026-11-30 first version
--    2026-12-01 what comes in for several people at once is a transfer
with done as (
    select
        rep_activities.source,
        rep_activities.rep_id,
        rep_activities.activity_id,
        rep_activities.kind,
        rep_activities.occurred_at,
        rep_activities.created_at,
        cast(fn.as_number(settings.value) as bigint) as working_days,
        cast(fn.ratio(fn.minutes(fn.as_instant('2000-01-01T00:00:00Z'), rep_activities.created_at), 10) as bigint) as batch,
        -- So many working days are at least as many days: the others need not be counted.
        rep_activities.created_at
            > fn.add_days(rep_activities.occurred_at, cast(fn.as_number(settings.value) as bigint)) as may_be_late
    from core.rep_activities
    join core.rep_assignments
        on rep_assignments.rep_id = rep_activities.rep_id
        and rep_activities.occurred_at >= rep_assignments.starts_at
        and rep_activities.occurred_at < rep_assignments.ends_at
    join plan.settings
        on settings.period = rep_assignments.period
        and settings.metric = 'backdated_activity'
        and settings.name = 'working_days'
    where rep_activities.is_completed
        and rep_activities.kind in ('call', 'email', 'meeting')
        and rep_activities.created_at is not null
        and rep_activities.occurred_at <= fn.as_of()
),
-- What another system had comes in with late records of several people at once: ten
-- minutes in which three people or more have five each.
batches as (
    select
        batched.source,
        batched.batch
    from (
        select
            done.source,
            done.rep_id,
            done.batch,
            count(*) as activities
        from done
        where done.may_be_late
        group by
            done.source,
            done.rep_id,
            done.batch
    ) as batched
    where batched.activities >= 5
    group by
        batched.source,
        batched.batch
    having count(*) >= 3
),
-- Days on leave are no working days: whoever catches up after leave is not late.
late as (
    select
        done.source,
        done.activity_id,
        count(*) as days
    from done
    join core.working_days
        on working_days.rep_id = done.rep_id
        and working_days.day_on > fn.day(done.occurred_at)
        and working_days.day_on <= fn.day(done.created_at)
    left join batches
        on batches.source = done.source
        and batches.batch = done.batch
    where done.may_be_late
        and batches.batch is null
    group by
        done.source,
        done.activity_id
)
select
    done.source, -- the source's name in merit.yml
    done.rep_id, -- whose work it was
    done.occurred_at, -- when it is said to have taken place
    'activity' as record_type, -- the record is an activity
    done.activity_id as record_id, -- the CRM's id of it
    coalesce(late.days > done.working_days, false) as is_suspect, -- true: logged more working days later than the plan allows
    done.kind || case
        when late.days > done.working_days then ' logged ' || cast(late.days as string) || ' working days later'
        else ''
    end as detail -- the activity, in words
from done
left join late
    on late.source = done.source
    and late.activity_id = done.activity_id
