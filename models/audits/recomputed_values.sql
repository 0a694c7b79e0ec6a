-- recomputed_values: each metric value beside the one recomputed from its evidence in another way
-- grain: one row a rep, period, role and metric
-- key: rep_id, period, role, metric
-- signal: the number and its drill-down can't disagree
-- owner: finance
-- present: rep_id, period, role, metric, stated_samples, recomputed_samples, is_same
-- checks: the_same: is_same
-- changed: 2026-11-22 first version
with evidence as (
    -- Role and period by calendar day from roster and plan themselves, not by the spans that the values use.
    select
        metric_evidence.metric,
        metric_evidence.rep_id,
        periods.period,
        reps.role,
        metric_evidence.numerator,
        metric_evidence.denominator
    from scores.metric_evidence
    join plan.reps
        on reps.rep_id = metric_evidence.rep_id
        and fn.day(metric_evidence.occurred_at) >= reps.valid_from
        and (reps.valid_to is null or fn.day(metric_evidence.occurred_at) <= reps.valid_to)
    join plan.periods
        on fn.day(metric_evidence.occurred_at) between periods.starts_on and periods.ends_on
    where not metric_evidence.is_excluded
),
ranked as (
    select
        evidence.metric,
        evidence.rep_id,
        evidence.period,
        evidence.role,
        evidence.numerator,
        evidence.denominator,
        rank() over (
            partition by evidence.metric, evidence.rep_id, evidence.period, evidence.role
            order by evidence.numerator
        ) - 1 as rows_below,
        rank() over (
            partition by evidence.metric, evidence.rep_id, evidence.period, evidence.role
            order by evidence.numerator desc
        ) - 1 as rows_above,
        count(*) over (
            partition by evidence.metric, evidence.rep_id, evidence.period, evidence.role
        ) as all_rows
    from evidence
),
recomputed as (
    select
        ranked.metric,
        ranked.rep_id,
        ranked.period,
        ranked.role,
        count(*) as samples,
        sum(ranked.numerator) as total,
        fn.ratio(sum(ranked.numerator), sum(ranked.denominator)) as quotient,
        -- Less than half of the rows lie below the one, less than half above the other.
        fn.ratio(
            max(case when 2 * ranked.rows_below < ranked.all_rows then ranked.numerator end)
            + min(case when 2 * ranked.rows_above < ranked.all_rows then ranked.numerator end),
            2
        ) as middle
    from ranked
    group by
        ranked.metric,
        ranked.rep_id,
        ranked.period,
        ranked.role
),
compared as (
    select
        metric_values.rep_id,
        metric_values.period,
        metric_values.role,
        metric_values.metric,
        metric_values.value as stated,
        metric_values.samples as stated_samples,
        case metric_definitions.value
            when 'sum' then fn.ratio(recomputed.total, 1)
            when 'median' then recomputed.middle
            else recomputed.quotient
        end as recomputed,
        coalesce(recomputed.samples, 0) as recomputed_samples
    from scores.metric_values
    join scores.metric_definitions
        on metric_definitions.metric = metric_values.metric
    left join recomputed
        on recomputed.metric = metric_values.metric
        and recomputed.rep_id = metric_values.rep_id
        and recomputed.period = metric_values.period
        and recomputed.role = metric_values.role
)
select
    compared.rep_id, -- the company's own id of the person
    compared.period, -- fiscal year and quarter
    compared.role, -- a role of plan.yml
    compared.metric, -- the metric's name
    compared.stated, -- the value in metric_values
    compared.recomputed, -- the value recomputed from the evidence
    compared.stated_samples, -- evidence rows behind the stated value
    compared.recomputed_samples, -- evidence rows found again
    compared.stated is not distinct from compared.recomputed
        and compared.stated_samples = compared.recomputed_samples as is_same -- false: a violation, nothing is published
from compared
