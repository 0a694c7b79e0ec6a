-- activities: calls, emails, meetings, tasks and notes. What they have in common is
-- said once, below; what each kind says in its own words comes first. Row 0 of a
-- list of links is the primary one
-- A record that has not changed since a complete list of all ids, and was not in it,
-- is gone
with records as (
    select
        'call' as kind, calls.hs_object_id as record_id, calls.hs_activity_type as subtype, calls.hubspot_owner_id as owner_id,
        calls.hs_call_title as subject, calls.hs_timestamp as occurred_at, cast(null as timestamp with time zone) as completed_at,
        coalesce(calls.hs_call_status, '') = 'COMPLETED' as is_completed,
        cast(floor(fn.number(calls.hs_call_duration) * cast(0.001 as numeric(6, 3))) as bigint) as duration_seconds,
        calls.hs_createdate as created_at, calls.merit_deleted as is_binned, calls.hs_lastmodifieddate as changed_at,
        lower(calls.hs_call_direction) as direction
    from raw.calls as calls
    union all
    select
        'email' as kind, emails.hs_object_id as record_id, emails.hs_email_direction as subtype, emails.hubspot_owner_id as owner_id,
        emails.hs_email_subject as subject, emails.hs_timestamp as occurred_at, cast(null as timestamp with time zone) as completed_at,
        coalesce(emails.hs_email_status, '') = 'SENT' as is_completed,
        cast(null as bigint) as duration_seconds,
        emails.hs_createdate as created_at, emails.merit_deleted as is_binned, emails.hs_lastmodifieddate as changed_at,
        case emails.hs_email_direction when 'EMAIL' then 'outbound' when 'INCOMING_EMAIL' then 'inbound' end as direction
    from raw.emails as emails
    union all
    select
        'meeting' as kind, meetings.hs_object_id as record_id, meetings.hs_activity_type as subtype, meetings.hubspot_owner_id as owner_id,
        meetings.hs_meeting_title as subject, coalesce(meetings.hs_meeting_start_time, meetings.hs_timestamp) as occurred_at,
        cast(null as timestamp with time zone) as completed_at,
        case
            when meetings.hs_meeting_outcome is not null then meetings.hs_meeting_outcome = 'COMPLETED'
        end as is_completed,
        cast(fn.minutes(meetings.hs_meeting_start_time, meetings.hs_meeting_end_time) * 60 as bigint) as duration_seconds,
        meetings.hs_createdate as created_at, meetings.merit_deleted as is_binned, meetings.hs_lastmodifieddate as changed_at,
        cast(null as string) as direction
    from raw.meetings as meetings
    union all
    select
        'task' as kind, tasks.hs_object_id as record_id, tasks.hs_task_type as subtype, tasks.hubspot_owner_id as owner_id,
        tasks.hs_task_subject as subject, tasks.hs_timestamp as occurred_at,
        case when tasks.hs_task_status = 'COMPLETED' then tasks.hs_task_completion_date end as completed_at,
        coalesce(tasks.hs_task_status, '') = 'COMPLETED' as is_completed,
        cast(null as bigint) as duration_seconds,
        tasks.hs_createdate as created_at, tasks.merit_deleted as is_binned, tasks.hs_lastmodifieddate as changed_at,
        cast(null as string) as direction
    from raw.tasks as tasks
    union all
    select
        'note' as kind, notes.hs_object_id as record_id, cast(null as string) as subtype, notes.hubspot_owner_id as owner_id,
        cast(null as string) as subject, notes.hs_timestamp as occurred_at, cast(null as timestamp with time zone) as completed_at,
        true as is_completed,
        cast(null as bigint) as duration_seconds,
        notes.hs_createdate as created_at, notes.merit_deleted as is_binned, notes.hs_lastmodifieddate as changed_at,
        cast(null as string) as direction
    from raw.notes as notes
),

links as (
    select 'call' as kind, links.from_id, links.to_type, links.to_id
    from raw.call_links as links
    where links.ordinal = 0
    union all
    select 'email' as kind, links.from_id, links.to_type, links.to_id
    from raw.email_links as links
    where links.ordinal = 0
    union all
    select 'meeting' as kind, links.from_id, links.to_type, links.to_id
    from raw.meeting_links as links
    where links.ordinal = 0
    union all
    select 'task' as kind, links.from_id, links.to_type, links.to_id
    from raw.task_links as links
    where links.ordinal = 0
    union all
    select 'note' as kind, links.from_id, links.to_type, links.to_id
    from raw.note_links as links
    where links.ordinal = 0
),

listings as (
    select 'call' as kind, listings.record_id, listings.listed_at
    from raw.call_ids as listings
    union all
    select 'email' as kind, listings.record_id, listings.listed_at
    from raw.email_ids as listings
    union all
    select 'meeting' as kind, listings.record_id, listings.listed_at
    from raw.meeting_ids as listings
    union all
    select 'task' as kind, listings.record_id, listings.listed_at
    from raw.task_ids as listings
    union all
    select 'note' as kind, listings.record_id, listings.listed_at
    from raw.note_ids as listings
),

complete as (
    select listings.kind, listings.listed_at
    from listings
    where listings.record_id = '*'
)

select
    records.record_id as activity_id,
    records.kind as kind,
    records.subtype as subtype,
    records.owner_id as owner_id,
    deals.to_id as deal_id,
    companies.to_id as account_id,
    contacts.to_id as contact_id,
    records.subject as subject,
    records.occurred_at as occurred_at,
    records.completed_at as completed_at,
    records.is_completed as is_completed,
    records.duration_seconds as duration_seconds,
    records.created_at as created_at,
    records.is_binned
        or coalesce(records.changed_at < complete.listed_at and coalesce(listings.listed_at < complete.listed_at, true), false) as is_deleted,
    records.direction as direction,
    cast(null as string) as text_hash -- texts are not asked for
from records
left join links as deals
    on records.kind = deals.kind
    and records.record_id = deals.from_id
    and deals.to_type = 'deal'
left join links as companies
    on records.kind = companies.kind
    and records.record_id = companies.from_id
    and companies.to_type = 'company'
left join links as contacts
    on records.kind = contacts.kind
    and records.record_id = contacts.from_id
    and contacts.to_type = 'contact'
left join complete
    on records.kind = complete.kind
left join listings
    on records.kind = listings.kind
    and records.record_id = listings.record_id
