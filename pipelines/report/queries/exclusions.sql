select exclusions.source, exclusions.record_type, exclusions.record_id, exclusions.reason
from plan.exclusions
order by exclusions.source, exclusions.record_type, exclusions.record_id
