-- rep_activities: calls, emails, meetings, tasks and notes of people on the roster
-- grain: one row an activity of a rep that is not deleted
-- key: source, activity_id
-- signal: what people did, by whose work it was
-- owner: sales management
-- present: source, activity_id, rep_id, kind, is_completed, occurred_at
-- checks: kinds: kind in ('call', 'email', 'meeting', 'task', 'note')
-- games: volume for its own sake; the metrics made of it are inputs, and qualified_touch_rate tells what came of them
-- changed: 2026-11-22 first version
select
    activities.source, -- the source's name in merit.yml
    activities.activity_id, -- the CRM's id
    rep_users.rep_id, -- whose work it was
    activities.kind, -- call, email, meeting, task or note
    lower(trim(activities.subtype)) as subtype, -- as the CRM or its users say it, in lower case
    activities.deal_id, -- the deal it is about
    activities.account_id, -- the account it is about
    activities.contact_id, -- the person it was with
    activities.subject, -- title
    coalesce(activities.occurred_at, activities.completed_at, activities.created_at) as occurred_at, -- when it took or takes place; of a task, when it is due
    activities.completed_at, -- when it was marked done, where the CRM tells
    activities.is_completed, -- held, sent, connected or done
    activities.duration_seconds, -- of calls and meetings
    activities.created_at -- when it was logged
from staging.activities
join core.rep_users
    on rep_users.source = activities.source
    and rep_users.user_id = activities.owner_id
where not activities.is_deleted
    and coalesce(activities.occurred_at, activities.completed_at, activities.created_at) is not null
