-- metric_evidence: every CRM record that counts for a metric, for or against
-- grain: one row a record and what it counted for
-- key: metric, source, record_type, record_id, rep_id, occurred_at, detail
-- signal: from any number down to the records that made it
-- owner: revenue operations
-- present: metric, source, record_type, record_id, rep_id, occurred_at, detail, period, role, numerator, denominator, is_truncated, is_excluded, computed_at
-- form: view
-- changed: 2026-11-22 first version
with counted as (
    select
        metric_evidence.metric,
        metric_evidence.source,
        metric_evidence.record_type,
        metric_evidence.record_id,
        -- An outer join on a condition of one side compares all with all; on this column it does not.
        case when metric_evidence.record_type = 'deal' then metric_evidence.record_id end as deal_id,
        metric_evidence.rep_id,
        metric_evidence.occurred_at,
        metric_evidence.detail,
        rep_spans.period,
        rep_spans.role,
        metric_evidence.numerator,
        metric_evidence.denominator,
        metric_evidence.is_truncated,
        metric_evidence.unknown_reason,
        metric_evidence.is_excluded,
        metric_evidence.exclusion_reason
    from scores.metric_evidence
    join core.rep_spans
        on rep_spans.rep_id = metric_evidence.rep_id
        and metric_evidence.occurred_at >= rep_spans.starts_at
        and metric_evidence.occurred_at < rep_spans.ends_at
)
select
    counted.metric, -- the metric's name
    counted.source, -- the source's name in merit.yml
    counted.record_type, -- deal or activity
    counted.record_id, -- the CRM's id
    counted.rep_id, -- who gets it
    counted.occurred_at, -- when it happened
    counted.detail, -- what happened, in words
    counted.period, -- the period in which it counts
    counted.role, -- the role in which it counts
    cast(counted.numerator as numeric(18, 6)) as numerator, -- for
    cast(counted.denominator as numeric(18, 6)) as denominator, -- of
    counted.is_truncated, -- true: it rests on history that the CRM has forgotten
    counted.unknown_reason, -- why its worth is not known, which makes the value unknown; null: it is known
    counted.is_excluded, -- true: shown, and adds nothing
    counted.exclusion_reason, -- why; null: it counts
    deals.url, -- the deal's page at the CRM
    fn.as_of() as computed_at -- the instant that the numbers speak of
from counted
left join core.deals
    on deals.source = counted.source
    and deals.deal_id = counted.deal_id
