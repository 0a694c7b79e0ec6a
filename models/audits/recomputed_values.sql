-- recomputed_values: each metric value beside the one recomputed from its evidence in another way
-- grain: one row a rep, period, role and metric
-- key: rep_id, period, role, metric
-- signal: the number and its drill-down can't disagree
-- owner: finance
-- not_null: rep_id, period, role, metric, stated_samples, recomputed_samples, is_same
-- checks: the_same: is_same
-- changed: 2026-11-22 first version
with roster as (
    -- Role and period by calendar day from roster and plan themselves, not by the spans that the values use.
    select
        reps.rep_id,
        reps.role,
        periods.period,
        case when reps.valid_from > periods.starts_on then reps.valid_from else periods.starts_on end as first_on,
        case when reps.valid_to < periods.ends_on then reps.valid_to else periods.ends_on end as last_on
    from plan.reps
    cross join plan.periods
),
dated as (
    select
        metric_evidence.metric,
        metric_evidence.rep_id,
        fn.day(metric_evidence.occurred_at) as occurred_on,
        metric_evidence.numerator,
        metric_evidence.denominator,
        metric_evidence.unknown_reason
    from scores.metric_evidence
    where not metric_evidence.is_excluded
),
evidence as (
    select
        dated.metric,
        dated.rep_id,
        roster.period,
        roster.role,
        dated.numerator,
        dated.denominator,
        dated.unknown_reason
    from dated
    join roster
        on roster.rep_id = dated.rep_id
        and dated.occurred_on >= roster.first_on
        and dated.occurred_on <= roster.last_on
),
totals as (
    select
        evidence.metric,
        evidence.rep_id,
        evidence.period,
        evidence.role,
        count(*) as samples,
        count(evidence.unknown_reason) as unknown_samples,
        sum(evidence.numerator) as total,
        fn.ratio(sum(evidence.numerator), sum(evidence.denominator)) as quotient
    from evidence
    group by
        evidence.metric,
        evidence.rep_id,
        evidence.period,
        evidence.role
),
ranked as (
    select
        evidence.metric,
        evidence.rep_id,
        evidence.period,
        evidence.role,
        evidence.numerator,
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
    join scores.metric_definitions
        on metric_definitions.metric = evidence.metric
    where metric_definitions.value = 'median'
),
middles as (
    select
        ranked.metric,
        ranked.rep_id,
        ranked.period,
        ranked.role,
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
        case
            when metric_gaps.metric is not null or totals.unknown_samples > 0 then null
            when metric_definitions.value = 'sum' then coalesce(fn.ratio(totals.total, 1), 0)
            when metric_definitions.value = 'median' then middles.middle
            else totals.quotient
        end as recomputed,
        coalesce(totals.samples, 0) as recomputed_samples
    from scores.metric_values
    join scores.metric_definitions
        on metric_definitions.metric = metric_values.metric
    left join totals
        on totals.metric = metric_values.metric
        and totals.rep_id = metric_values.rep_id
        and totals.period = metric_values.period
        and totals.role = metric_values.role
    left join middles
        on middles.metric = metric_values.metric
        and middles.rep_id = metric_values.rep_id
        and middles.period = metric_values.period
        and middles.role = metric_values.role
    left join scores.metric_gaps
        on metric_gaps.rep_id = metric_values.rep_id
        and metric_gaps.period = metric_values.period
        and metric_gaps.metric = metric_values.metric
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
