-- stage_win_rates: of the deals that were ever in a stage and have closed, how many were won
-- grain: one row a stage that some deal was in
-- key: source, pipeline_id, stage_id
-- signal: what an open deal in that stage is worth in the outlook
-- owner: sales management
-- not_null: source, pipeline_id, stage_id, stage, closed_deals, won_deals, is_told, text, computed_at
-- checks: a_share: win_rate is null or (low <= win_rate and win_rate <= high)
--    enough: is_told = (closed_deals >= 30)
-- gaming: deals pulled through stages on the last day; the stage counts as reached, and its rate falls when they are lost
-- changed: 2026-12-01 first version
with counted as (
    select
        stage_funnel.source,
        stage_funnel.pipeline_id,
        stage_funnel.stage_id,
        stage_funnel.stage,
        stage_funnel.stage_position,
        stage_funnel.won_deals,
        stage_funnel.won_deals + stage_funnel.lost_deals as closed_deals
    from marts.stage_funnel
)
select
    counted.source, -- the source's name in merit.yml
    counted.pipeline_id, -- 'default' where the CRM has one pipeline
    counted.stage_id, -- the stage, as the CRM names it
    counted.stage, -- as people call it
    counted.stage_position, -- 1 is the first stage; null: lost, or unknown
    counted.closed_deals, -- of the deals that were ever in it, those that have closed
    counted.won_deals, -- of them, those that were won
    counted.closed_deals >= 30 as is_told, -- false: fewer than 30 have closed, and no rate is told
    case when counted.closed_deals >= 30 then fn.ratio(counted.won_deals, counted.closed_deals) end as win_rate, -- won ÷ closed; null: too few
    case when counted.closed_deals >= 30 then fn.wilson_low(counted.won_deals, counted.closed_deals) end as low, -- lower bound of its 95 % interval
    case when counted.closed_deals >= 30 then fn.wilson_high(counted.won_deals, counted.closed_deals) end as high, -- its upper bound
    case
        when counted.closed_deals < 30 then cast(counted.closed_deals as string) || ' deals that were in it have closed: fewer than 30, no rate is told.'
        else cast(counted.won_deals as string) || ' of ' || cast(counted.closed_deals as string) || ' deals that were in it were won, between '
            || fn.digits(cast(100 * fn.wilson_low(counted.won_deals, counted.closed_deals) as numeric(38, 9)), 1) || ' and '
            || fn.digits(cast(100 * fn.wilson_high(counted.won_deals, counted.closed_deals) as numeric(38, 9)), 1) || ' %.'
    end as text, -- the same in a sentence
    fn.as_of() as computed_at -- the instant that the numbers speak of
from counted
