select metric_validity.role, metric_validity.metric, metric_validity.outcome, metric_validity.people, metric_validity.spearman, metric_validity.low, metric_validity.high,
    metric_validity.verdict, metric_validity.text
from marts.metric_validity
order by metric_validity.role, metric_validity.metric, metric_validity.outcome
