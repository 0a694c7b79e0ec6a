-- active_days: days on which a rep changed a deal, logged an activity or signed in at a CRM
-- grain: one row a rep and day with a sign of them
-- key: rep_id, day_on
-- signal: whether the CRM is where the work is done
-- owner: revenue operations
-- not_null: rep_id, day_on, changes, activities, logins
-- checks: a_sign_of_them: changes + activities + logins > 0
-- gaming: one sign-in a day and nothing else; the three counts tell them apart
-- changed: 2026-11-22 first version
with saves as (
    -- A save that kept every value is presence, too; one that set several is one.
    select
        deal_changes.source,
        deal_changes.deal_id,
        deal_changes.changed_at,
        deal_changes.changed_by
    from staging.deal_changes
    where deal_changes.changed_at <= fn.as_of()
        -- An import or an automation in somebody's name is not that person's presence.
        and coalesce(deal_changes.changed_through, 'user') = 'user'
    group by
        deal_changes.source,
        deal_changes.deal_id,
        deal_changes.changed_at,
        deal_changes.changed_by
),
signs as (
    select
        rep_users.rep_id,
        fn.day(saves.changed_at) as day_on,
        1 as changes,
        0 as activities,
        0 as logins
    from saves
    join core.rep_users
        on rep_users.source = saves.source
        and rep_users.user_id = saves.changed_by
    union all
    select
        rep_activities.rep_id,
        fn.day(rep_activities.created_at) as day_on,
        0 as changes,
        1 as activities,
        0 as logins
    from core.rep_activities
    where rep_activities.created_at <= fn.as_of()
    union all
    select
        rep_identifiers.rep_id,
        fn.day(logins.logged_in_at) as day_on,
        0 as changes,
        0 as activities,
        1 as logins
    from staging.logins
    join core.rep_identifiers
        on rep_identifiers.source = logins.source
        and rep_identifiers.user_key = logins.user_key
    where logins.is_successful
        and logins.logged_in_at <= fn.as_of()
        and coalesce(lower(logins.through), '') <> 'integration'
)
select
    signs.rep_id, -- the company's own id of the person
    signs.day_on, -- the day in the reporting zone
    cast(sum(signs.changes) as bigint) as changes, -- times that a deal was changed by hand
    cast(sum(signs.activities) as bigint) as activities, -- activities logged
    cast(sum(signs.logins) as bigint) as logins -- times signed in
from signs
group by
    signs.rep_id,
    signs.day_on
