-- pipeline_coverage: open amount that was to close in the quarter when it began, against the quota
-- grain: one row a deal that was open and due when the quarter began, and one row a rep and period with a quota
-- key: source, record_type, record_id, rep_id, occurred_at
-- signal: whether there is enough in the pipeline to reach the quota, while there is time to fill it
-- owner: sales operations
-- kpi: pipeline coverage
-- okr: enough good deals for the quarter
-- value: ratio
-- unit: share
-- better: higher
-- control: own
-- spans: quarter
-- streams: deals
-- not_null: source, rep_id, occurred_at, record_type, record_id, numerator, denominator, is_truncated, detail
-- checks: one_each: denominator >= 0
-- gaming: deals dated into the quarter to look covered; slippage_rate shows what became of them
-- changed: 2026-12-01 first version
with counted as (
    select
        pipeline_movements.source,
        pipeline_movements.rep_id,
        pipeline_movements.measured_at as occurred_at,
        'deal' as record_type,
        pipeline_movements.deal_id as record_id,
        cast(pipeline_movements.start_amount as numeric(38, 9)) as numerator,
        cast(0 as numeric(38, 9)) as denominator,
        'open at the beginning, to close in the quarter: ' || fn.digits(pipeline_movements.start_amount, 2) as detail,
        case when pipeline_movements.has_rate then null else 'unknown reference' end as unknown_reason
    from core.pipeline_movements
    join core.quotas
        on quotas.rep_id = pipeline_movements.rep_id
        and quotas.period = pipeline_movements.period
    where quotas.quota > 0
        and (pipeline_movements.start_amount > 0 or not pipeline_movements.has_rate)
    union all
    select
        quotas.quota_from as source,
        quotas.rep_id,
        measured_periods.measured_at as occurred_at,
        'quota' as record_type,
        quotas.rep_id || ' ' || quotas.period as record_id,
        cast(0 as numeric(38, 9)) as numerator,
        cast(quotas.quota as numeric(38, 9)) as denominator,
        'quota of ' || fn.digits(quotas.quota, 2) as detail,
        cast(null as string) as unknown_reason
    from core.quotas
    join core.measured_periods
        on measured_periods.period = quotas.period
    where quotas.quota > 0
)
select
    counted.source, -- the source's name in merit.yml, or where the quota comes from
    counted.rep_id, -- the owner at the period's end, whose quota it is
    counted.occurred_at, -- the period's last instant, or the build's
    counted.record_type, -- deal, or quota
    counted.record_id, -- the CRM's id of the deal; of a quota whose it is, and the quarter
    counted.numerator, -- amount open at the beginning, to close in the period
    counted.denominator, -- the quota, once
    false as is_truncated, -- amounts of then are those of core.pipeline_movements
    counted.detail, -- what it is
    counted.unknown_reason -- unknown reference: no rate of the currency; null: it is known
from counted
