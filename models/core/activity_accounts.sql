-- activity_accounts: which accounts an activity of a rep was about, directly or through its deal or contact
-- grain: one row an activity and account
-- key: source, activity_id, account_id
-- signal: attention that a customer was given
-- owner: sales management
-- present: source, activity_id, account_id, rep_id, kind, occurred_at, is_completed
-- games: activities hung on accounts that they were not about; each can be looked up by its id
-- changed: 2026-11-22 first version
with linked as (
    select
        rep_activities.source,
        rep_activities.activity_id,
        rep_activities.account_id
    from core.rep_activities
    where rep_activities.account_id is not null
    union all
    select
        rep_activities.source,
        rep_activities.activity_id,
        deals.account_id
    from core.rep_activities
    join staging.deals
        on deals.source = rep_activities.source
        and deals.deal_id = rep_activities.deal_id
    where deals.account_id is not null
    union all
    select
        rep_activities.source,
        rep_activities.activity_id,
        contacts.account_id
    from core.rep_activities
    join staging.contacts
        on contacts.source = rep_activities.source
        and contacts.contact_id = rep_activities.contact_id
    where contacts.account_id is not null
    union all
    select
        activity_links.source,
        activity_links.activity_id,
        activity_links.record_id as account_id
    from staging.activity_links
    where activity_links.record_type = 'account'
    union all
    select
        activity_links.source,
        activity_links.activity_id,
        deals.account_id
    from staging.activity_links
    join staging.deals
        on deals.source = activity_links.source
        and deals.deal_id = activity_links.record_id
    where activity_links.record_type = 'deal'
        and deals.account_id is not null
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
