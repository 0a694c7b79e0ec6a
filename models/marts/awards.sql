-- awards: badges, points, spot awards and kudos, also those that were withdrawn
-- grain: one row an award
-- key: award_id
-- signal: what was done well, seen while it counts
-- owner: sales management
-- not_null: award_id, rep_id, kind, name, points, earned_at, is_withdrawn, why
-- checks: kinds: kind in ('badge', 'points', 'spot', 'kudos')
--    withdrawn_for_a_reason: is_withdrawn = (reason is not null)
-- gaming: records made up for a badge; when they are deleted or excluded the badge is withdrawn, and says why
-- changed: 2026-12-01 first version
with reached as (
    select
        'badge-' || fn.short_hash(span_values.rep_id || '|' || badges.badge || '|' || span_values.span || '|' || cast(span_values.starts_on as string)) as award_id,
        span_values.rep_id,
        span_values.role,
        badges.badge,
        badges.points,
        span_values.metric,
        span_values.span,
        span_values.starts_on,
        span_values.ends_on,
        span_values.period,
        span_values.value,
        coalesce(badges.from_value, personal_goals.goal) as threshold,
        badges.from_value is null as is_own_goal,
        metric_definitions.unit,
        metric_definitions.value = 'sum' and metric_definitions.better = 'higher' as is_counted
    from plan.badges
    join recognition.span_values
        on span_values.period = badges.period
        and span_values.metric = badges.metric
        and span_values.span = badges.span
    join scores.metric_definitions
        on metric_definitions.metric = badges.metric
    left join marts.personal_goals
        on personal_goals.rep_id = span_values.rep_id
        and personal_goals.role = span_values.role
        and personal_goals.metric = span_values.metric
        and personal_goals.span = span_values.span
        and personal_goals.starts_on = span_values.starts_on
    where case
            when metric_definitions.better = 'lower' then span_values.value <= coalesce(badges.from_value, personal_goals.goal)
            else span_values.value >= coalesce(badges.from_value, personal_goals.goal)
        end
        -- A rate can still fall: it is told when the span is over, and not from one or two records.
        and (metric_definitions.value = 'sum' and metric_definitions.better = 'higher' or not span_values.is_running and span_values.samples >= 3)
),
records as (
    select
        reached.award_id,
        reached.role,
        reached.threshold,
        metric_evidence.source || ' ' || metric_evidence.record_type || ' ' || metric_evidence.record_id as record,
        metric_evidence.occurred_at,
        metric_evidence.numerator,
        sum(metric_evidence.numerator) over (
            partition by reached.award_id, reached.role
            order by metric_evidence.occurred_at, metric_evidence.source, metric_evidence.record_type, metric_evidence.record_id, metric_evidence.detail
            rows between unbounded preceding and current row
        ) as so_far
    from reached
    join scores.metric_evidence
        on metric_evidence.metric = reached.metric
        and metric_evidence.rep_id = reached.rep_id
        and fn.day(metric_evidence.occurred_at) >= reached.starts_on
        and fn.day(metric_evidence.occurred_at) <= reached.ends_on
    join recognition.rep_days
        on rep_days.rep_id = metric_evidence.rep_id
        and rep_days.day_on = fn.day(metric_evidence.occurred_at)
        and rep_days.role = reached.role
    where reached.is_counted
        and not metric_evidence.is_excluded
),
proven as (
    select
        records.award_id,
        records.role,
        max(records.occurred_at) as earned_at,
        count(*) as record_count,
        string_agg(records.record, '; ' order by records.occurred_at, records.record) as proof
    from records
    -- What came after it was reached did not earn it.
    where records.so_far - records.numerator < records.threshold
    group by
        records.award_id,
        records.role
),
badges_earned as (
    select
        reached.award_id,
        reached.rep_id,
        reached.badge,
        reached.points,
        reached.metric,
        reached.span,
        reached.starts_on,
        coalesce(proven.earned_at, fn.midnight(fn.date_after(reached.ends_on, 1))) as earned_at,
        proven.proof as records,
        fn.digits(reached.value, 2) || ' ' || reached.unit || ' in the ' || reached.span || ' of ' || cast(reached.starts_on as string) || '; '
            || case when reached.is_own_goal then 'the own goal is ' else 'the badge begins at ' end || fn.digits(reached.threshold, 2)
            || coalesce(', reached by ' || cast(proven.record_count as string) || ' records', '') as why,
        row_number() over (partition by reached.award_id order by proven.earned_at, reached.role) as place
    from reached
    left join proven
        on proven.award_id = reached.award_id
        and proven.role = reached.role
),
-- What was shown before is the mission's own memory: it is done once its day has enough.
missions_done as (
    select
        'points-' || fn.short_hash(shown.rep_id || '|' || shown.id) as award_id,
        shown.rep_id,
        shown.name,
        shown.points,
        shown.metric,
        shown.day_on as starts_on,
        mission_results.done_at as earned_at,
        'mission of ' || cast(shown.day_on as string) || ': ' || shown.text as why
    from plan.shown
    join recognition.mission_results
        on mission_results.mission_id = shown.id
    where shown.kind = 'mission'
        and shown.points > 0
        and mission_results.done_at is not null
),
challenges_done as (
    select
        'points-' || fn.short_hash(rep_days.rep_id || '|' || challenges.challenge) as award_id,
        rep_days.rep_id,
        challenges.challenge as name,
        challenges.points,
        challenges.metric,
        challenges.starts_on,
        challenges.done_at as earned_at,
        'the goal of the challenge was reached: ' || challenges.why as why
    from marts.challenges
    join recognition.rep_days
        on rep_days.day_on >= challenges.starts_on
        and rep_days.day_on <= challenges.ends_on
        and rep_days.is_working
        and case when challenges.is_team then coalesce(rep_days.team, '') else rep_days.rep_id end = challenges.entrant
    where challenges.done_at is not null
        and challenges.points > 0
    group by
        rep_days.rep_id,
        challenges.challenge,
        challenges.points,
        challenges.metric,
        challenges.starts_on,
        challenges.done_at,
        challenges.why
),
thanked as (
    select
        kudos.kind || '-' || fn.short_hash(kudos.source || '|' || kudos.kudos_id) as award_id,
        receivers.rep_id,
        kudos.kind,
        coalesce(kudos.points, 0) as points,
        kudos.given_at as earned_at,
        'from ' || coalesce(reps.name, 'a colleague') || coalesce(': ' || kudos.text, '') as why
    from staging.kudos
    join core.rep_identifiers as receivers
        on receivers.source = kudos.source
        and receivers.user_key = kudos.user_key
    left join core.rep_identifiers as givers
        on givers.source = kudos.source
        and givers.user_key = kudos.from_key
    left join core.reps
        on reps.rep_id = givers.rep_id
    where kudos.given_at <= fn.as_of()
        and kudos.kind in ('kudos', 'spot')
        -- Nobody thanks themselves.
        and coalesce(givers.rep_id, '') <> receivers.rep_id
),
earned as (
    select badges_earned.award_id, badges_earned.rep_id, 'badge' as kind, badges_earned.badge as name, badges_earned.points, badges_earned.metric,
        badges_earned.span, badges_earned.starts_on, badges_earned.earned_at, badges_earned.records, badges_earned.why
    from badges_earned
    where badges_earned.place = 1
    union all
    select missions_done.award_id, missions_done.rep_id, 'points' as kind, missions_done.name, missions_done.points, missions_done.metric,
        'day' as span, missions_done.starts_on, missions_done.earned_at, cast(null as string) as records, missions_done.why
    from missions_done
    union all
    select challenges_done.award_id, challenges_done.rep_id, 'points' as kind, challenges_done.name, challenges_done.points, challenges_done.metric,
        'challenge' as span, challenges_done.starts_on, challenges_done.earned_at, cast(null as string) as records, challenges_done.why
    from challenges_done
    union all
    select thanked.award_id, thanked.rep_id, thanked.kind, case when thanked.kind = 'spot' then 'Spot award' else 'Kudos' end as name, thanked.points,
        cast(null as string) as metric, cast(null as string) as span, cast(null as date) as starts_on, thanked.earned_at, cast(null as string) as records, thanked.why
    from thanked
),
-- Given by an earlier build, and not earned by what the CRM says now.
lost as (
    select
        shown.id as award_id,
        shown.rep_id,
        case when shown.id like 'badge-%' then 'badge' when shown.id like 'points-%' then 'points' when shown.id like 'spot-%' then 'spot' else 'kudos' end as kind,
        shown.name,
        coalesce(shown.points, 0) as points,
        shown.metric,
        shown.span,
        shown.starts_on,
        coalesce(shown.earned_at, shown.shown_at) as earned_at,
        shown.records,
        shown.text
    from plan.shown
    left join earned
        on earned.award_id = shown.id
    where shown.kind = 'award'
        and earned.award_id is null
),
-- Few are lost, so that each may be held against all records that are gone.
gone as (
    select
        lost.award_id,
        deals.source || ' deal ' || deals.deal_id as record,
        'deal ' || deals.deal_id || ' was deleted or merged away at ' || deals.source as reason,
        deals.changed_at as gone_at
    from lost
    join staging.deals
        on strpos('; ' || lost.records || '; ', '; ' || deals.source || ' deal ' || deals.deal_id || '; ') > 0
    where deals.is_deleted
    union all
    select
        lost.award_id,
        activities.source || ' activity ' || activities.activity_id as record,
        'activity ' || activities.activity_id || ' was deleted at ' || activities.source as reason,
        cast(null as timestamp with time zone) as gone_at
    from lost
    join staging.activities
        on strpos('; ' || lost.records || '; ', '; ' || activities.source || ' activity ' || activities.activity_id || '; ') > 0
    where activities.is_deleted
    union all
    select
        lost.award_id,
        exclusions.source || ' ' || exclusions.record_type || ' ' || exclusions.record_id as record,
        exclusions.record_type || ' ' || exclusions.record_id || ' was excluded: ' || exclusions.reason as reason,
        cast(null as timestamp with time zone) as gone_at
    from lost
    join plan.exclusions
        on strpos('; ' || lost.records || '; ', '; ' || exclusions.source || ' ' || exclusions.record_type || ' ' || exclusions.record_id || '; ') > 0
),
reasons as (
    select
        gone.award_id,
        string_agg(gone.reason, '; ' order by gone.record, gone.reason) as reason,
        max(gone.gone_at) as gone_at
    from gone
    group by gone.award_id
),
told as (
    select earned.award_id, earned.rep_id, earned.kind, earned.name, earned.points, earned.metric, earned.span, earned.starts_on, earned.earned_at,
        earned.records, earned.why, false as is_withdrawn, cast(null as timestamp with time zone) as withdrawn_at, cast(null as string) as reason
    from earned
    union all
    select lost.award_id, lost.rep_id, lost.kind, lost.name, lost.points, lost.metric, lost.span, lost.starts_on, lost.earned_at,
        lost.records, lost.text as why, true as is_withdrawn, reasons.gone_at as withdrawn_at,
        coalesce(reasons.reason, 'what the CRM, the files or the plan say now does not earn it any more') as reason
    from lost
    left join reasons
        on reasons.award_id = lost.award_id
)
select
    told.award_id, -- made of person, award and span: the same in every build
    told.rep_id, -- the company's own id of the person
    told.kind, -- badge, points (of missions and challenges), spot (given by a leader) or kudos (by a colleague)
    told.name, -- as the plan or the giver calls it
    cast(case when told.is_withdrawn then 0 else told.points end as bigint) as points, -- for the points ledger, which is no money; 0 of what was withdrawn
    told.metric, -- what it was earned by; null: somebody gave it
    told.span, -- week, month, quarter, day or challenge; null: somebody gave it
    told.starts_on, -- the span's first day
    told.earned_at, -- when it was reached, or given
    told.records, -- the records that earned it, SOURCE TYPE ID; null: a rate, points, or somebody gave it
    told.is_withdrawn, -- true: it was given by an earlier build, and is not earned any more
    told.withdrawn_at, -- when the last of its records was deleted; null: it stands, or nobody knows when
    told.reason, -- why it was withdrawn; null: it stands
    told.why -- what it was earned by, in a sentence
from told
join core.reps
    on reps.rep_id = told.rep_id
