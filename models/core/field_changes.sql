-- field_changes: each time that a tracked field of a deal took another value
-- grain: one row a change of a value, the first one included
-- key: source, change_id
-- signal: what happened to deals, without what a CRM wrote down again
-- owner: revenue operations
-- not_null: source, change_id, deal_id, field, changed_at, ordinal, is_truncated
-- checks: fields: field in ('stage', 'amount', 'close_on', 'owner', 'next_step', 'forecast_category', 'pipeline', 'currency')
-- gaming: saving a deal again and again; a row that keeps the value is no change
-- changed: 2026-12-01 first version
with written as (
    select
        deal_changes.source,
        deal_changes.change_id,
        deal_changes.deal_id,
        deal_changes.field,
        deal_changes.new_value,
        deal_changes.changed_at,
        deal_changes.ordinal,
        deal_changes.changed_by,
        deal_changes.changed_through,
        deal_changes.is_truncated,
        row_number() over history as place,
        lag(deal_changes.new_value) over history as value_before
    from staging.deal_changes
    window history as (
        partition by deal_changes.source, deal_changes.deal_id, deal_changes.field
        order by deal_changes.changed_at, deal_changes.ordinal, deal_changes.change_id
    )
)
select
    written.source, -- the source's name in merit.yml
    written.change_id, -- the CRM's id of the history row and field
    written.deal_id, -- the deal
    written.field, -- stage, amount, close_on, owner, next_step, forecast_category, pipeline or currency
    written.new_value, -- text form; null: cleared
    written.changed_at, -- when it took the value
    written.ordinal, -- order among changes of one instant; higher is later
    written.changed_by, -- user_id, null when the CRM doesn't say
    written.changed_through, -- user, import, integration, automation, merge; null when the CRM doesn't say
    written.is_truncated -- true: the CRM had forgotten what was before, this is the oldest value known
from written
where written.place = 1
    or coalesce(written.new_value <> written.value_before, written.new_value is not null or written.value_before is not null)
