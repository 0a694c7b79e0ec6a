-- stage_funnel: how many deals reach each stage, how many go on, what becomes of them and how long it takes
-- grain: one row a stage that some deal was in; deleted deals, copies of another source's deals and what a steward took out are left out
-- key: source, pipeline_id, stage_id
-- signal: the stage at which deals are lost, and the one in which they wait
-- owner: sales management
-- not_null: source, pipeline_id, stage_id, stage, deals_entered, deals_advanced, deals_there_now, won_deals, lost_deals, visits_ended, computed_at
-- checks: some_of_them: deals_advanced <= deals_entered and won_deals + lost_deals <= deals_entered
--    in_order: median_days is null or median_days <= p90_days
-- gaming: a stage that is jumped over has no visit; skipped stages of a deal that went further are not counted as reached
-- changed: 2026-12-01 first version
with counted as (
    select
        stage_visits.source,
        stage_visits.deal_id,
        stage_visits.pipeline_id,
        stage_visits.stage_id,
        stage_visits.stage,
        stage_visits.position,
        stage_visits.days,
        stage_visits.exited_at,
        stage_visits.entered_at,
        max(stage_visits.position) over (
            partition by stage_visits.source, stage_visits.deal_id
            order by stage_visits.visit_number
            rows between 1 following and unbounded following
        ) as furthest_after,
        deals.is_open,
        deals.is_won,
        deals.company_amount
    from core.stage_visits
    join marts.deals
        on deals.source = stage_visits.source
        and deals.deal_id = stage_visits.deal_id
    where not deals.is_excluded
),
-- A deal counts once for a stage, however often it came back.
reached as (
    select
        counted.source,
        counted.deal_id,
        counted.pipeline_id,
        counted.stage_id,
        max(counted.stage) as stage,
        max(counted.position) as position,
        max(case when counted.furthest_after > counted.position then 1 else 0 end) as has_advanced,
        max(case when counted.exited_at is null then 1 else 0 end) as is_there,
        max(case when counted.is_open then 0 when counted.is_won then 1 else 0 end) as is_won,
        max(case when counted.is_open or counted.is_won then 0 else 1 end) as is_lost,
        max(case when counted.exited_at is null then coalesce(counted.company_amount, cast(0 as numeric(28, 2))) else cast(0 as numeric(28, 2)) end) as amount_there
    from counted
    group by
        counted.source,
        counted.deal_id,
        counted.pipeline_id,
        counted.stage_id
),
ended as (
    select
        counted.source,
        counted.pipeline_id,
        counted.stage_id,
        counted.days,
        row_number() over (
            partition by counted.source, counted.pipeline_id, counted.stage_id
            order by counted.days, counted.deal_id, counted.entered_at
        ) as place,
        count(*) over (partition by counted.source, counted.pipeline_id, counted.stage_id) as places
    from counted
    where counted.exited_at is not null
),
lengths as (
    select
        ended.source,
        ended.pipeline_id,
        ended.stage_id,
        count(*) as visits_ended,
        cast(fn.ratio(sum(ended.days), count(*)) as numeric(18, 6)) as mean_days,
        cast(
            fn.ratio(
                sum(case when 2 * ended.place between ended.places and ended.places + 2 then ended.days end),
                sum(case when 2 * ended.place between ended.places and ended.places + 2 then 1 end)
            ) as numeric(18, 6)
        ) as median_days,
        cast(min(case when 10 * ended.place >= 9 * ended.places then ended.days end) as numeric(18, 6)) as p90_days
    from ended
    group by
        ended.source,
        ended.pipeline_id,
        ended.stage_id
)
select
    reached.source, -- the source's name in merit.yml
    reached.pipeline_id, -- 'default' where the CRM has one pipeline
    reached.stage_id, -- the stage, as the CRM names it
    min(reached.stage) as stage, -- as people call it
    min(reached.position) as stage_position, -- 1 is the first stage; null: lost, or unknown
    count(*) as deals_entered, -- deals that were ever in it
    cast(sum(reached.has_advanced) as bigint) as deals_advanced, -- of them, those that later reached a further stage
    cast(sum(reached.is_there) as bigint) as deals_there_now, -- of them, those in it now
    cast(sum(reached.amount_there) as numeric(28, 2)) as amount_there_now, -- of those, in the company's currency
    cast(sum(reached.is_won) as bigint) as won_deals, -- of those that entered, won by now
    cast(sum(reached.is_lost) as bigint) as lost_deals, -- of those that entered, lost by now
    fn.ratio(sum(reached.has_advanced), count(*)) as conversion_rate, -- advanced ÷ entered; deals still there count as not yet
    fn.ratio(sum(reached.is_won), sum(reached.is_won) + sum(reached.is_lost)) as win_rate, -- won ÷ (won + lost) of the deals that were ever in it; null: none has closed
    coalesce(min(lengths.visits_ended), 0) as visits_ended, -- visits that the days are of; those that go on are not
    min(lengths.mean_days) as mean_days, -- mean length of a visit
    min(lengths.median_days) as median_days, -- half of the visits were no longer
    min(lengths.p90_days) as p90_days, -- nine of ten were no longer
    fn.as_of() as computed_at -- the instant that the numbers speak of
from reached
left join lengths
    on lengths.source = reached.source
    and lengths.pipeline_id = reached.pipeline_id
    and lengths.stage_id = reached.stage_id
group by
    reached.source,
    reached.pipeline_id,
    reached.stage_id
