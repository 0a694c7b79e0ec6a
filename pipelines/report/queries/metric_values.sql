select metric_values.rep_id, metric_values.period, metric_values.role, metric_values.metric, metric_values.title, metric_values.unit,
    metric_values.value, metric_values.normalised_value, metric_values.numerator, metric_values.denominator, metric_values.samples,
    metric_values.is_scored, metric_values.floor_value, metric_values.target_value, metric_values.cap, metric_values.attainment,
    metric_values.weight, metric_values.points, metric_values.reason
from marts.metric_values
order by metric_values.rep_id, metric_values.period, metric_values.role, metric_values.weight desc, metric_values.metric
