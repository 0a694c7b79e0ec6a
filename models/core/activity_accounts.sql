-- activity_accounts: which accounts an activity of a rep was about, directly or through its deal or contact
-- grain: one row an activity and account
-- key: source, activity_id, account_id
-- signal: attention that a customer was given
-- owner: sales management
-- not_null: source, activity_id, account_id, rep_id, kind, occurred_at, is_completed
-- gaming: activities hung on accounts that they were not about; each can be looked up by its id
-- changed: 2026-11-22 first version
with subjects as (
    select rep_activities.source, rep_activities.activity_id, 'account' as record_type, rep_activities.account_id as record_id
    from core.rep_activities
    where rep_activities.account_id is not null
    union all
    select rep_activities.source, rep_activities.activity_id, 'deal' as record_type, rep_activities.deal_id as record_id
    from core.rep_activities
    where rep_activities.deal_id is not null
    union all
    select rep_activities.source, rep_activities.activity_id, 'contact' as record_type, rep_activities.contact_id as record_id
    from core.rep_activities
    where rep_activities.contact_id is not null
    union all
    select activity_subjects.source, activity_subjects.activity_id, activity_subjects.record_type, activity_subjects.record_id
    from core.activity_subjects
    where activity_subjects.named_by = 'link'
),
linked as (
    select
        subjects.source,
        subjects.activity_id,
        subjects.record_id as account_id
    from subjects
    where subjects.record_type = 'account'
    union all
    select
        subjects.source,
        subjects.activity_id,
        coalesce(merged_records.into_id, deals.account_id) as account_id
    from subjects
    join staging.deals
        on deals.source = subjects.source
        and deals.deal_id = subjects.record_id
    left join core.merged_records
        on merged_records.source = deals.source
        and merged_records.record_type = 'account'
        and merged_records.record_id = deals.account_id
    where subjects.record_type = 'deal'
        and deals.account_id is not null
    union all
    select
        subjects.source,
        subjects.activity_id,
        coalesce(merged_records.into_id, contacts.account_id) as account_id
    from subjects
    join staging.contacts
        on contacts.source = subjects.source
        and contacts.contact_id = subjects.record_id
    left join core.merged_records
        on merged_records.source = contacts.source
        and merged_records.record_type = 'account'
        and merged_records.record_id = contacts.account_id
    where subjects.record_type = 'contact'
        and contacts.account_id is not null
),
once as (
    select
        linked.source,
        linked.activity_id,
        linked.account_id
    from linked
    group by
        linked.source,
        linked.activity_id,
        linked.account_id
)
select
    once.source, -- the source's name in merit.yml
    once.activity_id, -- the activity
    once.account_id, -- the account
    rep_activities.rep_id, -- whose work it was
    rep_activities.kind, -- call, email, meeting, task or note
    rep_activities.subtype, -- as the CRM or its users say it, in lower case
    rep_activities.is_completed, -- held, sent, connected or done
    rep_activities.occurred_at -- when it took or takes place
from once
join core.rep_activities
    on rep_activities.source = once.source
    and rep_activities.activity_id = once.activity_id
