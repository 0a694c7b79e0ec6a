-- borderline: scores that a manager should look at before money hangs on them
-- grain: one row a rep, period, role and reason
-- key: rep_id, period, role, reason
-- signal: where a little more or less decides about a tier, or where the numbers rest on what is not sure
-- owner: sales management
-- not_null: rep_id, period, role, reason, detail, sign_off_id, state
-- checks: reasons: reason in ('near a tier', 'truncated history', 'doubtful data')
--    states: state in ('told', 'waiting', 'signed')
--    signed_by_somebody: state <> 'signed' or signed_by is not null
-- gaming: none; it takes nothing away and gives nothing
-- changed: 2026-12-01 first version
--    2026-12-01 a manager's sign-off, where the plan asks for one
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
),
-- What was signed is this score for this reason: where either changes, somebody signs again.
named as (
    select
        reasons.rep_id,
        reasons.period,
        reasons.role,
        reasons.reason,
        reasons.detail,
        rep_scores.score,
        'sign-off-' || fn.short_hash(
            reasons.rep_id || ' ' || reasons.period || ' ' || reasons.role || ' ' || reasons.reason || ' ' || reasons.detail
                || ' ' || coalesce(fn.digits(cast(rep_scores.score as numeric(18, 6)), 2), '')
        ) as sign_off_id
    from reasons
    left join scores.rep_scores
        on rep_scores.rep_id = reasons.rep_id
        and rep_scores.period = reasons.period
        and rep_scores.role = reasons.role
)
select
    named.rep_id, -- the company's own id of the person
    named.period, -- fiscal year and quarter
    named.role, -- the role held then
    named.reason, -- why somebody should look: near a tier, truncated history or doubtful data
    named.detail, -- in words
    named.score, -- as it stands; null: none
    named.sign_off_id, -- what a manager signs: a hash of all of the above
    case
        when sign_offs.sign_off_id is not null then 'signed'
        when settings.metric is not null then 'waiting'
        else 'told'
    end as state, -- waiting: the plan wants a manager's sign-off, and the line is held until it is given
    sign_offs.signed_on, -- day of the signature; null: none
    sign_offs.signed_by, -- whose key signed
    sign_offs.reason as signed_because -- theirs
from named
left join plan.settings
    on settings.period = named.period
    and settings.metric = 'sign_off'
    and settings.name = 'reason'
    and settings.value = named.reason
left join plan.sign_offs
    on sign_offs.sign_off_id = named.sign_off_id
