-- deal_changes: the versions of a deal's tracked properties. A version that was
-- once read together with the one before it is not truncated, even if it was the
-- oldest one left at another reading
with
versions as (
    select
        deal_history.object_id,
        deal_history.property,
        deal_history.timestamp as changed_at,
        deal_history.source_id,
        deal_history.ordinal as from_last,
        max(deal_history.value) as value,
        max(deal_history.number) as number,
        max(deal_history.instant) as instant,
        max(deal_history.source_type) as source_type,
        max(deal_history.updated_by_user_id) as updated_by_user_id,
        min(case when deal_history.is_truncated then 1 else 0 end) = 1 as is_truncated
    from raw.deal_history as deal_history
    where deal_history.timestamp is not null
    group by deal_history.object_id, deal_history.property, deal_history.timestamp, deal_history.source_id, deal_history.ordinal
),

owners_by_user as (
    select
        coalesce(owners.userId, owners.userIdIncludingInactive) as number,
        coalesce(max(case when not owners.merit_deleted then owners.id end), max(owners.id)) as id
    from raw.owners as owners
    group by coalesce(owners.userId, owners.userIdIncludingInactive)
),

fields as (
    select
        versions.object_id,
        versions.changed_at,
        versions.source_id,
        versions.from_last,
        versions.source_type,
        versions.updated_by_user_id,
        versions.is_truncated,
        case versions.property
            when 'dealstage' then 'stage'
            when 'amount' then 'amount'
            when 'closedate' then 'close_on'
            when 'hubspot_owner_id' then 'owner'
            when 'hs_next_step' then 'next_step'
            when 'hs_manual_forecast_category' then 'forecast_category'
            when 'pipeline' then 'pipeline'
            when 'deal_currency_code' then 'currency'
        end as field,
        case versions.property
            when 'amount' then cast(fn.number(versions.number) as string)
            when 'closedate' then cast(fn.day(versions.instant) as string)
            else versions.value
        end as new_value
    from versions
)

select
    fields.object_id || '-' || fields.field
        || '-' || cast(fn.micros(fn.as_instant('1970-01-01 00:00:00+00:00'), fields.changed_at) as string)
        || '-' || fields.source_id || '-' || cast(fields.from_last as string) as change_id,
    fields.object_id as deal_id,
    fields.field as field,
    fields.new_value as new_value,
    fields.changed_at as changed_at,
    -fields.from_last as ordinal,
    coalesce(owners_by_user.id, 'user-' || cast(fields.updated_by_user_id as string)) as changed_by,
    case
        when fields.source_id = 'close-date-automation' then 'automation'
        when fields.source_type in ('CRM_UI', 'CRM_UI_BULK_ACTION', 'CONTACTS_WEB', 'MOBILE_IOS', 'MOBILE_ANDROID', 'SALES') then 'user'
        when fields.source_type in ('IMPORT', 'MIGRATION', 'BATCH_UPDATE') then 'import'
        when fields.source_type in ('INTEGRATION', 'API', 'INTEGRATIONS_SYNC', 'SALESFORCE') then 'integration'
        when fields.source_type in ('AUTOMATION_PLATFORM', 'WORKFLOWS', 'SEQUENCES', 'CALCULATED') then 'automation'
        when fields.source_type = 'MERGE_OBJECTS' then 'merge'
    end as changed_through,
    fields.is_truncated as is_truncated
from fields
left join owners_by_user
    on fields.updated_by_user_id = owners_by_user.number
where fields.field is not null
