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
-- control: own
-- spans: week month quarter
-- streams: activities
-- parameters: within_days: 2
-- not_null: source, rep_id, occurred_at, record_type, record_id, numerator, denominator, is_truncated, detail
-- checks: none_or_one: numerator in (0, 1) and denominator = 1
-- gaming: the same text to the same person over and over, calls of no length; both count only below the line
-- changed: 2026-11-22 first version
--    2026-11-22 repeats by text, all links of an activity, merged records as one, inbound e-mails left out
with touches as (
    select
        rep_activities.source,
        rep_activities.activity_id,
        rep_activities.kind,
        rep_activities.duration_seconds,
        rep_activities.occurred_at as touched_at,
        rep_activities.rep_id,
        cast(settings.value as bigint) as within_days,
        -- The same text; where it is not known, the same subject.
        coalesce(rep_activities.text_hash, rep_activities.subject) is not null and row_number() over (
            partition by
                rep_activities.rep_id,
                rep_activities.source,
                coalesce('text ' || rep_activities.text_hash, 'subject ' || lower(trim(rep_activities.subject))),
                coalesce(rep_activities.contact_id, rep_activities.deal_id, rep_activities.account_id),
                fn.day(rep_activities.occurred_at)
            order by rep_activities.occurred_at, rep_activities.activity_id
        ) > 1 as is_repeat
    from core.rep_activities
    join plan.periods
        on rep_activities.occurred_at >= periods.starts_at
        and rep_activities.occurred_at < periods.ends_at
    join plan.settings
        on settings.period = periods.period
        and settings.metric = 'qualified_touch_rate'
        and settings.name = 'within_days'
    where rep_activities.kind in ('call', 'email')
        and rep_activities.is_completed
        -- What a customer wrote is logged too, and no touch of the rep.
        and not (rep_activities.kind = 'email' and coalesce(lower(rep_activities.direction), '') = 'inbound')
),
next_steps as (
    select
        deal_value_spans.source,
        deal_value_spans.deal_id,
        deals.account_id,
        deal_value_spans.starts_at as followed_at,
        'the next step of deal ' || deal_value_spans.deal_id as follow_up
    from core.deal_value_spans
    join core.deals
        on deals.source = deal_value_spans.source
        and deals.deal_id = deal_value_spans.deal_id
    where deal_value_spans.field = 'next_step'
        and trim(deal_value_spans.value) <> ''
        and deal_value_spans.value <> coalesce(deal_value_spans.previous_value, '')
        and not deals.is_deleted
),
-- Touches and follow-ups on one line for each deal, account and contact; at one instant the touch comes first.
moments as (
    select
        touches.source,
        activity_subjects.record_type as about,
        activity_subjects.record_id as about_id,
        touches.touched_at as happened_at,
        touches.activity_id,
        cast(null as string) as follow_up
    from touches
    join core.activity_subjects
        on activity_subjects.source = touches.source
        and activity_subjects.activity_id = touches.activity_id
    union all
    -- A meeting counts as booked when it was logged before it began.
    select
        activities.source,
        activity_subjects.record_type as about,
        activity_subjects.record_id as about_id,
        activities.created_at as happened_at,
        cast(null as string) as activity_id,
        activities.kind || ' ' || activities.activity_id as follow_up
    from staging.activities
    join core.activity_subjects
        on activity_subjects.source = activities.source
        and activity_subjects.activity_id = activities.activity_id
    where not activities.is_deleted
        and activities.created_at <= fn.as_of()
        and (activities.kind = 'task' or (activities.kind = 'meeting' and activities.occurred_at >= activities.created_at))
    union all
    select next_steps.source, 'deal' as about, next_steps.deal_id as about_id, next_steps.followed_at as happened_at, cast(null as string) as activity_id, next_steps.follow_up
    from next_steps
    union all
    select next_steps.source, 'account' as about, next_steps.account_id as about_id, next_steps.followed_at as happened_at, cast(null as string) as activity_id, next_steps.follow_up
    from next_steps
    where next_steps.account_id is not null
    union all
    select next_steps.source, 'contact' as about, deal_people.contact_id as about_id, next_steps.followed_at as happened_at, cast(null as string) as activity_id, next_steps.follow_up
    from next_steps
    join core.deal_people
        on deal_people.source = next_steps.source
        and deal_people.deal_id = next_steps.deal_id
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
