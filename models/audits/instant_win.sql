-- instant_win: deals that were won within minutes of being created
-- grain: one row a won deal
-- key: source, rep_id, record_id
-- signal: deals that were written down when they were over, with no history to measure
-- owner: revenue operations
-- severity: high
-- test: share
-- window: period
-- parameters: least: 3
--    minutes: 60
-- present: source, rep_id, occurred_at, record_type, record_id, is_suspect, detail
-- games: waiting an hour; sales_cycle_days shows deals that took no time
-- changed: 2026-11-30 first version
select
    closed_deals.source, -- the source's name in merit.yml
    closed_deals.rep_id, -- who owned the deal at the close
    closed_deals.closed_at as occurred_at, -- when it was won
    'deal' as record_type, -- the record is a deal
    closed_deals.deal_id as record_id, -- the CRM's id of it
    closed_deals.closed_at
        <= fn.add_minutes(closed_deals.created_at, cast(fn.as_number(settings.value) as bigint)) as is_suspect, -- true: won within minutes of its creation
    'won ' || fn.digits(closed_deals.cycle_days, 2) || ' days after it was created' as detail -- the win, in words
from core.closed_deals
join core.rep_spans
    on rep_spans.rep_id = closed_deals.rep_id
    and closed_deals.closed_at >= rep_spans.starts_at
    and closed_deals.closed_at < rep_spans.ends_at
join plan.settings
    on settings.period = rep_spans.period
    and settings.metric = 'instant_win'
    and settings.name = 'minutes'
where closed_deals.is_won
