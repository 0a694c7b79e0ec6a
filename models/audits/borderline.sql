-- borderline: scores that a manager should look at before money hangs on them
-- grain: one row a rep, period, role and reason
-- key: rep_id, period, role, reason
-- signal: where a little more or less decides about a tier, or where the numbers rest on what is not sure
-- owner: sales management
-- not_null: rep_id, period, role, reason, detail
-- checks: reasons: reason in ('near a tier', 'truncated history', 'doubtful data')
-- gaming: none; it takes nothing away and gives nothing
-- changed: 2026-12-01 first version
with near as (
    select
        rep_scores.rep_id,
        rep_scores.period,
        rep_scores.role,
        min(abs(rep_scores.score - tiers.from_score)) as distance
    from scores.rep_scores
    join plan.tiers
        on tiers.period = rep_scores.period
        and tiers.role = rep_scores.role
    where abs(rep_scores.score - tiers.from_score) <= 1
    group by
        rep_scores.rep_id,
        rep_scores.period,
        rep_scores.role
),
evidence as (
    select
        rep_assignments.rep_id,
        rep_assignments.period,
        rep_assignments.role,
        count(*) as rows_in_all,
        sum(case when metric_evidence.is_truncated then 1 else 0 end) as truncated
    from scores.metric_evidence
    join core.rep_assignments
        on rep_assignments.rep_id = metric_evidence.rep_id
        and metric_evidence.occurred_at >= rep_assignments.starts_at
        and metric_evidence.occurred_at < rep_assignments.ends_at
    join plan.metrics
        on metrics.period = rep_assignments.period
        and metrics.role = rep_assignments.role
        and metrics.metric = metric_evidence.metric
    where not metric_evidence.is_excluded
    group by
        rep_assignments.rep_id,
        rep_assignments.period,
        rep_assignments.role
),
doubtful as (
    select
        flags.rep_id,
        flags.period,
        flags.role,
        count(*) as open_flags
    from audits.flags
    where flags.state in ('open', 'reopened')
    group by
        flags.rep_id,
        flags.period,
        flags.role
),
reasons as (
    select
        near.rep_id,
        near.period,
        near.role,
        'near a tier' as reason,
        'the score is ' || fn.digits(cast(near.distance as numeric(18, 6)), 2) || ' from where a tier begins' as detail
    from near
    union all
    select
        evidence.rep_id,
        evidence.period,
        evidence.role,
        'truncated history' as reason,
        'of ' || cast(evidence.rows_in_all as string) || ' records that count ' || cast(evidence.truncated as string)
            || ' have a history that the CRM had forgotten' as detail
    from evidence
    where evidence.truncated > 0
    union all
    select
        doubtful.rep_id,
        doubtful.period,
        doubtful.role,
        'doubtful data' as reason,
        cast(doubtful.open_flags as string) || ' flags wait for a decision' as detail
    from doubtful
)
select
    reasons.rep_id, -- the company's own id of the person
    reasons.period, -- fiscal year and quarter
    reasons.role, -- the role held then
    reasons.reason, -- why somebody should look: near a tier, truncated history or doubtful data
    reasons.detail -- in words
from reasons
