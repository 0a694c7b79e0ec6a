-- activities: calls, emails, meetings, tasks and notes. Row 0 of a list of links is
-- the primary one
-- A record that has not changed since a complete list of all ids, and was not in it,
-- is gone
with
complete_calls as (
    select
        call_ids.listed_at
    from raw.call_ids as call_ids
    where call_ids.record_id = '*'
),

gone_calls as (
    select
        calls.hs_object_id
    from raw.calls as calls
    join complete_calls
        on calls.hs_lastmodifieddate < complete_calls.listed_at
    left join raw.call_ids as sightings
        on calls.hs_object_id = sightings.record_id
        and sightings.listed_at >= complete_calls.listed_at
    where sightings.record_id is null
),

complete_emails as (
    select
        email_ids.listed_at
    from raw.email_ids as email_ids
    where email_ids.record_id = '*'
),

gone_emails as (
    select
        emails.hs_object_id
    from raw.emails as emails
    join complete_emails
        on emails.hs_lastmodifieddate < complete_emails.listed_at
    left join raw.email_ids as sightings
        on emails.hs_object_id = sightings.record_id
        and sightings.listed_at >= complete_emails.listed_at
    where sightings.record_id is null
),

complete_meetings as (
    select
        meeting_ids.listed_at
    from raw.meeting_ids as meeting_ids
    where meeting_ids.record_id = '*'
),

gone_meetings as (
    select
        meetings.hs_object_id
    from raw.meetings as meetings
    join complete_meetings
        on meetings.hs_lastmodifieddate < complete_meetings.listed_at
    left join raw.meeting_ids as sightings
        on meetings.hs_object_id = sightings.record_id
        and sightings.listed_at >= complete_meetings.listed_at
    where sightings.record_id is null
),

complete_tasks as (
    select
        task_ids.listed_at
    from raw.task_ids as task_ids
    where task_ids.record_id = '*'
),

gone_tasks as (
    select
        tasks.hs_object_id
    from raw.tasks as tasks
    join complete_tasks
        on tasks.hs_lastmodifieddate < complete_tasks.listed_at
    left join raw.task_ids as sightings
        on tasks.hs_object_id = sightings.record_id
        and sightings.listed_at >= complete_tasks.listed_at
    where sightings.record_id is null
),

complete_notes as (
    select
        note_ids.listed_at
    from raw.note_ids as note_ids
    where note_ids.record_id = '*'
),

gone_notes as (
    select
        notes.hs_object_id
    from raw.notes as notes
    join complete_notes
        on notes.hs_lastmodifieddate < complete_notes.listed_at
    left join raw.note_ids as sightings
        on notes.hs_object_id = sightings.record_id
        and sightings.listed_at >= complete_notes.listed_at
    where sightings.record_id is null
)

select
    calls.hs_object_id as activity_id,
    'call' as kind,
    calls.hs_activity_type as subtype,
    calls.hubspot_owner_id as owner_id,
    deals.to_id as deal_id,
    companies.to_id as account_id,
    contacts.to_id as contact_id,
    calls.hs_call_title as subject,
    calls.hs_timestamp as occurred_at,
    cast(null as timestamp with time zone) as completed_at,
    coalesce(calls.hs_call_status, '') = 'COMPLETED' as is_completed,
    cast(floor(calls.hs_call_duration * cast(0.001 as numeric(6, 3))) as bigint) as duration_seconds,
    calls.hs_createdate as created_at,
    calls._deleted or gone_calls.hs_object_id is not null as is_deleted,
    cast(null as string) as direction,
    cast(null as string) as text_hash
from raw.calls as calls
left join gone_calls
    on calls.hs_object_id = gone_calls.hs_object_id
left join raw.call_links as deals
    on calls.hs_object_id = deals.from_id
    and deals.to_type = 'deal'
    and deals.ordinal = 0
left join raw.call_links as companies
    on calls.hs_object_id = companies.from_id
    and companies.to_type = 'company'
    and companies.ordinal = 0
left join raw.call_links as contacts
    on calls.hs_object_id = contacts.from_id
    and contacts.to_type = 'contact'
    and contacts.ordinal = 0

union all

select
    emails.hs_object_id as activity_id,
    'email' as kind,
    emails.hs_email_direction as subtype,
    emails.hubspot_owner_id as owner_id,
    deals.to_id as deal_id,
    companies.to_id as account_id,
    contacts.to_id as contact_id,
    emails.hs_email_subject as subject,
    emails.hs_timestamp as occurred_at,
    cast(null as timestamp with time zone) as completed_at,
    coalesce(emails.hs_email_status, '') = 'SENT' as is_completed,
    cast(null as bigint) as duration_seconds,
    emails.hs_createdate as created_at,
    emails._deleted or gone_emails.hs_object_id is not null as is_deleted,
    case
        when emails.hs_email_direction = 'EMAIL' then 'outbound'
        when emails.hs_email_direction = 'INCOMING_EMAIL' then 'inbound'
    end as direction,
    cast(null as string) as text_hash
