select fairness.period, fairness.role, fairness.segment_kind, fairness.segment, fairness.measure, fairness.n, fairness.value, fairness.low, fairness.high,
    fairness.verdict, fairness.text
from marts.fairness
order by fairness.period, fairness.role, fairness.segment_kind, fairness.segment, fairness.measure
