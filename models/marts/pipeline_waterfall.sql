-- pipeline_waterfall: how each rep's pipeline of a period came from what it was to what it is
-- grain: one row a rep and period; what nobody on the roster owns stands under nobody
-- key: rep_id, period
-- signal: whether a quarter is filled by new deals or emptied by deals that slip
-- owner: sales operations
-- not_null: rep_id, period, measured_at, deals, start_amount, created_amount, pulled_in_amount, pipeline_won_amount, pipeline_lost_amount, slipped_amount, increased_amount, decreased_amount, end_amount, deals_without_rate, computed_at
-- checks: adds_up: start_amount + created_amount + pulled_in_amount - pipeline_won_amount - pipeline_lost_amount - slipped_amount + increased_amount - decreased_amount = end_amount
-- changed: 2026-11-22 first version
--    2026-12-01 what was won and lost is named for what it is: amounts that left the pipeline
select
    coalesce(pipeline_movements.rep_id, 'nobody') as rep_id, -- the owner at the period's end, or at the build
    pipeline_movements.period, -- fiscal year and quarter
    min(pipeline_movements.measured_at) as measured_at, -- the period's last instant, or the build's
    count(*) as deals, -- deals that were to close in the period at its beginning or end, or were won
    cast(sum(pipeline_movements.start_amount) as numeric(28, 2)) as start_amount, -- open at the beginning, to close in the period
    cast(sum(pipeline_movements.created_amount) as numeric(28, 2)) as created_amount, -- made within the period
    cast(sum(pipeline_movements.pulled_in_amount) as numeric(28, 2)) as pulled_in_amount, -- there before, and came into the period
    cast(sum(pipeline_movements.won_amount) as numeric(28, 2)) as pipeline_won_amount, -- left the pipeline as won, at the rate of the period's first day; won_amount of the other tables is by the rate of the close date and the owner at the close
    cast(sum(pipeline_movements.lost_amount) as numeric(28, 2)) as pipeline_lost_amount, -- left the pipeline as lost, at the same rate
    cast(sum(pipeline_movements.slipped_amount) as numeric(28, 2)) as slipped_amount, -- open, and left the period
    cast(sum(case when pipeline_movements.edits > 0 then pipeline_movements.edits else 0 end) as numeric(28, 2)) as increased_amount, -- what amounts that were there at the beginning were raised by
    cast(sum(case when pipeline_movements.edits < 0 then -pipeline_movements.edits else 0 end) as numeric(28, 2)) as decreased_amount, -- what they were lowered by
    cast(sum(pipeline_movements.end_amount) as numeric(28, 2)) as end_amount, -- open at the end, to close in the period
    cast(sum(case when pipeline_movements.has_rate then 0 else 1 end) as bigint) as deals_without_rate, -- in another currency without a rate, in no amount
    fn.as_of() as computed_at -- the instant that the numbers speak of
from core.pipeline_movements
group by
    coalesce(pipeline_movements.rep_id, 'nobody'),
    pipeline_movements.period
