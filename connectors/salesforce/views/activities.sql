-- activities: tasks (calls and e-mails among them), events, and the e-mails that no task logs
-- Not counted: the row that only defines a recurring series, and the copy of an
-- event that each invitee has beside the organiser's. Nor are e-mails about cases.
-- A record that has not changed since a complete list of all ids, and was not in it, is gone
with complete_tasks as (
    select max(listing.listed_at) as listed_at
    from raw.Task_ids as listing
    where listing.record_id = '*'
),

complete_events as (
    select max(listing.listed_at) as listed_at
    from raw.Event_ids as listing
    where listing.record_id = '*'
),

-- the e-mail that a task logs says whether it came in
logged_mails as (
    select
        mails.ActivityId,
        max(case when mails.Incoming then 1 else 0 end) as is_incoming
    from raw.EmailMessage as mails
    where mails.ActivityId is not null
    group by mails.ActivityId
),

tasks as (
    select
        tasks.Id,
        case
            when tasks.TaskSubtype = 'Call' then 'call'
            when tasks.TaskSubtype in ('Email', 'ListEmail') then 'email'
            when lower(tasks.Type) = 'call' then 'call'
            when lower(tasks.Type) in ('email', 'e-mail') then 'email'
            when lower(tasks.Type) = 'meeting' then 'meeting'
            else 'task'
        end as kind,
        tasks.Type,
        tasks.OwnerId,
        tasks.WhatId,
        tasks.AccountId,
        tasks.WhoId,
        tasks.Subject,
        tasks.ActivityDate,
        tasks.CompletedDateTime,
        coalesce(tasks.IsClosed, false) as is_completed,
        tasks.CallDurationInSeconds,
        case
            when tasks.CallType = 'Inbound' or logged_mails.is_incoming = 1 then 'inbound'
            when tasks.CallType = 'Outbound' or logged_mails.is_incoming = 0 or tasks.TaskSubtype = 'ListEmail' then 'outbound'
        end as direction,
        tasks.CreatedDate,
        coalesce(tasks.merit_deleted, false)
            or coalesce(tasks.SystemModstamp < complete_tasks.listed_at and coalesce(listing.listed_at < complete_tasks.listed_at, true), false) as is_deleted
    from raw.Task as tasks
    cross join complete_tasks
    left join raw.Task_ids as listing on listing.record_id = tasks.Id
    left join logged_mails on logged_mails.ActivityId = tasks.Id
    where not coalesce(tasks.IsRecurrence, false)
),

complete_mails as (
    select max(listing.listed_at) as listed_at
    from raw.EmailMessage_ids as listing
    where listing.record_id = '*'
),

mails as (
    select
        mails.Id,
        mails.CreatedById,
        mails.RelatedToId,
        mails.Subject,
        coalesce(mails.Incoming, false) as is_incoming,
        coalesce(mails.MessageDate, mails.CreatedDate) as occurred_at,
        coalesce(mails.Status, '') <> '5' as is_completed, -- 5 is a draft
        mails.CreatedDate,
        coalesce(mails.merit_deleted, false)
            or coalesce(mails.SystemModstamp < complete_mails.listed_at and coalesce(listing.listed_at < complete_mails.listed_at, true), false) as is_deleted
    from raw.EmailMessage as mails
    cross join complete_mails
    left join raw.EmailMessage_ids as listing on listing.record_id = mails.Id
    where mails.ActivityId is null
        and (mails.ParentId is null or mails.RelatedToId is not null and mails.RelatedToId <> mails.ParentId)
),

events as (
    select
        events.Id,
        events.Type,
        events.OwnerId,
        events.WhatId,
        events.AccountId,
        events.WhoId,
        events.Subject,
        case
            when events.IsAllDayEvent and events.ActivityDate is not null then fn.midnight(events.ActivityDate)
            else coalesce(events.StartDateTime, events.ActivityDateTime)
        end as starts_at,
        events.EndDateTime,
        events.DurationInMinutes,
        events.CreatedDate,
        coalesce(events.merit_deleted, false)
            or coalesce(events.SystemModstamp < complete_events.listed_at and coalesce(listing.listed_at < complete_events.listed_at, true), false) as is_deleted
    from raw.Event as events
    cross join complete_events
    left join raw.Event_ids as listing on listing.record_id = events.Id
    where not coalesce(events.IsChild, false)
        and not coalesce(events.IsRecurrence, false)
)

select
    tasks.Id as activity_id,
    tasks.kind as kind,
    tasks.Type as subtype,
    tasks.OwnerId as owner_id,
    case when substr(tasks.WhatId, 1, 3) = '006' then tasks.WhatId end as deal_id,
    case when substr(tasks.WhatId, 1, 3) = '001' then tasks.WhatId else tasks.AccountId end as account_id,
    case when substr(tasks.WhoId, 1, 3) = '003' then tasks.WhoId end as contact_id,
    tasks.Subject as subject,
    -- a task has a date only; of what was done, the instant on that date is known
    case
        when tasks.kind = 'task' then coalesce(fn.midnight(tasks.ActivityDate), tasks.CreatedDate)
        when tasks.ActivityDate is null then coalesce(tasks.CompletedDateTime, tasks.CreatedDate)
        when fn.day(tasks.CompletedDateTime) = tasks.ActivityDate then tasks.CompletedDateTime
        when fn.day(tasks.CreatedDate) = tasks.ActivityDate then tasks.CreatedDate
        else fn.midnight(tasks.ActivityDate)
    end as occurred_at,
    case when tasks.is_completed then tasks.CompletedDateTime end as completed_at,
    tasks.is_completed as is_completed,
    cast(tasks.CallDurationInSeconds as bigint) as duration_seconds,
    tasks.CreatedDate as created_at,
    tasks.is_deleted as is_deleted,
    tasks.direction as direction,
    cast(null as string) as text_hash
from tasks
union all
select
    events.Id as activity_id,
    'meeting' as kind,
    events.Type as subtype,
    events.OwnerId as owner_id,
    case when substr(events.WhatId, 1, 3) = '006' then events.WhatId end as deal_id,
    case when substr(events.WhatId, 1, 3) = '001' then events.WhatId else events.AccountId end as account_id,
    case when substr(events.WhoId, 1, 3) = '003' then events.WhoId end as contact_id,
    events.Subject as subject,
    events.starts_at as occurred_at,
    cast(null as timestamp with time zone) as completed_at,
    cast(null as boolean) as is_completed,
    cast(fn.number(events.DurationInMinutes) * 60 as bigint) as duration_seconds,
    events.CreatedDate as created_at,
    events.is_deleted as is_deleted,
    cast(null as string) as direction,
    cast(null as string) as text_hash
from events
union all
select
    mails.Id as activity_id,
    'email' as kind,
    cast(null as string) as subtype,
    mails.CreatedById as owner_id,
    case when substr(mails.RelatedToId, 1, 3) = '006' then mails.RelatedToId end as deal_id,
    case when substr(mails.RelatedToId, 1, 3) = '001' then mails.RelatedToId end as account_id,
    cast(null as string) as contact_id,
    mails.Subject as subject,
    mails.occurred_at as occurred_at,
    case when mails.is_completed then mails.occurred_at end as completed_at,
    mails.is_completed as is_completed,
    cast(null as bigint) as duration_seconds,
    mails.CreatedDate as created_at,
    mails.is_deleted as is_deleted,
    case when mails.is_incoming then 'inbound' else 'outbound' end as direction,
    cast(null as string) as text_hash
from mails
