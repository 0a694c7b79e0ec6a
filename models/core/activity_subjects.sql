-- activity_subjects: the deals, accounts and contacts that an activity is about
-- grain: one row an activity, record and way in which the activity names it
-- key: source, activity_id, record_type, record_id, named_by
-- signal: for whom something was done
-- owner: sales management
-- not_null: source, activity_id, record_type, record_id, named_by
-- checks: record_types: record_type in ('deal', 'account', 'contact')
-- gaming: activities hung on records that they were not about; each can be looked up by its id
-- changed: 2026-11-22 first version
with named as (
    select activities.source, activities.activity_id, 'deal' as record_type, activities.deal_id as record_id, 'field' as named_by
    from staging.activities
    where activities.deal_id is not null
        and not activities.is_deleted
    union all
    select activities.source, activities.activity_id, 'account' as record_type, activities.account_id as record_id, 'field' as named_by
    from staging.activities
    where activities.account_id is not null
        and not activities.is_deleted
    union all
    select activities.source, activities.activity_id, 'contact' as record_type, activities.contact_id as record_id, 'field' as named_by
    from staging.activities
    where activities.contact_id is not null
        and not activities.is_deleted
    union all
    -- Two links to records that have become one are one.
    select
        activity_links.source,
        activity_links.activity_id,
        activity_links.record_type,
        coalesce(merged_records.into_id, activity_links.record_id) as record_id,
        'link' as named_by
    from staging.activity_links
    left join core.merged_records
        on merged_records.source = activity_links.source
        and merged_records.record_type = activity_links.record_type
        and merged_records.record_id = activity_links.record_id
    where activity_links.record_type in ('deal', 'account', 'contact')
    group by
        activity_links.source,
        activity_links.activity_id,
        activity_links.record_type,
        coalesce(merged_records.into_id, activity_links.record_id)
)
select
    named.source, -- the source's name in merit.yml
    named.activity_id, -- the activity
    named.record_type, -- deal, account or contact
    coalesce(merged_records.into_id, named.record_id) as record_id, -- the record, or the one that it was merged into
    named.named_by -- field: the activity's own; link: one of several
from named
left join core.merged_records
    on merged_records.source = named.source
    and merged_records.record_type = named.record_type
    and merged_records.record_id = named.record_id
