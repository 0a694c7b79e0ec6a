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
-- present: source, rep_id, occurred_at, record_type, record_id, numerator, denominator, is_truncated, detail
-- checks: time_goes_forward: numerator >= 0 and denominator = 1
-- games: deals entered late, when they are nearly done: instant wins are flagged; a deal created after its close is left out
-- changed: 2026-11-22 first version
--    2026-11-22 a deal created within a tenth of a second after its close is left out, too: rounded days do not show it
select
    closed_deals.source, -- the source's name in merit.yml
    closed_deals.rep_id, -- the owner at the close
    closed_deals.closed_at as occurred_at, -- when it closed
    'deal' as record_type, -- the record is a deal
    closed_deals.deal_id as record_id, -- the CRM's id of the deal
    cast(closed_deals.cycle_days as numeric(38, 9)) as numerator, -- days from creation to the close
    cast(1 as numeric(38, 9)) as denominator, -- one deal
    closed_deals.is_truncated, -- true: the CRM had forgotten who owned it then
    'won after ' || fn.digits(closed_deals.cycle_days, 1) || ' days' as detail -- how long it took
from core.closed_deals
join core.rep_spans
    on rep_spans.rep_id = closed_deals.rep_id
    and closed_deals.closed_at >= rep_spans.starts_at
    and closed_deals.closed_at < rep_spans.ends_at
where closed_deals.is_won
    -- A deal that was written down after its close tells nothing of its length.
    and closed_deals.created_at <= closed_deals.closed_at
