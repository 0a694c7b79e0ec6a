-- sales_cycle_days: days from the creation of a deal to its win, in the middle
-- grain: one row a won deal
-- key: source, record_id
-- signal: how long decisions take
-- owner: sales management
-- kpi: median sales cycle
-- okr: shorten the sales cycle
-- value: median
-- unit: days
-- better: lower
-- control: outcome
-- spans: month quarter
-- streams: deals
-- parameters: deal_class: new, expansion, other
--    from_stage:
--    no_zero_amount: false
-- names: deal_class: one of new, expansion, renewal, other
--    from_stage: stage
--    no_zero_amount: one of true, false
-- not_null: source, rep_id, occurred_at, record_type, record_id, numerator, denominator, is_truncated, detail
-- checks: time_goes_forward: numerator >= 0 and denominator = 1
-- gaming: deals entered late, when they are nearly done: instant wins are flagged; a deal created after its close is left out
-- changed: 2026-11-22 first version
--    2026-12-01 renewals apart; from a named stage, and without deals of 0, where the plan says so
--    2026-11-22 a deal created within a tenth of a second after its close is left out, too: rounded days do not show it
select
    closed_deals.source, -- the source's name in merit.yml
    closed_deals.rep_id, -- the owner at the close
    closed_deals.closed_at as occurred_at, -- when it closed
    'deal' as record_type, -- the record is a deal
    closed_deals.deal_id as record_id, -- the CRM's id of the deal
    cast(fn.days(metric_closings.begun_at, closed_deals.closed_at) as numeric(38, 9)) as numerator, -- days from creation, or from the named stage, to the close
    cast(1 as numeric(38, 9)) as denominator, -- one deal
    metric_closings.is_truncated, -- true: the CRM had forgotten who owned it then, or how its history began where a stage is asked for
    'won after ' || fn.digits(fn.days(metric_closings.begun_at, closed_deals.closed_at), 1) || ' days' as detail -- how long it took
from core.metric_closings
join core.closed_deals
    on closed_deals.source = metric_closings.source
    and closed_deals.deal_id = metric_closings.deal_id
where metric_closings.metric = 'sales_cycle_days'
    and closed_deals.is_won
    -- A deal that was written down after its close tells nothing of its length.
    and metric_closings.begun_at <= closed_deals.closed_at
