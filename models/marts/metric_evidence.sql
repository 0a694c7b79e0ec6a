-- metric_evidence: every CRM record that counts for a metric, for or against
-- grain: one row a record and what it counted for
-- key: metric, source, record_type, record_id, rep_id, occurred_at, detail
-- signal: from any number down to the records that made it
-- owner: revenue operations
-- present: metric, source, record_type, record_id, rep_id, occurred_at, detail, period, role, numerator, denominator, is_truncated, is_excluded, computed_at
-- changed: 2026-11-22 first version
select
    metric_evidence.metric, -- the metric's name
    metric_evidence.source, -- the source's name in merit.yml
    metric_evidence.record_type, -- deal or activity
    metric_evidence.record_id, -- the CRM's id
    metric_evidence.rep_id, -- who gets it
    metric_evidence.occurred_at, -- when it happened
    metric_evidence.detail, -- what happened, in words
    rep_spans.period, -- the period in which it counts
    rep_spans.role, -- the role in which it counts
    cast(metric_evidence.numerator as numeric(18, 6)) as numerator, -- for
    cast(metric_evidence.denominator as numeric(18, 6)) as denominator, -- of
    metric_evidence.is_truncated, -- true: it rests on history that the CRM has forgotten
    metric_evidence.is_excluded, -- true: shown, and adds nothing
    metric_evidence.exclusion_reason, -- why; null: it counts
    deals.url, -- the deal's page at the CRM
    fn.as_of() as computed_at -- the instant that the numbers speak of
from scores.metric_evidence
join core.rep_spans
    on rep_spans.rep_id = metric_evidence.rep_id
    and metric_evidence.occurred_at >= rep_spans.starts_at
    and metric_evidence.occurred_at < rep_spans.ends_at
left join core.deals
    on deals.source = metric_evidence.source
    and deals.deal_id = metric_evidence.record_id
    and metric_evidence.record_type = 'deal'
