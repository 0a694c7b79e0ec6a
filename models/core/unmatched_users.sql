-- unmatched_users: CRM users that are nobody on the roster, with what they own
-- grain: one row a CRM user that the roster does not name
-- key: source, user_id
-- signal: a person forgotten on the roster, or records parked with a user who is not measured
-- owner: revenue operations
-- not_null: source, user_id, is_active, deals, activities
-- changed: 2026-11-22 first version
with owned_deals as (
    select
        deals.source,
        deals.owner_id,
        count(*) as owned
    from staging.deals
    where not deals.is_deleted
    group by
        deals.source,
        deals.owner_id
),
owned_activities as (
    select
        activities.source,
        activities.owner_id,
        count(*) as owned
    from staging.activities
    where not activities.is_deleted
    group by
        activities.source,
        activities.owner_id
)
select
    users.source, -- the source's name in merit.yml
    users.user_id, -- the CRM's id of the user
    users.name, -- first and last name
    users.email, -- lower case
    users.team, -- the user's team or role at the CRM today
    users.is_active, -- false: deactivated or archived
    coalesce(owned_deals.owned, 0) as deals, -- deals that the user owns today
    coalesce(owned_activities.owned, 0) as activities -- calls, emails, meetings, tasks and notes of the user
from staging.users
left join core.rep_users
    on rep_users.source = users.source
    and rep_users.user_id = users.user_id
left join owned_deals
    on owned_deals.source = users.source
    and owned_deals.owner_id = users.user_id
left join owned_activities
    on owned_activities.source = users.source
    and owned_activities.owner_id = users.user_id
where rep_users.rep_id is null
