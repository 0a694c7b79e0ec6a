-- stage_to_stage_times: how long deals took from the one stage to the other that the plan names, and which are still on their way
-- grain: one row a rep and period with a passage that was completed in it or was going on at its end
-- key: rep_id, period
-- signal: the mean beside the middle and the slow end, and the deals that no mean can count yet
-- owner: sales management
-- not_null: rep_id, period, completed, still_open, computed_at
-- checks: in_order: median_days is null or median_days <= p90_days
--    nothing_counts_as_nothing: (completed = 0) = (mean_days is null)
-- changed: 2026-11-22 first version
--    2026-11-22 deals that a steward took out are neither completed nor on their way
with passed as (
    select
        metric_evidence.source,
        metric_evidence.record_id,
        metric_evidence.rep_id,
        metric_evidence.period,
        metric_evidence.occurred_at,
        metric_evidence.numerator
    from scores.metric_evidence
    where metric_evidence.metric = 'stage_to_stage_days'
        and not metric_evidence.is_excluded
),
ended_passages as (
    select
        passed.rep_id,
        passed.period,
        passed.numerator as days,
        row_number() over (
            partition by passed.rep_id, passed.period
            order by passed.numerator, passed.source, passed.record_id
        ) as place,
        count(*) over (partition by passed.rep_id, passed.period) as places
    from passed
),
measures as (
    select
        ended_passages.rep_id,
        ended_passages.period,
        count(*) as completed,
        fn.ratio(sum(ended_passages.days), count(*)) as mean_days,
        fn.ratio(
            sum(case when 2 * ended_passages.place between ended_passages.places and ended_passages.places + 2 then ended_passages.days end),
            sum(case when 2 * ended_passages.place between ended_passages.places and ended_passages.places + 2 then 1 end)
        ) as median_days,
        min(case when 10 * ended_passages.place >= 9 * ended_passages.places then ended_passages.days end) as p90_days
    from ended_passages
    group by
        ended_passages.rep_id,
        ended_passages.period
),
named as (
    select
        settings.period,
        count(*) as names
    from plan.settings
    where settings.metric = 'stage_to_stage_days'
        and settings.name = 'from_stage'
    group by settings.period
),
-- Where a passage begins: where the plan says, or in the first stage.
starts as (
    select
        periods.period,
        stages.source,
        stages.pipeline_id,
        min(case when named.names is null or settings.value is not null then stages.position end) as from_position
    from plan.periods
    cross join core.stages
    left join named
        on named.period = periods.period
    left join plan.settings
        on settings.period = periods.period
        and settings.metric = 'stage_to_stage_days'
        and settings.name = 'from_stage'
        and settings.value = stages.label
    group by
        periods.period,
        stages.source,
        stages.pipeline_id
),
-- Periods that mean the same stage ask each deal once.
steps as (
    select
        starts.source,
        starts.pipeline_id,
        starts.from_position
    from starts
    group by
        starts.source,
        starts.pipeline_id,
        starts.from_position
),
begun as (
    select
        stage_visits.source,
        stage_visits.deal_id,
        steps.pipeline_id,
        steps.from_position,
        min(stage_visits.entered_at) as begun_at
    from steps
    join core.stage_visits
        on stage_visits.source = steps.source
        and stage_visits.pipeline_id = steps.pipeline_id
        and stage_visits.position = steps.from_position
    group by
        stage_visits.source,
        stage_visits.deal_id,
        steps.pipeline_id,
        steps.from_position
),
ended as (
    select
        passed.source,
        passed.record_id,
        min(passed.occurred_at) as ended_at
    from passed
    group by
        passed.source,
        passed.record_id
),
waiting as (
    select
        deals_at_period_end.rep_id,
        deals_at_period_end.period,
        fn.days(begun.begun_at, deals_at_period_end.measured_at) as days
    from core.deals_at_period_end
    join begun
        on begun.source = deals_at_period_end.source
        and begun.deal_id = deals_at_period_end.deal_id
    join starts
        on starts.period = deals_at_period_end.period
        and starts.source = begun.source
        and starts.pipeline_id = begun.pipeline_id
        and starts.from_position = begun.from_position
    left join ended
        on ended.source = deals_at_period_end.source
        and ended.record_id = deals_at_period_end.deal_id
    join core.counted_deals
        on counted_deals.source = deals_at_period_end.source
        and counted_deals.deal_id = deals_at_period_end.deal_id
    where not deals_at_period_end.is_closed
        and not counted_deals.is_excluded
        and begun.begun_at <= deals_at_period_end.measured_at
        and coalesce(ended.ended_at > deals_at_period_end.measured_at, true)
),
ranked as (
    select
        waiting.rep_id,
        waiting.period,
        waiting.days,
        row_number() over (partition by waiting.rep_id, waiting.period order by waiting.days) as place,
        count(*) over (partition by waiting.rep_id, waiting.period) as places
    from waiting
),
censored as (
    select
        ranked.rep_id,
        ranked.period,
        count(*) as still_open,
        fn.ratio(
            sum(case when 2 * ranked.place between ranked.places and ranked.places + 2 then ranked.days end),
            sum(case when 2 * ranked.place between ranked.places and ranked.places + 2 then 1 end)
        ) as median_days_so_far,
        max(ranked.days) as longest_days_so_far
    from ranked
    group by
        ranked.rep_id,
        ranked.period
),
people as (
    select
        rep_periods.rep_id,
        rep_periods.period
    from core.rep_periods
    group by
        rep_periods.rep_id,
        rep_periods.period
)
select
    people.rep_id, -- the company's own id of the person
    people.period, -- fiscal year and quarter
    cast(coalesce(measures.completed, 0) as bigint) as completed, -- passages completed in the period
    cast(measures.mean_days as numeric(18, 6)) as mean_days, -- what stage_to_stage_days scores; null: none was completed
    cast(measures.median_days as numeric(18, 6)) as median_days, -- half of them took no longer
    cast(measures.p90_days as numeric(18, 6)) as p90_days, -- nine of ten took no longer
    cast(coalesce(censored.still_open, 0) as bigint) as still_open, -- deals still on their way at the period's end, or at the build; in none of the days before
    cast(censored.median_days_so_far as numeric(18, 6)) as median_days_so_far, -- half of them have been on their way no longer
    cast(censored.longest_days_so_far as numeric(18, 6)) as longest_days_so_far, -- the one that has waited longest
    fn.as_of() as computed_at -- the instant that the numbers speak of
from people
left join measures
    on measures.rep_id = people.rep_id
    and measures.period = people.period
left join censored
    on censored.rep_id = people.rep_id
    and censored.period = people.period
where measures.completed is not null
    or censored.still_open is not null
