-- deal_warnings: open deals that something should be done about, and what
-- grain: one row an open deal of somebody on the roster and warning
-- key: source, deal_id, warning
-- signal: silence in a pipeline, before it is a missed forecast
-- owner: sales management
-- parameters: no_activity_days: 14
--    ghosted_days: 14
--    least_contacts: 2
--    most_pushes: 2
--    stalled_visits: 20
-- not_null: source, deal_id, warning, rep_id, since_on, why
-- checks: warnings: warning in ('no_activity', 'ghosted', 'overdue', 'few_contacts', 'stalled', 'pushed')
--    no_time_to_come: since_on <= fn.today()
-- gaming: an activity logged to silence a warning; qualified_touch_rate tells what came of it. A setting of 0 switches a warning off
-- changed: 2026-12-01 first version
with periods as (
    select periods.period
    from plan.periods
    where periods.starts_at <= fn.as_of()
        and periods.ends_at > fn.as_of()
),
settings as (
    select
        max(case when settings.name = 'no_activity_days' then cast(settings.value as bigint) end) as no_activity_days,
        max(case when settings.name = 'ghosted_days' then cast(settings.value as bigint) end) as ghosted_days,
        max(case when settings.name = 'least_contacts' then cast(settings.value as bigint) end) as least_contacts,
        max(case when settings.name = 'most_pushes' then cast(settings.value as bigint) end) as most_pushes,
        max(case when settings.name = 'stalled_visits' then cast(settings.value as bigint) end) as stalled_visits
    from plan.settings
    join periods
        on periods.period = settings.period
    where settings.metric = 'deal_warnings'
),
roster as (
    select rep_days.rep_id
    from recognition.rep_days
    where rep_days.day_on = fn.today()
),
open_deals as (
    select
        deals.source,
        deals.deal_id,
        deals.rep_id,
        deals.name,
        deals.pipeline_id,
        deals.close_on,
        deals.created_at,
        deals.url
    from core.deals
    join roster
        on roster.rep_id = deals.rep_id
    left join core.duplicate_deals
        on duplicate_deals.source = deals.source
        and duplicate_deals.deal_id = deals.deal_id
    where not deals.is_closed
        and not deals.is_deleted
        and deals.created_at <= fn.as_of()
        and duplicate_deals.deal_id is null
),
-- An activity that names a deal in two ways is one.
touches as (
    select
        activity_subjects.source,
        activity_subjects.record_id as deal_id,
        activities.activity_id,
        max(coalesce(activities.occurred_at, activities.completed_at, activities.created_at)) as touched_at,
        max(case when activities.direction = 'inbound' then 1 else 0 end) = 1 as is_inbound,
        max(case when activities.direction = 'outbound' and activities.kind in ('call', 'email') then 1 else 0 end) = 1 as is_outbound
    from core.activity_subjects
    join staging.activities
        on activities.source = activity_subjects.source
        and activities.activity_id = activity_subjects.activity_id
    where activity_subjects.record_type = 'deal'
        and not activities.is_deleted
        and activities.is_completed
        and coalesce(activities.occurred_at, activities.completed_at, activities.created_at) <= fn.as_of()
    group by
        activity_subjects.source,
        activity_subjects.record_id,
        activities.activity_id
),
last_touches as (
    select
        touches.source,
        touches.deal_id,
        max(touches.touched_at) as touched_at,
        max(case when touches.is_inbound then touches.touched_at end) as answered_at
    from touches
    group by
        touches.source,
        touches.deal_id
),
unanswered as (
    select
        touches.source,
        touches.deal_id,
        count(*) as attempts,
        min(touches.touched_at) as first_at
    from touches
    join last_touches
        on last_touches.source = touches.source
        and last_touches.deal_id = touches.deal_id
    where touches.is_outbound
        and (last_touches.answered_at is null or touches.touched_at > last_touches.answered_at)
    group by
        touches.source,
        touches.deal_id
),
people as (
    select
        deal_people.source,
        deal_people.deal_id,
        count(*) as contacts
    from core.deal_people
    where not deal_people.is_deleted
    group by
        deal_people.source,
        deal_people.deal_id
),
stays as (
    select
        stage_visits.source,
        stage_visits.pipeline_id,
        stage_visits.stage_id,
        stage_visits.days,
        row_number() over (partition by stage_visits.source, stage_visits.pipeline_id, stage_visits.stage_id order by stage_visits.days) as place,
        count(*) over (partition by stage_visits.source, stage_visits.pipeline_id, stage_visits.stage_id) as places
    from core.stage_visits
    where stage_visits.days is not null
        and not stage_visits.is_closed
        and not stage_visits.is_deleted
        and not stage_visits.is_truncated
),
usual as (
    select
        stays.source,
        stays.pipeline_id,
        stays.stage_id,
        max(stays.places) as visits,
        min(case when stays.place >= 0.9 * stays.places then stays.days end) as days
    from stays
    group by
        stays.source,
        stays.pipeline_id,
        stays.stage_id
),
standing as (
    select
        stage_visits.source,
        stage_visits.deal_id,
        stage_visits.stage,
        stage_visits.pipeline_id,
        stage_visits.stage_id,
        stage_visits.entered_at,
        fn.days(stage_visits.entered_at, fn.as_of()) as days
    from core.stage_visits
    where stage_visits.exited_at is null
        and stage_visits.entered_at <= fn.as_of()
),
warned as (
    select
        open_deals.source, open_deals.deal_id, open_deals.rep_id, open_deals.name, open_deals.url,
        'no_activity' as warning,
        fn.day(coalesce(last_touches.touched_at, open_deals.created_at)) as since_on,
        settings.no_activity_days as usual_days,
        case when last_touches.touched_at is null then 'nothing was ever logged for it' else 'nothing was logged for it since' end as what
    from open_deals
    cross join settings
    left join last_touches
        on last_touches.source = open_deals.source
        and last_touches.deal_id = open_deals.deal_id
    where settings.no_activity_days > 0
        and fn.whole_days(fn.day(coalesce(last_touches.touched_at, open_deals.created_at)), fn.today()) > settings.no_activity_days
    union all
    select
        open_deals.source, open_deals.deal_id, open_deals.rep_id, open_deals.name, open_deals.url,
        'ghosted' as warning,
        fn.day(unanswered.first_at) as since_on,
        settings.ghosted_days as usual_days,
        'no answer to ' || cast(unanswered.attempts as string) || ' calls and emails' as what
    from open_deals
    cross join settings
    join unanswered
        on unanswered.source = open_deals.source
        and unanswered.deal_id = open_deals.deal_id
    where settings.ghosted_days > 0
        and unanswered.attempts >= 2
        and fn.whole_days(fn.day(unanswered.first_at), fn.today()) > settings.ghosted_days
    union all
    select
        open_deals.source, open_deals.deal_id, open_deals.rep_id, open_deals.name, open_deals.url,
        'overdue' as warning,
        open_deals.close_on as since_on,
        cast(null as bigint) as usual_days,
        'its close date is over' as what
    from open_deals
    where open_deals.close_on < fn.today()
    union all
    select
        open_deals.source, open_deals.deal_id, open_deals.rep_id, open_deals.name, open_deals.url,
        'few_contacts' as warning,
        fn.day(open_deals.created_at) as since_on,
        cast(null as bigint) as usual_days,
        cast(coalesce(people.contacts, 0) as string) || ' of at least ' || cast(settings.least_contacts as string) || ' contacts' as what
    from open_deals
    cross join settings
    left join people
        on people.source = open_deals.source
        and people.deal_id = open_deals.deal_id
    where settings.least_contacts > coalesce(people.contacts, 0)
    union all
    select
        open_deals.source, open_deals.deal_id, open_deals.rep_id, open_deals.name, open_deals.url,
        'stalled' as warning,
        fn.day(standing.entered_at) as since_on,
        cast(ceil(usual.days) as bigint) as usual_days,
        'longer in ' || standing.stage || ' than nine of ten of ' || cast(usual.visits as string) || ' deals before' as what
    from open_deals
    cross join settings
    join standing
        on standing.source = open_deals.source
        and standing.deal_id = open_deals.deal_id
    join usual
        on usual.source = standing.source
        and usual.pipeline_id = standing.pipeline_id
        and usual.stage_id = standing.stage_id
    where settings.stalled_visits > 0
        and usual.visits >= settings.stalled_visits
        and standing.days > usual.days
    union all
    select
        open_deals.source, open_deals.deal_id, open_deals.rep_id, open_deals.name, open_deals.url,
        'pushed' as warning,
        fn.day(open_deals.created_at) as since_on,
        cast(null as bigint) as usual_days,
        'its close date was moved later ' || cast(deal_fields_at_period_end.pushes as string) || ' times' as what
    from open_deals
    cross join settings
    join periods
        on 1 = 1
    join core.deal_fields_at_period_end
        on deal_fields_at_period_end.source = open_deals.source
        and deal_fields_at_period_end.deal_id = open_deals.deal_id
        and deal_fields_at_period_end.period = periods.period
    where settings.most_pushes > 0
        and deal_fields_at_period_end.pushes > settings.most_pushes
)
select
    warned.source, -- the source's name in merit.yml
    warned.deal_id, -- the CRM's id
    warned.warning, -- no_activity, ghosted (calls and emails, and no answer), overdue, few_contacts, stalled (longer in its stage than nine of ten) or pushed
    warned.rep_id, -- today's owner
    warned.name, -- the deal's name
    warned.since_on, -- since when; of few contacts and pushes the deal's first day
    fn.whole_days(warned.since_on, fn.today()) as days, -- how long
    warned.usual_days, -- from how many days on it is warned of; null: days do not matter
    warned.what || case when warned.warning in ('few_contacts', 'pushed') then '' else ': ' || cast(fn.whole_days(warned.since_on, fn.today()) as string) || ' days'
        || coalesce(', usual are up to ' || cast(warned.usual_days as string), '') end as why, -- the same in a sentence
    warned.url -- the record's page at the CRM
from warned
