-- rep_activities: calls, emails, meetings, tasks and notes of people on the roster
-- grain: one row an activity of a rep that is not deleted
-- key: source, activity_id
-- signal: what people did, by whose work it was
-- owner: sales management
-- not_null: source, activity_id, rep_id, kind, is_completed, occurred_at
-- checks: kinds: kind in ('call', 'email', 'meeting', 'task', 'note')
-- gaming: volume for its own sake; the metrics made of it are inputs, and qualified_touch_rate tells what came of them
-- changed: 2026-11-22 first version
select
    activities.source, -- the source's name in merit.yml
    activities.activity_id, -- the CRM's id
    rep_users.rep_id, -- whose work it was
    activities.kind, -- call, email, meeting, task or note
    lower(trim(activities.subtype)) as subtype, -- as the CRM or its users say it, in lower case
    coalesce(merged_deals.into_id, activities.deal_id) as deal_id, -- the deal it is about, or the one that it was merged into
    coalesce(merged_accounts.into_id, activities.account_id) as account_id, -- the account it is about, likewise
    coalesce(merged_contacts.into_id, activities.contact_id) as contact_id, -- the person it was with, likewise
    activities.subject, -- title
    coalesce(activities.occurred_at, activities.completed_at, activities.created_at) as occurred_at, -- when it took or takes place; of a task, when it is due
    activities.completed_at, -- when it was marked done, where the CRM tells
    coalesce(
        activities.is_completed,
        fn.add_minutes(coalesce(activities.occurred_at, activities.created_at), cast(floor(coalesce(fn.ratio(activities.duration_seconds, 60), 0)) as bigint)) <= fn.as_of(),
        false
    ) as is_completed, -- held, sent, connected or done; where the source doesn't say, what was to take place took place once its time is over
    activities.duration_seconds, -- of calls and meetings
    activities.created_at, -- when it was logged
    activities.direction, -- outbound or inbound; null: the CRM doesn't say
    activities.text_hash -- of its text; null: there is none
from staging.activities
join core.rep_users
    on rep_users.source = activities.source
    and rep_users.user_id = activities.owner_id
left join core.merged_records as merged_deals
    on merged_deals.source = activities.source
    and merged_deals.record_type = 'deal'
    and merged_deals.record_id = activities.deal_id
left join core.merged_records as merged_accounts
    on merged_accounts.source = activities.source
    and merged_accounts.record_type = 'account'
    and merged_accounts.record_id = activities.account_id
left join core.merged_records as merged_contacts
    on merged_contacts.source = activities.source
    and merged_contacts.record_type = 'contact'
    and merged_contacts.record_id = activities.contact_id
where not activities.is_deleted
    and coalesce(activities.occurred_at, activities.completed_at, activities.created_at) is not null
