-- win_rate: share of the deals closed in the period that were won, renewals left out unless the plan says otherwise
-- grain: one row a closed deal
-- key: source, record_id
-- signal: how often the work leads to a customer
-- owner: sales management
-- kpi: win rate
-- okr: win the deals that we work on
-- value: ratio
-- unit: share
-- better: higher
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
-- checks: none_or_one: numerator in (0, 1) and denominator = 1
-- gaming: losses left open for ever, or deleted: hygiene_score marks close dates in the past, deleted deals stay listed, and the cohorts by month of creation stand beside it
-- changed: 2026-11-22 first version
--    2026-12-01 renewals apart; from a named stage, and without deals of 0, where the plan says so
select
    closed_deals.source, -- the source's name in merit.yml
    closed_deals.rep_id, -- the owner at the close
    closed_deals.closed_at as occurred_at, -- when it closed
    'deal' as record_type, -- the record is a deal
    closed_deals.deal_id as record_id, -- the CRM's id of the deal
    case when closed_deals.is_won then cast(1 as numeric(38, 9)) else cast(0 as numeric(38, 9)) end as numerator, -- 1: won
    cast(1 as numeric(38, 9)) as denominator, -- one deal
    metric_closings.is_truncated, -- true: the CRM had forgotten who owned it then, or how its history began where a stage is asked for
    case when closed_deals.is_won then 'won' else 'lost' end as detail -- how it ended
from core.metric_closings
join core.closed_deals
    on closed_deals.source = metric_closings.source
    and closed_deals.deal_id = metric_closings.deal_id
where metric_closings.metric = 'win_rate'
