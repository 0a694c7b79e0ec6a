-- span_values: what each metric comes to for a person over a week, month or quarter
-- grain: one row a rep, role, metric and span; only metrics that the plan names, and spans that the metric's header names
-- key: rep_id, role, metric, span, starts_on
-- signal: how it goes before the quarter is over
-- owner: sales management
-- not_null: rep_id, role, metric, span, starts_on, ends_on, period, working_days, days_over, samples, samples_then, is_running, is_closed
-- checks: days_fit: days_over >= 0 and days_over <= working_days
--    empty_for_a_reason: (value is null) = (missing_reason is not null)
-- gaming: see each metric
-- changed: 2026-12-01 first version
with named as (
    select metrics.period, metrics.role, metrics.metric
    from plan.metrics
    union all
    select boards.period, cast(null as string) as role, boards.metric
    from plan.boards
    union all
    select badges.period, cast(null as string) as role, badges.metric
    from plan.badges
    union all
    select mission_targets.period, cast(null as string) as role, mission_targets.metric
    from plan.mission_targets
    union all
    select coaching_topics.period, cast(null as string) as role, coaching_topics.metric
    from plan.coaching_topics
    union all
    select periods.period, cast(null as string) as role, focus.metric
    from plan.focus
    join plan.periods
        on focus.starts_on <= periods.ends_on
        and focus.ends_on >= periods.starts_on
),
-- Who was what on how many days of each span.
parts as (
    select rep_days.rep_id, rep_days.role, 'week' as span, rep_days.week_on as starts_on, rep_days.day_on, rep_days.is_working, rep_days.is_over,
        rep_days.team, rep_days.region, rep_days.shift
    from recognition.rep_days
    union all
    select rep_days.rep_id, rep_days.role, 'month' as span, rep_days.month_on as starts_on, rep_days.day_on, rep_days.is_working, rep_days.is_over,
        rep_days.team, rep_days.region, rep_days.shift
    from recognition.rep_days
    union all
    select rep_days.rep_id, rep_days.role, 'quarter' as span, periods.starts_on, rep_days.day_on, rep_days.is_working, rep_days.is_over,
        rep_days.team, rep_days.region, rep_days.shift
    from recognition.rep_days
    join plan.periods
        on periods.period = rep_days.period
),
latest as (
    select
        parts.rep_id, parts.role, parts.span, parts.starts_on, parts.is_working, parts.is_over, parts.team, parts.region, parts.shift,
        row_number() over (partition by parts.rep_id, parts.role, parts.span, parts.starts_on order by parts.day_on desc) as place
    from parts
),
people as (
    select
        latest.rep_id,
        latest.role,
        latest.span,
        latest.starts_on,
        sum(case when latest.is_working then 1 else 0 end) as working_days,
        sum(case when latest.is_working and latest.is_over then 1 else 0 end) as days_over,
        max(case when latest.place = 1 then latest.team end) as team,
        max(case when latest.place = 1 then latest.region end) as region,
        max(case when latest.place = 1 then latest.shift end) as shift
    from latest
    group by
        latest.rep_id,
        latest.role,
        latest.span,
        latest.starts_on
),
asked as (
    select
        people.rep_id,
        people.role,
        metric_spans.metric,
        people.span,
        people.starts_on,
        spans.ends_on,
        spans.period,
        spans.is_running,
        spans.is_closed,
        people.working_days,
        people.days_over,
        people.team,
        people.region,
        people.shift
    from people
    join recognition.spans
        on spans.span = people.span
        and spans.starts_on = people.starts_on
    join named
        on named.period = spans.period
        and coalesce(named.role, people.role) = people.role
    join scores.metric_spans
        on metric_spans.metric = named.metric
        and metric_spans.span = people.span
    group by
        people.rep_id, people.role, metric_spans.metric, people.span, people.starts_on, spans.ends_on, spans.period,
        spans.is_running, spans.is_closed, people.working_days, people.days_over, people.team, people.region, people.shift
),
counted as (
    select
        metric_evidence.metric,
        metric_evidence.source,
        metric_evidence.rep_id,
        metric_evidence.numerator,
        metric_evidence.denominator,
        metric_evidence.unknown_reason,
        metric_evidence.occurred_at,
        -- An outer join on a condition of one side compares all with all; on this column it does not.
        case when metric_evidence.record_type = 'activity' then metric_evidence.record_id end as activity_id,
        rep_days.role,
        rep_days.week_on,
        rep_days.month_on
    from scores.metric_evidence
    join recognition.rep_days
        on rep_days.rep_id = metric_evidence.rep_id
        and rep_days.day_on = fn.day(metric_evidence.occurred_at)
    where not metric_evidence.is_excluded
),
known as (
    select
        counted.metric,
        counted.rep_id,
        counted.role,
        counted.week_on,
        counted.month_on,
        counted.numerator,
        counted.denominator,
        counted.unknown_reason,
        -- A call can be logged long after it was made, a change of a deal is its own record.
        coalesce(activities.created_at, counted.occurred_at) as known_at
    from counted
    left join staging.activities
        on activities.source = counted.source
        and activities.activity_id = counted.activity_id
),
spread as (
    select
        known.metric,
        known.rep_id,
        known.role,
        spans.span,
        spans.starts_on,
        known.numerator,
        known.denominator,
        known.unknown_reason,
        known.known_at < spans.closes_at as was_known,
        metric_definitions.value = 'median' as is_ordered
    from known
    join scores.metric_definitions
        on metric_definitions.metric = known.metric
    join scores.metric_spans
        on metric_spans.metric = known.metric
        and metric_spans.span in ('week', 'month')
    join recognition.spans
        on spans.span = metric_spans.span
        and spans.starts_on = case when metric_spans.span = 'week' then known.week_on else known.month_on end
),
summed as (
    select
        spread.metric,
        spread.rep_id,
        spread.role,
        spread.span,
        spread.starts_on,
        sum(spread.numerator) as numerator,
        sum(spread.denominator) as denominator,
        count(*) as samples,
        min(spread.unknown_reason) as unknown_reason,
        sum(case when spread.was_known then spread.numerator else cast(0 as numeric(38, 9)) end) as numerator_then,
        sum(case when spread.was_known then spread.denominator else cast(0 as numeric(38, 9)) end) as denominator_then,
        sum(case when spread.was_known then 1 else 0 end) as samples_then
    from spread
    group by
        spread.metric,
        spread.rep_id,
        spread.role,
        spread.span,
        spread.starts_on
),
ordered as (
    select
        spread.metric,
        spread.rep_id,
        spread.role,
        spread.span,
        spread.starts_on,
        spread.numerator,
        row_number() over (partition by spread.metric, spread.rep_id, spread.role, spread.span, spread.starts_on order by spread.numerator) as place,
        count(*) over (partition by spread.metric, spread.rep_id, spread.role, spread.span, spread.starts_on) as places
    from spread
    where spread.is_ordered
),
middles as (
    select
        ordered.metric,
        ordered.rep_id,
        ordered.role,
        ordered.span,
        ordered.starts_on,
        fn.ratio(sum(ordered.numerator), count(*)) as median
    from ordered
    where 2 * ordered.place between ordered.places and ordered.places + 2
    group by
        ordered.metric,
        ordered.rep_id,
        ordered.role,
        ordered.span,
        ordered.starts_on
),
gathered as (
    select
        asked.rep_id,
        asked.role,
        asked.metric,
        asked.span,
        asked.starts_on,
        asked.ends_on,
        asked.period,
        asked.team,
        asked.region,
        asked.shift,
        asked.working_days,
        asked.days_over,
        asked.is_running,
        asked.is_closed,
        metric_definitions.value as kind,
        middles.median,
        coalesce(summed.numerator, cast(0 as numeric(38, 9))) as numerator,
        coalesce(summed.denominator, cast(0 as numeric(38, 9))) as denominator,
        coalesce(summed.samples, 0) as samples,
        coalesce(summed.numerator_then, cast(0 as numeric(38, 9))) as numerator_then,
        coalesce(summed.denominator_then, cast(0 as numeric(38, 9))) as denominator_then,
        coalesce(summed.samples_then, 0) as samples_then,
        coalesce(metric_gaps.reason, summed.unknown_reason) as unknown_reason
    from asked
    join scores.metric_definitions
        on metric_definitions.metric = asked.metric
    left join summed
        on summed.metric = asked.metric
        and summed.rep_id = asked.rep_id
        and summed.role = asked.role
        and summed.span = asked.span
        and summed.starts_on = asked.starts_on
    left join middles
        on middles.metric = asked.metric
        and middles.rep_id = asked.rep_id
        and middles.role = asked.role
        and middles.span = asked.span
        and middles.starts_on = asked.starts_on
    left join scores.metric_gaps
        on metric_gaps.rep_id = asked.rep_id
        and metric_gaps.period = asked.period
        and metric_gaps.metric = asked.metric
    where asked.span <> 'quarter'
),
valued as (
    select
        gathered.rep_id,
        gathered.role,
        gathered.metric,
        gathered.span,
        gathered.starts_on,
        gathered.ends_on,
        gathered.period,
        gathered.team,
        gathered.region,
        gathered.shift,
        gathered.working_days,
        gathered.days_over,
        gathered.is_running,
        gathered.is_closed,
        case
            when gathered.unknown_reason is not null then null
            when gathered.kind = 'sum' then fn.ratio(gathered.numerator, 1)
            when gathered.kind = 'median' then gathered.median
            else fn.ratio(gathered.numerator, gathered.denominator)
        end as value,
        case
            when gathered.unknown_reason is not null then null
            when gathered.kind = 'sum' then fn.ratio(gathered.numerator_then, 1)
            when gathered.kind = 'median' then gathered.median
            else fn.ratio(gathered.numerator_then, gathered.denominator_then)
        end as value_then,
        gathered.samples,
        gathered.samples_then,
        gathered.unknown_reason
    from gathered
    union all
    -- Of a quarter the scores' own values stand.
    select
        asked.rep_id,
        asked.role,
        asked.metric,
        asked.span,
        asked.starts_on,
        asked.ends_on,
        asked.period,
        asked.team,
        asked.region,
        asked.shift,
        asked.working_days,
        asked.days_over,
        asked.is_running,
        asked.is_closed,
        measures.value,
        measures.value as value_then,
        measures.samples,
        measures.samples as samples_then,
        measures.missing_reason as unknown_reason
    from asked
    join scores.measures
        on measures.rep_id = asked.rep_id
        and measures.period = asked.period
        and measures.role = asked.role
        and measures.metric = asked.metric
    where asked.span = 'quarter'
)
select
    valued.rep_id, -- the company's own id of the person
    valued.role, -- the role held on the days that count
    valued.metric, -- the metric's name
    valued.span, -- week, month or quarter
    valued.starts_on, -- the span's first day
    valued.ends_on, -- its last day
    valued.period, -- the quarter whose plan holds: that of the first day
    valued.team, -- on the last day in the role within the span; null: none
    valued.region, -- likewise
    valued.shift, -- likewise
    cast(valued.working_days as bigint) as working_days, -- the person's own in the role, leave and holidays left out, those to come counted
    cast(valued.days_over as bigint) as days_over, -- of them, those that are over
    valued.value, -- what it comes to, 0 of a sum that nothing adds to; null: see missing_reason
    valued.value_then, -- what was known when the span's boards closed: of a later call nothing counts
    cast(valued.samples as bigint) as samples, -- records that count
    cast(valued.samples_then as bigint) as samples_then, -- records that were known when the boards closed
    case
        when valued.unknown_reason is not null then valued.unknown_reason
        when valued.value is null then 'no activity'
    end as missing_reason, -- why there is no value: no activity, value unknown, unknown reference, stream left out, stream stale or history forgotten
    valued.is_running, -- true: the span is not over
    valued.is_closed -- true: its boards stand
from valued
