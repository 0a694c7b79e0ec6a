-- deal_value_spans: which value a tracked field of a deal had, from which instant to which
-- grain: one row a value
-- key: source, deal_id, field, change_number
-- signal: what the CRM said at any instant, not what it says today
-- owner: revenue operations
-- not_null: source, deal_id, field, change_number, starts_at, until_at, is_automatic, is_truncated
-- checks: in_order: until_at >= starts_at
--    fields: field in ('amount', 'close_on', 'next_step', 'forecast_category', 'pipeline', 'currency')
-- gaming: values set right just before a period ends; their spans show how long they were not
-- changed: 2026-11-22 first version
--    2026-11-22 tells what no person wrote
select
    field_changes.source, -- the source's name in merit.yml
    field_changes.deal_id, -- the deal
    field_changes.field, -- amount, close_on, next_step, forecast_category, pipeline or currency
    row_number() over history as change_number, -- 1 is the oldest known value
    field_changes.new_value as value, -- text form; null: empty
    lag(field_changes.new_value) over history as previous_value, -- the value before; null: empty or unknown
    last_value(field_changes.new_value ignore nulls) over earlier as last_value_given, -- the last value before that was not empty; null: none is known
    field_changes.changed_at as starts_at, -- first instant of the value
    coalesce(lead(field_changes.changed_at) over history, fn.add_days(fn.as_of(), 1)) as until_at, -- first instant of the next one, or where there is none an instant after this build's
    coalesce(field_changes.changed_through = 'automation', false) as is_automatic, -- true: the CRM or a workflow wrote it, no person
    field_changes.is_truncated -- true: the CRM had forgotten what was before
from core.field_changes
where field_changes.field in ('amount', 'close_on', 'next_step', 'forecast_category', 'pipeline', 'currency')
    and field_changes.changed_at <= fn.as_of()
window
    history as (
        partition by field_changes.source, field_changes.deal_id, field_changes.field
        order by field_changes.changed_at, field_changes.ordinal, field_changes.change_id
    ),
    earlier as (
        partition by field_changes.source, field_changes.deal_id, field_changes.field
        order by field_changes.changed_at, field_changes.ordinal, field_changes.change_id
        rows between unbounded preceding and 1 preceding
    )
