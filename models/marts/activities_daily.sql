-- activities_daily: calls, emails, meetings, tasks and notes by person and day
-- grain: one row a rep, day and kind with an activity
-- key: rep_id, day_on, kind
-- signal: what people did, day by day
-- owner: sales management
-- not_null: rep_id, rep_name, day_on, week_on, kind, activities, done, with_a_deal, minutes, computed_at
-- checks: done_are_some: done <= activities and with_a_deal <= activities
-- gaming: volume for its own sake; qualified_touch_rate tells what came of it
-- changed: 2026-12-01 first version
select
    rep_activities.rep_id, -- whose work it was
    min(reps.name) as rep_name, -- as statements show it
    min(reps.team) as team, -- the rep's team today
    fn.day(rep_activities.occurred_at) as day_on, -- in the reporting zone
    min(fn.date_after(fn.day(rep_activities.occurred_at), 1 - fn.weekday(fn.day(rep_activities.occurred_at)))) as week_on, -- the Monday of that week
    rep_activities.kind, -- call, email, meeting, task or note
    count(*) as activities, -- all of them
    cast(sum(case when rep_activities.is_completed then 1 else 0 end) as bigint) as done, -- held, sent, connected or done
    cast(sum(case when rep_activities.deal_id is not null then 1 else 0 end) as bigint) as with_a_deal, -- about a deal
    cast(sum(coalesce(rep_activities.duration_seconds, 0)) * cast(0.016667 as numeric(6, 6)) as numeric(18, 2)) as minutes, -- of calls and meetings, where the CRM tells
    fn.as_of() as computed_at -- the instant that the numbers speak of
from core.rep_activities
join core.reps
    on reps.rep_id = rep_activities.rep_id
where rep_activities.occurred_at <= fn.as_of()
group by
    rep_activities.rep_id,
    fn.day(rep_activities.occurred_at),
    rep_activities.kind
