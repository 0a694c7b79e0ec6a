-- activity_links: every deal, account and contact that a task or event is about
-- Without shared activities there are no relations: then one person and one record are
-- all that an activity names.
with named as (
    select tasks.Id as activity_id, tasks.WhatId as record_id from raw.Task as tasks
    union all
    select tasks.Id as activity_id, tasks.WhoId as record_id from raw.Task as tasks
    union all
    select tasks.Id as activity_id, tasks.AccountId as record_id from raw.Task as tasks
    union all
    select events.Id as activity_id, events.WhatId as record_id from raw.Event as events
    union all
    select events.Id as activity_id, events.WhoId as record_id from raw.Event as events
    union all
    select events.Id as activity_id, events.AccountId as record_id from raw.Event as events
    union all
    select mails.Id as activity_id, mails.RelatedToId as record_id
    from raw.EmailMessage as mails
    where mails.ActivityId is null
    union all
    select relations.TaskId as activity_id, relations.RelationId as record_id
    from raw.TaskRelation as relations
    where not coalesce(relations.merit_deleted, false)
    union all
    select relations.EventId as activity_id, relations.RelationId as record_id
    from raw.EventRelation as relations
    where not coalesce(relations.merit_deleted, false)
),

kinds as (
    select
        named.activity_id,
        case substr(named.record_id, 1, 3)
            when '006' then 'deal'
            when '001' then 'account'
            when '003' then 'contact'
        end as record_type,
        named.record_id
    from named
    where named.activity_id is not null
)

select distinct
    kinds.activity_id as activity_id,
    kinds.record_type as record_type,
    kinds.record_id as record_id
from kinds
where kinds.record_type is not null
