select metric_evidence.rep_id, metric_evidence.period, metric_evidence.role, metric_evidence.metric, metric_evidence.occurred_at,
    metric_evidence.record_type, metric_evidence.record_id, metric_evidence.numerator, metric_evidence.denominator, metric_evidence.detail,
    metric_evidence.exclusion_reason, metric_evidence.is_truncated, metric_evidence.url, metric_evidence.record_name
from marts.metric_evidence
join marts.metric_values
    on metric_values.rep_id = metric_evidence.rep_id
    and metric_values.period = metric_evidence.period
    and metric_values.role = metric_evidence.role
    and metric_values.metric = metric_evidence.metric
order by metric_evidence.rep_id, metric_evidence.period, metric_evidence.role, metric_evidence.metric, metric_evidence.occurred_at,
    metric_evidence.source, metric_evidence.record_type, metric_evidence.record_id, metric_evidence.detail
