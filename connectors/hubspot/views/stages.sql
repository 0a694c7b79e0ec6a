-- stages: the stages of all deal pipelines; the closed ones stand last, whatever
-- order HubSpot shows them in
select
    stages.pipeline_id as pipeline_id,
    stages.stage_id as stage_id,
    coalesce(stages.label, stages.stage_id) as label,
    coalesce(stages.displayOrder, 0) as position,
    stages.probability as probability,
    stages.isClosed as is_closed,
    stages.isClosed and coalesce(stages.probability, 0) = 1 as is_won
from raw.pipeline_stages as stages
where not stages.merit_deleted
