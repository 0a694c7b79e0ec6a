select metric_evidence.rep_id, metric_evidence.period, metric_evidence.role, metric_evidence.metric, metric_evidence.occurred_at,
    metric_evidence.record_type, metric_evidence.record_id, metric_evidence.numerator, metric_evidence.denominator, metric_evidence.detail,
    metric_evidence.exclusion_reason, metric_evidence.is_truncated, metric_evidence.url, deals.name
from marts.metric_evidence
join marts.metric_values
    on metric_values.rep_id = metric_evidence.rep_id
    and metric_values.period = metric_evidence.period
    and metric_values.role = metric_evidence.role
    and metric_values.metric = metric_evidence.metric
left join core.deals
    on metric_evidence.record_type = 'deal'
    and deals.source = metric_evidence.source
    and deals.deal_id = metric_evidence.record_id
order by metric_evidence.rep_id, metric_evidence.period, metric_evidence.role, metric_evidence.metric, metric_evidence.occurred_at,
    metric_evidence.source, metric_evidence.record_type, metric_evidence.record_id, metric_evidence.detail
