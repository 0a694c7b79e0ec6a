select pipeline_waterfall.rep_id, pipeline_waterfall.period, pipeline_waterfall.start_amount, pipeline_waterfall.created_amount,
    pipeline_waterfall.pulled_in_amount, pipeline_waterfall.pipeline_won_amount as won_amount, pipeline_waterfall.pipeline_lost_amount as lost_amount, pipeline_waterfall.slipped_amount,
    pipeline_waterfall.increased_amount - pipeline_waterfall.decreased_amount as edits, pipeline_waterfall.end_amount, pipeline_waterfall.deals_without_rate
from marts.pipeline_waterfall
order by pipeline_waterfall.rep_id, pipeline_waterfall.period
