select pipeline_velocity.rep_id, pipeline_velocity.period, pipeline_velocity.stage, min(pipeline_velocity.position) as position,
    sum(pipeline_velocity.stays) as visits, sum(pipeline_velocity.mean_days * pipeline_velocity.stays) as days
from marts.pipeline_velocity
group by pipeline_velocity.rep_id, pipeline_velocity.period, pipeline_velocity.stage
order by pipeline_velocity.rep_id, pipeline_velocity.period, position, pipeline_velocity.stage