from raw.emails as emails
left join gone_emails
    on emails.hs_object_id = gone_emails.hs_object_id
left join raw.email_links as deals
    on emails.hs_object_id = deals.from_id
    and deals.to_type = 'deal'
    and deals.ordinal = 0
left join raw.email_links as companies
    on emails.hs_object_id = companies.from_id
    and companies.to_type = 'company'
    and companies.ordinal = 0
left join raw.email_links as contacts
    on emails.hs_object_id = contacts.from_id
    and contacts.to_type = 'contact'
    and contacts.ordinal = 0

union all

select
    meetings.hs_object_id as activity_id,
    'meeting' as kind,
    meetings.hs_activity_type as subtype,
    meetings.hubspot_owner_id as owner_id,
    deals.to_id as deal_id,
    companies.to_id as account_id,
    contacts.to_id as contact_id,
    meetings.hs_meeting_title as subject,
    coalesce(meetings.hs_meeting_start_time, meetings.hs_timestamp) as occurred_at,
    cast(null as timestamp with time zone) as completed_at,
    case
        when meetings.hs_meeting_outcome is not null then meetings.hs_meeting_outcome = 'COMPLETED'
        else coalesce(coalesce(meetings.hs_meeting_start_time, meetings.hs_timestamp) < fn.as_of(), false)
    end as is_completed,
    cast(fn.minutes(meetings.hs_meeting_start_time, meetings.hs_meeting_end_time) * 60 as bigint) as duration_seconds,
    meetings.hs_createdate as created_at,
    meetings._deleted or gone_meetings.hs_object_id is not null as is_deleted,
    cast(null as string) as direction,
    cast(null as string) as text_hash
from raw.meetings as meetings
left join gone_meetings
    on meetings.hs_object_id = gone_meetings.hs_object_id
left join raw.meeting_links as deals
    on meetings.hs_object_id = deals.from_id
    and deals.to_type = 'deal'
    and deals.ordinal = 0
left join raw.meeting_links as companies
    on meetings.hs_object_id = companies.from_id
    and companies.to_type = 'company'
    and companies.ordinal = 0
left join raw.meeting_links as contacts
    on meetings.hs_object_id = contacts.from_id
    and contacts.to_type = 'contact'
    and contacts.ordinal = 0

union all

select
    tasks.hs_object_id as activity_id,
    'task' as kind,
    tasks.hs_task_type as subtype,
    tasks.hubspot_owner_id as owner_id,
    deals.to_id as deal_id,
    companies.to_id as account_id,
    contacts.to_id as contact_id,
    tasks.hs_task_subject as subject,
    tasks.hs_timestamp as occurred_at,
    case when tasks.hs_task_status = 'COMPLETED' then tasks.hs_task_completion_date end as completed_at,
    coalesce(tasks.hs_task_status, '') = 'COMPLETED' as is_completed,
    cast(null as bigint) as duration_seconds,
    tasks.hs_createdate as created_at,
    tasks._deleted or gone_tasks.hs_object_id is not null as is_deleted,
    cast(null as string) as direction,
    cast(null as string) as text_hash
from raw.tasks as tasks
left join gone_tasks
    on tasks.hs_object_id = gone_tasks.hs_object_id
left join raw.task_links as deals
    on tasks.hs_object_id = deals.from_id
    and deals.to_type = 'deal'
    and deals.ordinal = 0
left join raw.task_links as companies
    on tasks.hs_object_id = companies.from_id
    and companies.to_type = 'company'
    and companies.ordinal = 0
left join raw.task_links as contacts
    on tasks.hs_object_id = contacts.from_id
    and contacts.to_type = 'contact'
    and contacts.ordinal = 0

union all

select
    notes.hs_object_id as activity_id,
    'note' as kind,
    cast(null as string) as subtype,
    notes.hubspot_owner_id as owner_id,
    deals.to_id as deal_id,
    companies.to_id as account_id,
    contacts.to_id as contact_id,
    cast(null as string) as subject,
    notes.hs_timestamp as occurred_at,
    cast(null as timestamp with time zone) as completed_at,
    true as is_completed,
    cast(null as bigint) as duration_seconds,
    notes.hs_createdate as created_at,
    notes._deleted or gone_notes.hs_object_id is not null as is_deleted,
    cast(null as string) as direction,
    cast(null as string) as text_hash
from raw.notes as notes
left join gone_notes
    on notes.hs_object_id = gone_notes.hs_object_id
left join raw.note_links as deals
    on notes.hs_object_id = deals.from_id
    and deals.to_type = 'deal'
    and deals.ordinal = 0
left join raw.note_links as companies
    on notes.hs_object_id = companies.from_id
    and companies.to_type = 'company'
    and companies.ordinal = 0
left join raw.note_links as contacts
    on notes.hs_object_id = contacts.from_id
    and contacts.to_type = 'contact'
    and contacts.ordinal = 0
