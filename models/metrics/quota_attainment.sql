-- quota_attainment: what was sold of the quota, in the quota's own measure
-- grain: one row a won deal and rep credited with it, and one row a rep and period with a quota
-- key: source, record_type, record_id, rep_id
-- signal: whether the plan for the quarter holds
-- owner: sales operations
-- kpi: quota attainment
-- okr: grow recurring revenue
-- value: ratio
-- unit: share
-- better: higher
-- control: outcome
-- spans: quarter
-- streams: deals
-- parameters: quota_measure: amount
-- names: quota_measure: one of amount, arr, new_arr
-- not_null: source, rep_id, occurred_at, record_type, record_id, numerator, denominator, is_truncated, detail
-- checks: quota_is_more_than_nothing: record_type = 'deal' or denominator > 0
-- gaming: a low quota; it stands beside the value, with where it comes from
-- changed: 2026-12-01 first version
with rules as (
    select
        periods.period,
        periods.starts_at,
        periods.ends_at,
        coalesce(max(settings.value), 'amount') as quota_measure
    from plan.periods
    left join plan.settings
        on settings.period = periods.period
        and settings.metric = 'quota_attainment'
        and settings.name = 'quota_measure'
    group by
        periods.period,
        periods.starts_at,
        periods.ends_at
),
beginnings as (
    select
        rep_assignments.rep_id,
        rep_assignments.period,
        min(rep_assignments.starts_at) as begins_at
    from core.rep_assignments
    group by
        rep_assignments.rep_id,
        rep_assignments.period
),
counted as (
    select
        credited_wins.source,
        credited_wins.rep_id,
        credited_wins.closed_at as occurred_at,
        'deal' as record_type,
        credited_wins.deal_id as record_id,
        case rules.quota_measure
            when 'arr' then credited_wins.total_arr
            when 'new_arr' then credited_wins.new_arr
            else credited_wins.amount
        end as numerator,
        cast(0 as numeric(38, 9)) as denominator,
        credited_wins.is_truncated,
        'won, by ' || rules.quota_measure as detail,
        case rules.quota_measure
            when 'arr' then credited_wins.total_unknown_reason
            when 'new_arr' then credited_wins.new_unknown_reason
            else credited_wins.amount_unknown_reason
        end as unknown_reason
    from core.credited_wins
    join rules
        on credited_wins.closed_at >= rules.starts_at
        and credited_wins.closed_at < rules.ends_at
    join core.quotas
        on quotas.rep_id = credited_wins.rep_id
        and quotas.period = rules.period
    where quotas.quota > 0
    union all
    select
        quotas.quota_from as source,
        quotas.rep_id,
        beginnings.begins_at as occurred_at,
        'quota' as record_type,
        quotas.rep_id || ' ' || quotas.period as record_id,
        cast(0 as numeric(38, 9)) as numerator,
        cast(quotas.quota as numeric(38, 9)) as denominator,
        false as is_truncated,
        'quota of ' || fn.digits(quotas.quota, 2) || ' from ' || quotas.quota_from as detail,
        cast(null as string) as unknown_reason
    from core.quotas
    join beginnings
        on beginnings.rep_id = quotas.rep_id
        and beginnings.period = quotas.period
    where quotas.quota > 0
        and beginnings.begins_at <= fn.as_of()
)
select
    counted.source, -- the source's name in merit.yml
    counted.rep_id, -- who is credited
    counted.occurred_at, -- when it was won
    counted.record_type, -- deal, or quota
    counted.record_id, -- the CRM's id of the deal; of a quota whose it is, and the quarter
    counted.numerator, -- the rep's share in the quota's measure; 0 where it is not known
    counted.denominator, -- the quota, once
    counted.is_truncated, -- true: the CRM had forgotten who owned it then
    counted.detail, -- what is counted
    counted.unknown_reason -- why it is not known, which makes the share unknown; null: it is
from counted
