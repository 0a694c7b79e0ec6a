-- rep_identifiers: which rep a key is by which files and other systems name a person
-- grain: one row a source and key that names somebody on the roster
-- key: source, user_key
-- signal: people are named by user id, e-mail or the company's own id, and are still one person
-- owner: revenue operations
-- not_null: source, user_key, rep_id, matched_by
-- checks: matched_by_is_known: matched_by in ('user id', 'rep id', 'roster', 'e-mail')
-- gaming: a second address to gather records under; every key that was matched is listed here
-- changed: 2026-11-22 first version
with said as (
    select forecasts.source, forecasts.user_key from staging.forecasts
    union all
    select logins.source, logins.user_key from staging.logins
    union all
    select learning.source, learning.user_key from staging.learning
    union all
    select coaching.source, coaching.user_key from staging.coaching
    union all
    select coaching_actions.source, coaching_actions.user_key from staging.coaching_actions
    union all
    select surveys.source, surveys.user_key from staging.surveys
    union all
    select contributions.source, contributions.user_key from staging.contributions
    union all
    select kudos.source, kudos.user_key from staging.kudos
    union all
    select kudos.source, kudos.from_key as user_key from staging.kudos where kudos.from_key is not null
    union all
    select coaching.source, coaching.coach_key as user_key from staging.coaching where coaching.coach_key is not null
    union all
    select calendar_events.source, calendar_events.user_key from staging.calendar_events
    union all
    select quotas.source, quotas.user_key from staging.quotas
    union all
    -- A field of a deal that names who is credited.
    select deal_fields.source, deal_fields.value as user_key
    from staging.deal_fields
    join plan.settings
        on settings.value = deal_fields.field
        and settings.name = 'credit'
),
named as (
    select
        said.source,
        said.user_key
    from said
    where said.user_key is not null
    group by
        said.source,
        said.user_key
),
roster as (
    select reps.rep_id
    from plan.reps
    group by reps.rep_id
),
matched as (
    select named.source, named.user_key, rep_users.rep_id, 'user id' as matched_by, 1 as preference
    from named
    join core.rep_users
        on rep_users.source = named.source
        and rep_users.user_id = named.user_key
    union all
    select named.source, named.user_key, roster.rep_id, 'rep id' as matched_by, 2 as preference
    from named
    join roster
        on roster.rep_id = named.user_key
    union all
    select named.source, named.user_key, rep_users.rep_id, 'roster' as matched_by, 3 as preference
    from named
    join plan.rep_users
        on rep_users.user_key = lower(named.user_key)
        and coalesce(rep_users.source, named.source) = named.source
    union all
    select named.source, named.user_key, rep_users.rep_id, 'e-mail' as matched_by, 4 as preference
    from named
    join staging.users
        on lower(users.email) = lower(named.user_key)
    join core.rep_users
        on rep_users.source = users.source
        and rep_users.user_id = users.user_id
),
ranked as (
    select
        matched.source,
        matched.user_key,
        matched.rep_id,
        matched.matched_by,
        row_number() over (
            partition by matched.source, matched.user_key
            order by matched.preference, matched.rep_id
        ) as place
    from matched
)
select
    ranked.source, -- the source's name in merit.yml
    ranked.user_key, -- as the source names the person
    ranked.rep_id, -- the company's own id of the person
    ranked.matched_by -- user id, rep id, roster (a key that the roster lists) or e-mail (of a CRM user)
from ranked
where ranked.place = 1
