-- duplicate_activity: the same text to the same person, three times or more a day
-- grain: one row a completed call or email of the rep's own
-- key: source, rep_id, record_id
-- signal: activity that was copied to raise a count
-- owner: sales management
-- severity: high
-- test: share
-- span: period
-- parameters: least: 10
--    a_day: 3
-- not_null: source, rep_id, occurred_at, record_type, record_id, is_suspect, detail
-- gaming: changing a word in each text; empty_calls and qualified_touch_rate show activity that leads nowhere
-- changed: 2026-11-30 first version
with touches as (
    select
        rep_activities.source,
        rep_activities.rep_id,
        rep_activities.activity_id,
        rep_activities.kind,
        rep_activities.occurred_at,
        cast(fn.as_number(settings.value) as bigint) as a_day,
        -- The same text; where it is not known, the same subject.
        coalesce(rep_activities.text_hash, rep_activities.subject) is not null as has_text,
        coalesce('text ' || rep_activities.text_hash, 'subject ' || lower(trim(rep_activities.subject))) as said,
        coalesce(rep_activities.contact_id, rep_activities.deal_id, rep_activities.account_id, rep_activities.activity_id) as to_whom,
        fn.day(rep_activities.occurred_at) as day_on
    from core.rep_activities
    join core.rep_assignments
        on rep_assignments.rep_id = rep_activities.rep_id
        and rep_activities.occurred_at >= rep_assignments.starts_at
        and rep_activities.occurred_at < rep_assignments.ends_at
    join plan.settings
        on settings.period = rep_assignments.period
        and settings.metric = 'duplicate_activity'
        and settings.name = 'a_day'
    where rep_activities.kind in ('call', 'email')
        and rep_activities.is_completed
        and coalesce(lower(rep_activities.direction), '') <> 'inbound'
        and rep_activities.occurred_at <= fn.as_of()
),
counted as (
    select
        touches.source,
        touches.rep_id,
        touches.activity_id,
        touches.kind,
        touches.occurred_at,
        touches.a_day,
        touches.has_text,
        count(*) over same as copies,
        row_number() over (
            partition by touches.source, touches.rep_id, touches.kind, touches.said, touches.to_whom, touches.day_on
            order by touches.occurred_at, touches.activity_id
        ) as place
    from touches
    window same as (
        partition by touches.source, touches.rep_id, touches.kind, touches.said, touches.to_whom, touches.day_on
    )
)
select
    counted.source, -- the source's name in merit.yml
    counted.rep_id, -- whose work it was
    counted.occurred_at, -- when it took place
    'activity' as record_type, -- the record is an activity
    counted.activity_id as record_id, -- the CRM's id of it
    counted.has_text and counted.copies >= counted.a_day and counted.place > 1 as is_suspect, -- true: a copy; the first of its kind that day is none
    counted.kind || case
        when counted.has_text and counted.copies >= counted.a_day
            then ', number ' || cast(counted.place as string) || ' of ' || cast(counted.copies as string) || ' alike that day'
        else ''
    end as detail -- the activity, in words
from counted
