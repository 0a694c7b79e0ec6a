-- overdue_follow_ups_cleared: follow-up tasks that were done after all, though their day was over
-- grain: one row a task done later than it was due
-- key: source, record_id
-- signal: promises to customers that are caught up on
-- owner: sales management
-- kpi: overdue tasks cleared
-- okr: no promise is forgotten
-- value: sum
-- unit: tasks
-- better: higher
-- control: own
-- spans: week month quarter
-- streams: activities
-- not_null: source, rep_id, occurred_at, record_type, record_id, numerator, denominator, is_truncated, detail
-- checks: one_each: numerator = 1 and denominator = 1
-- gaming: letting tasks become overdue to clear them; it is meant for challenges, not for pay, and tasks made up after their due day do not count
-- changed: 2026-11-22 first version
select
    rep_activities.source, -- the source's name in merit.yml
    rep_activities.rep_id, -- whose task it was
    rep_activities.completed_at as occurred_at, -- when it was done
    'activity' as record_type, -- the record is an activity
    rep_activities.activity_id as record_id, -- the CRM's id of it
    cast(1 as numeric(38, 9)) as numerator, -- one task
    cast(1 as numeric(38, 9)) as denominator, -- one task
    false as is_truncated, -- activities have no history that could be forgotten
    'was due on ' || cast(fn.day(rep_activities.occurred_at) as string) || ', done '
        || cast(fn.whole_days(fn.day(rep_activities.occurred_at), fn.day(rep_activities.completed_at)) as string)
        || ' days later' as detail -- how late
from core.rep_activities
where rep_activities.kind = 'task'
    and rep_activities.is_completed
    and rep_activities.completed_at <= fn.as_of()
    and fn.day(rep_activities.completed_at) > fn.day(rep_activities.occurred_at)
    and fn.day(rep_activities.created_at) <= fn.day(rep_activities.occurred_at)
