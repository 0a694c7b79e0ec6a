-- demos_held: demos that took place
-- grain: one row a demo
-- key: source, record_type, record_id
-- signal: customers who saw the product
-- owner: sales management
-- kpi: demos a quarter
-- okr: conversations that move deals
-- value: sum
-- unit: demos
-- better: higher
-- control: shared
-- spans: week month quarter
-- streams: activities
-- parameters: subtype: Demo
--    stage:
-- names: subtype: subtype unless stage
--    stage: stage
-- not_null: source, rep_id, occurred_at, record_type, record_id, numerator, denominator, is_truncated, detail
-- checks: one_each: numerator = 1 and denominator = 1
-- gaming: any meeting called a demo; demo_to_proposal shows what came of them
-- changed: 2026-11-22 first version
select
    demos.source, -- the source's name in merit.yml
    demos.rep_id, -- who held it
    demos.held_at as occurred_at, -- when
    demos.record_type, -- activity, or deal where the plan names a stage
    demos.record_id, -- the CRM's id of it
    cast(1 as numeric(38, 9)) as numerator, -- one demo
    cast(1 as numeric(38, 9)) as denominator, -- one demo
    demos.is_truncated, -- true: the CRM has forgotten how the deal's history began, or who owned it then
    'demo held' || coalesce(' for deal ' || demos.deal_id, ', no deal named') as detail -- for what
from core.demos
