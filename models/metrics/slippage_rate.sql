-- slippage_rate: share of the amount due in the quarter that slipped out of it
-- grain: one row a deal that was open and due when the quarter began
-- key: source, record_id, occurred_at
-- signal: dates that nobody believes
-- owner: sales operations
-- kpi: slippage
-- okr: a forecast that the company can plan by
-- value: ratio
-- unit: share
-- better: lower
-- control: own
-- spans: quarter
-- streams: deals, deal_changes
-- not_null: source, rep_id, occurred_at, record_type, record_id, numerator, denominator, is_truncated, detail
-- checks: part_of_what_was_due: numerator >= 0 and numerator <= denominator
-- gaming: deals closed as lost in the last days instead of moved: win_rate shows them
-- changed: 2026-12-01 first version
select
    pipeline_movements.source, -- the source's name in merit.yml
    pipeline_movements.rep_id, -- the owner at the period's end
    pipeline_movements.measured_at as occurred_at, -- the period's last instant
    'deal' as record_type, -- the record is a deal
    pipeline_movements.deal_id as record_id, -- the CRM's id of the deal
    case when pipeline_movements.movement = 'slipped' then cast(pipeline_movements.start_amount as numeric(38, 9)) else cast(0 as numeric(38, 9)) end as numerator, -- amount that was due and is still open, dated out of the period
    cast(pipeline_movements.start_amount as numeric(38, 9)) as denominator, -- amount that was open at the beginning, to close in the period
    false as is_truncated, -- amounts of then are those of core.pipeline_movements
    'due at the beginning for ' || fn.digits(pipeline_movements.start_amount, 2) || ', ' || pipeline_movements.movement as detail, -- what became of it
    case when pipeline_movements.has_rate then null else 'unknown reference' end as unknown_reason -- unknown reference: no rate of the currency; null: it is known
from core.pipeline_movements
join plan.periods
    on periods.period = pipeline_movements.period
where pipeline_movements.rep_id is not null
    and (pipeline_movements.start_amount > 0 or not pipeline_movements.has_rate)
    -- What is due until the quarter's end has not slipped before.
    and periods.ends_at <= fn.as_of()
