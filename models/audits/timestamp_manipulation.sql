-- timestamp_manipulation: deals that are said to be older than the CRM's own first sight of them
-- grain: one row a deal that the rep owned when it was created
-- key: source, rep_id, record_id
-- signal: creation dates that were written by hand
-- owner: revenue operations
-- severity: high
-- test: share
-- span: period
-- parameters: least: 3
--    days: 2
-- not_null: source, rep_id, occurred_at, record_type, record_id, is_suspect, detail
-- gaming: where the CRM does not tell when it first had the row, nothing is seen; a user who is not on the roster, whom unmatched_users shows
-- changed: 2026-11-30 first version
--    2026-12-01 deals that a user outside the roster created are left out
--    2026-12-01 a deal of whom nobody is known to have owned when it is said to have been created is its first known owner's
with owned as (
    select
        deal_creations.source,
        deal_creations.deal_id,
        deal_creations.created_at,
        -- A deal's known owners may begin with the CRM's first sight of it.
        coalesce(deal_creations.rep_id, first_owners.rep_id) as rep_id
    from core.deal_creations
    join core.deals
        on deals.source = deal_creations.source
        and deals.deal_id = deal_creations.deal_id
    left join core.deal_owner_spans as first_owners
        on first_owners.source = deals.source
        and first_owners.deal_id = deals.deal_id
        and deals.seen_at >= first_owners.starts_at
        and deals.seen_at < first_owners.until_at
)
select
    owned.source, -- the source's name in merit.yml
    owned.rep_id, -- who owned the deal when it was created, or when the CRM first had it
    owned.created_at as occurred_at, -- when it is said to have been created
    'deal' as record_type, -- the record is a deal
    owned.deal_id as record_id, -- the CRM's id of it
    coalesce(
        deals.seen_at > fn.add_days(owned.created_at, cast(fn.as_number(settings.value) as bigint)),
        false
    )
    -- Another system's deals come in with the days on which they were created there.
    and (deals.created_by is null or creators.rep_id is not null) as is_suspect, -- true: the CRM's own clock has it later by days, and somebody on the roster created it
    coalesce(
        'created, as it says, ' || fn.digits(fn.days(owned.created_at, deals.seen_at), 1)
            || ' days before the CRM first had it',
        'created; the CRM does not say when it first had it'
    ) as detail -- the gap, in words
from owned
join core.deals
    on deals.source = owned.source
    and deals.deal_id = owned.deal_id
left join core.rep_users as creators
    on creators.source = deals.source
    and creators.user_id = deals.created_by
join core.rep_assignments
    on rep_assignments.rep_id = owned.rep_id
    and owned.created_at >= rep_assignments.starts_at
    and owned.created_at < rep_assignments.ends_at
join plan.settings
    on settings.period = rep_assignments.period
    and settings.metric = 'timestamp_manipulation'
    and settings.name = 'days'
