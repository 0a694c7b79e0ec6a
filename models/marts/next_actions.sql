-- next_actions: what each person can do next, with what the score gains by it, and what became of earlier advice
-- grain: one row an action, those that stand and those that an earlier build showed
-- key: action_id
-- signal: what should I do differently today
-- owner: sales management
-- parameters: follow_days: 7
-- not_null: action_id, rep_id, kind, metric, source, record_type, record_id, why, state, suggested_at
-- checks: states: state in ('open', 'followed', 'gone')
--    kinds: kind in ('mend_deal', 'move_deal', 'clear_follow_up')
--    followed_at_a_time: (followed_at is not null) = (state = 'followed')
-- gaming: filling a field with a dot earns the points once; the same metric's own checks catch it, and no pay depends on advice
-- changed: 2026-12-01 first version
with running as (
    select
        periods.period,
        max(case when settings.name = 'follow_days' then cast(settings.value as bigint) end) as follow_days
    from plan.periods
    join plan.settings
        on settings.period = periods.period
        and settings.metric = 'next_actions'
    where periods.starts_at <= fn.as_of()
        and periods.ends_at > fn.as_of()
    group by periods.period
),
lacking as (
    select
        deal_hygiene.source,
        deal_hygiene.deal_id,
        deal_hygiene.rep_id,
        deal_hygiene.period,
        deal_hygiene.score,
        deal_hygiene.missing,
        deal_hygiene.close_on,
        hygiene_rules.fields_weight,
        hygiene_rules.close_date_weight,
        hygiene_rules.contact_weight,
        deal_hygiene.required_fields,
        hygiene_rules.unknown_fields,
        -- A date that was pushed too often stays pushed; moving one that is over is one push more.
        case
            when deal_hygiene.has_honest_close_date then true
            when deal_hygiene.close_on is null then deal_hygiene.pushes <= hygiene_rules.max_pushes
            else deal_hygiene.pushes + 1 <= hygiene_rules.max_pushes
        end as can_be_dated
    from core.deal_hygiene
    join running
        on running.period = deal_hygiene.period
    join core.hygiene_rules
        on hygiene_rules.period = deal_hygiene.period
    where not deal_hygiene.is_closed
        and deal_hygiene.missing is not null
),
mended as (
    select
        lacking.source,
        lacking.deal_id,
        lacking.rep_id,
        lacking.period,
        lacking.score,
        lacking.missing,
        lacking.close_on,
        cast(
            fn.ratio(
                lacking.fields_weight * coalesce(fn.ratio(lacking.required_fields - lacking.unknown_fields, lacking.required_fields), 1)
                + case when lacking.can_be_dated then lacking.close_date_weight else 0 end
                + lacking.contact_weight,
                lacking.fields_weight + lacking.close_date_weight + lacking.contact_weight
            ) as numeric(18, 6)
        ) as score_after
    from lacking
),
furthest as (
    select
        stage_visits.source,
        stage_visits.deal_id
    from core.stage_visits
    where stage_visits.exited_at is null
        and (stage_visits.is_new_furthest or stage_visits.visit_number = 1)
),
named_moves as (
    select settings.period
    from plan.settings
    where settings.metric = 'stage_advances'
        and settings.name = 'move'
    group by settings.period
),
found as (
    select
        'mend_deal' as kind,
        'hygiene_score' as metric,
        mended.rep_id,
        mended.period,
        mended.source,
        'deal' as record_type,
        mended.deal_id as record_id,
        mended.close_on as due_on,
        fn.ratio(mended.score_after - mended.score, 1) as step,
        true as is_mean,
        'put in order: ' || replace(mended.missing, '_', ' ') as what
    from mended
    where mended.score_after > mended.score
    union all
    select
        'move_deal' as kind,
        'stage_advances' as metric,
        deal_warnings.rep_id,
        running.period,
        deal_warnings.source,
        'deal' as record_type,
        deal_warnings.deal_id as record_id,
        deals.close_on as due_on,
        cast(1 as double) as step,
        false as is_mean,
        'bring it one stage forward, or close it: ' || deal_warnings.why as what
    from marts.deal_warnings
    join furthest
        on furthest.source = deal_warnings.source
        and furthest.deal_id = deal_warnings.deal_id
    join core.deals
        on deals.source = deal_warnings.source
        and deals.deal_id = deal_warnings.deal_id
    cross join running
    left join named_moves
        on named_moves.period = running.period
    where deal_warnings.warning = 'stalled'
        -- Where the plan counts certain moves only, which one it would be is not known.
        and named_moves.period is null
    union all
    select
        'clear_follow_up' as kind,
        'overdue_follow_ups_cleared' as metric,
        rep_activities.rep_id,
        running.period,
        rep_activities.source,
        'activity' as record_type,
        rep_activities.activity_id as record_id,
        fn.day(rep_activities.occurred_at) as due_on,
        cast(1 as double) as step,
        false as is_mean,
        'do what was due on ' || cast(fn.day(rep_activities.occurred_at) as string) as what
    from core.rep_activities
    cross join running
    where rep_activities.kind = 'task'
        and not rep_activities.is_completed
        and fn.day(rep_activities.occurred_at) < fn.today()
        and fn.day(rep_activities.created_at) <= fn.day(rep_activities.occurred_at)
),
reckoned as (
    select
        found.kind,
        found.metric,
        found.rep_id,
        found.period,
        found.source,
        found.record_type,
        found.record_id,
        found.due_on,
        found.what,
        score_sums.weight,
        score_sums.weight_used,
        score_sums.points_weight,
        score_sums.attainment,
        score_sums.cap,
        100 * fn.ratio(
            score_sums.value + case when found.is_mean then fn.ratio(found.step, score_sums.denominator) else found.step end - score_sums.floor_value,
            score_sums.target_value - score_sums.floor_value
        ) as reached
    from found
    join recognition.rep_days
        on rep_days.rep_id = found.rep_id
        and rep_days.day_on = fn.today()
    left join recognition.score_sums
        on score_sums.rep_id = found.rep_id
        and score_sums.period = found.period
        and score_sums.metric = found.metric
),
gained as (
    select
        reckoned.kind,
        reckoned.metric,
        reckoned.rep_id,
        reckoned.period,
        reckoned.source,
        reckoned.record_type,
        reckoned.record_id,
        reckoned.due_on,
        reckoned.what,
        -- Both scores are rounded, as the plan rounds them, before one is taken from the other.
        cast(round(cast(fn.ratio(
            reckoned.points_weight + reckoned.weight * (
                case
                    when reckoned.reached < 0 then cast(0 as numeric(18, 9))
                    when reckoned.reached > reckoned.cap then cast(reckoned.cap as numeric(18, 9))
                    else cast(reckoned.reached as numeric(18, 9))
                end - reckoned.attainment
            ),
            reckoned.weight_used
        ) as numeric(18, 9)), 2) as numeric(18, 2))
        - cast(round(cast(fn.ratio(reckoned.points_weight, reckoned.weight_used) as numeric(18, 9)), 2) as numeric(18, 2)) as gain_points
    from reckoned
),
standing as (
    select
        gained.kind || '-' || fn.short_hash(gained.rep_id || '|' || gained.kind || '|' || gained.period || '|' || gained.source || '|' || gained.record_id) as action_id,
        gained.rep_id,
        gained.kind,
        gained.metric,
        gained.source,
        gained.record_type,
        gained.record_id,
        gained.due_on,
        gained.gain_points,
        gained.what
    from gained
),
advised as (
    select
        shown.id as action_id,
        shown.rep_id,
        shown.name as kind,
        shown.metric,
        shown.source,
        shown.record_type,
        shown.record_id,
        shown.gain_points,
        shown.text,
        shown.shown_at
    from plan.shown
    left join standing
        on standing.action_id = shown.id
    where shown.kind = 'action'
        and standing.action_id is null
),
changed as (
    select
        advised.action_id,
        min(deal_changes.changed_at) as followed_at
    from advised
    join staging.deal_changes
        on deal_changes.source = advised.source
        and deal_changes.deal_id = advised.record_id
        and deal_changes.changed_at > advised.shown_at
    where advised.kind = 'mend_deal'
        and deal_changes.field <> 'stage'
    group by advised.action_id
    union all
    select
        advised.action_id,
        min(stage_transitions.moved_at) as followed_at
    from advised
    join core.stage_transitions
        on stage_transitions.source = advised.source
        and stage_transitions.deal_id = advised.record_id
        and stage_transitions.moved_at > advised.shown_at
    where advised.kind = 'move_deal'
    group by advised.action_id
    union all
    select
        advised.action_id,
        rep_activities.completed_at as followed_at
    from advised
    join core.rep_activities
        on rep_activities.source = advised.source
        and rep_activities.activity_id = advised.record_id
        and rep_activities.completed_at > advised.shown_at
    where advised.kind = 'clear_follow_up'
),
told as (
    select
        standing.action_id,
        standing.rep_id,
        standing.kind,
        standing.metric,
        standing.source,
        standing.record_type,
        standing.record_id,
        standing.due_on,
        standing.gain_points,
        standing.what as why,
        'open' as state,
        coalesce(shown.shown_at, fn.as_of()) as suggested_at,
        cast(null as timestamp with time zone) as followed_at
    from standing
    left join plan.shown
        on shown.kind = 'action'
        and shown.id = standing.action_id
    union all
    select
        advised.action_id,
        advised.rep_id,
        advised.kind,
        advised.metric,
        advised.source,
        advised.record_type,
        advised.record_id,
        cast(null as date) as due_on,
        cast(advised.gain_points as numeric(18, 2)) as gain_points,
        advised.text as why,
        case when changed.followed_at <= fn.add_days(advised.shown_at, running.follow_days) then 'followed' else 'gone' end as state,
        advised.shown_at as suggested_at,
        case when changed.followed_at <= fn.add_days(advised.shown_at, running.follow_days) then changed.followed_at end as followed_at
    from advised
    cross join running
    left join changed
        on changed.action_id = advised.action_id
)
select
    told.action_id, -- made of person, kind, quarter and record: the same in every build
    told.rep_id, -- the company's own id of the person
    told.kind, -- mend_deal, move_deal or clear_follow_up
    told.metric, -- what gets better by it
    told.source, -- the source's name in merit.yml
    told.record_type, -- deal or activity
    told.record_id, -- the CRM's id
    coalesce(deals.name, tasks.subject) as record_name, -- the deal's name, the task's title; null: it has none
    told.due_on, -- the deal's close date, the day of the task
    told.gain_points, -- what the score gains if just this record were right, exact to the cent of a point; null: the metric is not scored for the role, or not yet
    case when deals.is_in_company_currency then cast(deals.amount as numeric(18, 2)) end as at_stake, -- the deal's amount in the company's currency; null: unknown or no deal
    told.state, -- open, followed (the record changed as advised within follow_days) or gone (closed, handed on, or mended later)
    told.suggested_at, -- the build that showed it first
    told.followed_at, -- when the record changed as advised
    case
        when told.state = 'open' or told.record_type <> 'deal' then null
        when deals.is_won then 'won'
        when deals.is_closed then 'lost'
        else 'still open'
    end as outcome, -- what the deal did since; null: the advice stands, or it is no deal
    told.why, -- what to do and why, in a sentence
    deals.url -- the record's page at the CRM; null: it has none
from told
left join core.deals
    on deals.source = told.source
    and deals.deal_id = case when told.record_type = 'deal' then told.record_id end
left join core.rep_activities as tasks
    on tasks.source = told.source
    and tasks.activity_id = case when told.record_type = 'activity' then told.record_id end
