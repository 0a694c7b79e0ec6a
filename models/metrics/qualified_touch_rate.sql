-- qualified_touch_rate: share of calls and emails that something came of
-- grain: one row a completed call or email that is old enough to be judged
-- key: source, record_id
-- signal: activity that leads somewhere, not activity for its own sake
-- owner: sales management
-- kpi: share of touches followed up
-- okr: conversations that move deals
-- value: ratio
-- unit: share
-- better: higher
-- parameters: within_days: 2
-- present: source, rep_id, occurred_at, record_type, record_id, numerator, denominator, is_truncated, detail
-- checks: none_or_one: numerator in (0, 1) and denominator = 1
-- games: the same text to the same person over and over, calls of no length; both count only below the line
-- changed: 2026-11-22 first version
with completed as (
    select
        activities.source,
        activities.activity_id,
        activities.kind,
        activities.deal_id,
        activities.account_id,
        activities.contact_id,
        activities.subject,
        activities.duration_seconds,
        coalesce(activities.occurred_at, activities.completed_at, activities.created_at) as touched_at,
        rep_users.rep_id
    from staging.activities
    join core.rep_users
        on rep_users.source = activities.source
        and rep_users.user_id = activities.owner_id
    where activities.kind in ('call', 'email')
        and activities.is_completed
        and not activities.is_deleted
),
touches as (
    select
        completed.source,
        completed.activity_id,
        completed.kind,
        completed.deal_id,
        completed.account_id,
        completed.contact_id,
        completed.duration_seconds,
        completed.touched_at,
        completed.rep_id,
        cast(settings.value as bigint) as within_days,
        completed.subject is not null and row_number() over (
            partition by
                completed.rep_id,
                completed.source,
                lower(trim(completed.subject)),
                coalesce(completed.contact_id, completed.deal_id, completed.account_id),
                fn.day(completed.touched_at)
            order by completed.touched_at, completed.activity_id
        ) > 1 as is_repeat
    from completed
    join core.rep_spans
        on rep_spans.rep_id = completed.rep_id
        and completed.touched_at >= rep_spans.starts_at
        and completed.touched_at < rep_spans.ends_at
    join plan.settings
        on settings.period = rep_spans.period
        and settings.metric = 'qualified_touch_rate'
        and settings.name = 'within_days'
),
follow_ups as (
    -- A meeting counts as booked when it was logged before it began.
    select
        activities.source,
        activities.deal_id,
        activities.account_id,
        activities.contact_id,
        activities.created_at as followed_at,
        activities.kind || ' ' || activities.activity_id as follow_up
    from staging.activities
    where not activities.is_deleted
        and activities.created_at <= fn.as_of()
        and (activities.kind = 'task' or (activities.kind = 'meeting' and activities.occurred_at >= activities.created_at))
    union all
    select
        deal_value_spans.source,
        deal_value_spans.deal_id,
        deals.account_id,
        deal_contacts.contact_id,
        deal_value_spans.starts_at as followed_at,
        'the next step of deal ' || deal_value_spans.deal_id as follow_up
    from core.deal_value_spans
    join staging.deals
        on deals.source = deal_value_spans.source
        and deals.deal_id = deal_value_spans.deal_id
    left join staging.deal_contacts
        on deal_contacts.source = deal_value_spans.source
        and deal_contacts.deal_id = deal_value_spans.deal_id
    where deal_value_spans.field = 'next_step'
        and trim(deal_value_spans.value) <> ''
        and deal_value_spans.value <> coalesce(deal_value_spans.previous_value, '')
        and not deals.is_deleted
),
-- Touches and follow-ups on one line for each deal, account and contact; at one instant the touch comes first.
moments as (
    select touches.source, 'deal' as about, touches.deal_id as about_id, touches.touched_at as happened_at, touches.activity_id, cast(null as string) as follow_up
    from touches
    where touches.deal_id is not null
    union all
    select touches.source, 'account' as about, touches.account_id as about_id, touches.touched_at as happened_at, touches.activity_id, cast(null as string) as follow_up
    from touches
    where touches.account_id is not null
    union all
    select touches.source, 'contact' as about, touches.contact_id as about_id, touches.touched_at as happened_at, touches.activity_id, cast(null as string) as follow_up
    from touches
    where touches.contact_id is not null
    union all
    select follow_ups.source, 'deal' as about, follow_ups.deal_id as about_id, follow_ups.followed_at as happened_at, cast(null as string) as activity_id, follow_ups.follow_up
    from follow_ups
    where follow_ups.deal_id is not null
    union all
    select follow_ups.source, 'account' as about, follow_ups.account_id as about_id, follow_ups.followed_at as happened_at, cast(null as string) as activity_id, follow_ups.follow_up
    from follow_ups
    where follow_ups.account_id is not null
    union all
    select follow_ups.source, 'contact' as about, follow_ups.contact_id as about_id, follow_ups.followed_at as happened_at, cast(null as string) as activity_id, follow_ups.follow_up
    from follow_ups
    where follow_ups.contact_id is not null
),
ahead as (
    select
        moments.source,
        moments.activity_id,
        first_value(case when moments.follow_up is not null then moments.happened_at end ignore nulls) over onward as followed_at,
        first_value(moments.follow_up ignore nulls) over onward as follow_up
    from moments
    window onward as (
        partition by moments.source, moments.about, moments.about_id
        order by
            moments.happened_at,
            case when moments.follow_up is null then 0 else 1 end,
            coalesce(moments.follow_up, moments.activity_id)
        rows between current row and unbounded following
    )
),
followed as (
    select
        ahead.source,
        ahead.activity_id,
        ahead.follow_up,
        row_number() over (
            partition by ahead.source, ahead.activity_id
            order by ahead.followed_at, ahead.follow_up
        ) as place
    from ahead
    join touches
        on touches.source = ahead.source
        and touches.activity_id = ahead.activity_id
    where ahead.followed_at <= fn.add_days(touches.touched_at, touches.within_days)
)
select
    touches.source, -- the source's name in merit.yml
    touches.rep_id, -- whose call or email it was
    touches.touched_at as occurred_at, -- when it took place
    'activity' as record_type, -- the record is an activity
    touches.activity_id as record_id, -- the CRM's id of it
    case
        when touches.is_repeat or touches.kind = 'call' and touches.duration_seconds = 0 then cast(0 as numeric(38, 9))
        when followed.activity_id is not null then cast(1 as numeric(38, 9))
        else cast(0 as numeric(38, 9))
    end as numerator, -- 1: a task, a booked meeting or a next step followed in time
    cast(1 as numeric(38, 9)) as denominator, -- one touch
    false as is_truncated, -- activities have no history that could be forgotten
    case
        when touches.is_repeat then touches.kind || ' that repeats an earlier one of the day: counts only below the line'
        when touches.kind = 'call' and touches.duration_seconds = 0 then 'call of no length: counts only below the line'
        when followed.activity_id is not null then touches.kind || ', followed up by ' || followed.follow_up
        else touches.kind || ', nothing followed within ' || cast(touches.within_days as string) || ' days'
    end as detail -- what came of it
from touches
left join followed
    on followed.source = touches.source
    and followed.activity_id = touches.activity_id
    and followed.place = 1
-- Younger touches still have time: they are left out, not counted against the rep.
where fn.add_days(touches.touched_at, touches.within_days) <= fn.as_of()
