-- rep_users: which rep of the roster a CRM user is
-- grain: one row a CRM user that the roster names
-- key: source, user_id
-- signal: the bridge from records, which know users, to people, whom the programme knows
-- owner: revenue operations
-- not_null: source, user_id, rep_id, matched_by
-- checks: matched_by_is_known: matched_by in ('user id', 'e-mail')
-- gaming: a second user to spread records over; core.unmatched_users lists every user that nobody claims
-- changed: 2026-11-22 first version
with matched as (
    select
        users.source,
        users.user_id,
        rep_users.rep_id,
        'user id' as matched_by,
        1 as preference
    from staging.users
    join plan.rep_users
        on rep_users.user_key = users.user_id
        and (rep_users.source is null or rep_users.source = users.source)
    union all
    select
        users.source,
        users.user_id,
        rep_users.rep_id,
        'e-mail' as matched_by,
        2 as preference
    from staging.users
    join plan.rep_users
        on rep_users.user_key = lower(users.email)
        and (rep_users.source is null or rep_users.source = users.source)
),
ranked as (
    select
        matched.source,
        matched.user_id,
        matched.rep_id,
        matched.matched_by,
        -- An id says more than an e-mail. Two reps that claim one user: the same one gets it in every run.
        row_number() over (
            partition by matched.source, matched.user_id
            order by matched.preference, matched.rep_id
        ) as place
    from matched
)
select
    ranked.source, -- the source's name in merit.yml
    ranked.user_id, -- the CRM's id of the user
    ranked.rep_id, -- the company's own id of the person
    ranked.matched_by -- user id or e-mail
from ranked
where ranked.place = 1
