-- stage_changes: each time that a deal's stage became another one
-- grain: one row a change of stage, the first stage included
-- key: source, change_id
-- signal: the raw motion of the pipeline, with what changed nothing taken out
-- owner: revenue operations
-- not_null: source, deal_id, change_id, stage_id, changed_at, ordinal, is_truncated
-- checks: not_later_than_the_build: changed_at <= fn.as_of()
-- gaming: saving a deal again and again; a row that keeps the stage is no change
-- changed: 2026-11-22 first version
with written as (
    select
        field_changes.source,
        field_changes.deal_id,
        field_changes.change_id,
        field_changes.new_value as stage_id,
        field_changes.changed_at,
        field_changes.ordinal,
        field_changes.changed_by,
        field_changes.changed_through,
        lag(field_changes.new_value) over history as stage_before,
        -- What the CRM has forgotten lies before the oldest row it still has.
        first_value(field_changes.is_truncated) over history as is_truncated
    from core.field_changes
    where field_changes.field = 'stage'
        and field_changes.new_value is not null
        and field_changes.changed_at <= fn.as_of()
    window history as (
        partition by field_changes.source, field_changes.deal_id
        order by field_changes.changed_at, field_changes.ordinal, field_changes.change_id
    )
)
select
    written.source, -- the source's name in merit.yml
    written.deal_id, -- the deal
    written.change_id, -- the CRM's id of the history row
    written.stage_id, -- the stage that it took
    written.changed_at, -- when; may lie before the deal's own creation where history was imported
    written.ordinal, -- order among changes of one instant; higher is later
    written.changed_by, -- user_id, null when the CRM doesn't say
    written.changed_through, -- user, import, integration, automation, merge; null when the CRM doesn't say
    written.is_truncated -- true: the CRM has forgotten how the deal's history began
from written
where written.stage_before is null
    or written.stage_before <> written.stage_id
