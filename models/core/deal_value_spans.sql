-- deal_value_spans: which value a tracked field of a deal had, from which instant to which
-- grain: one row a value
-- key: source, deal_id, field, change_number
-- signal: what the CRM said at any instant, not what it says today
-- owner: revenue operations
-- present: source, deal_id, field, change_number, starts_at, until_at, is_automatic, is_truncated
-- checks: in_order: until_at >= starts_at
--    fields: field in ('amount', 'close_on', 'next_step', 'forecast_category')
-- games: values set right just before a period ends; their spans show how long they were not
-- changed: 2026-11-22 first version
--    2026-11-22 tells what no person wrote
select
    deal_changes.source, -- the source's name in merit.yml
    deal_changes.deal_id, -- the deal
    deal_changes.field, -- amount, close_on, next_step or forecast_category
    row_number() over history as change_number, -- 1 is the oldest known value
    deal_changes.new_value as value, -- text form; null: empty
    lag(deal_changes.new_value) over history as previous_value, -- the value before; null: empty or unknown
    deal_changes.changed_at as starts_at, -- first instant of the value
    coalesce(lead(deal_changes.changed_at) over history, fn.add_days(fn.as_of(), 1)) as until_at, -- first instant of the next one, or where there is none an instant after this build's
    coalesce(deal_changes.changed_through = 'automation', false) as is_automatic, -- true: the CRM or a workflow wrote it, no person
    deal_changes.is_truncated -- true: the CRM had forgotten what was before
from staging.deal_changes
where deal_changes.field in ('amount', 'close_on', 'next_step', 'forecast_category')
    and deal_changes.changed_at <= fn.as_of()
window history as (
    partition by deal_changes.source, deal_changes.deal_id, deal_changes.field
    order by deal_changes.changed_at, deal_changes.ordinal, deal_changes.change_id
)
