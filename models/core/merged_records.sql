-- merged_records: records that were merged into another one, with the one that they live on in
-- grain: one row a record that is there no more
-- key: source, record_type, record_id
-- signal: what was done for a record that was merged counts for the one that is left, and once
-- owner: revenue operations
-- not_null: source, record_type, record_id, into_id
-- checks: nothing_is_its_own: record_id <> into_id
-- gaming: records merged to gather what others did; each merge stays listed, with its record
-- changed: 2026-11-22 first version
with direct as (
    select
        merges.source,
        merges.record_type,
        merges.record_id,
        merges.into_id
    from staging.merges
    where coalesce(merges.merged_at <= fn.as_of(), true)
),
-- Each step doubles how far a chain of merges is followed, up to sixteen.
twice as (
    select
        direct.source,
        direct.record_type,
        direct.record_id,
        coalesce(onward.into_id, direct.into_id) as into_id
    from direct
    left join direct as onward
        on onward.source = direct.source
        and onward.record_type = direct.record_type
        and onward.record_id = direct.into_id
),
fourfold as (
    select
        twice.source,
        twice.record_type,
        twice.record_id,
        coalesce(onward.into_id, twice.into_id) as into_id
    from twice
    left join twice as onward
        on onward.source = twice.source
        and onward.record_type = twice.record_type
        and onward.record_id = twice.into_id
),
eightfold as (
    select
        fourfold.source,
        fourfold.record_type,
        fourfold.record_id,
        coalesce(onward.into_id, fourfold.into_id) as into_id
    from fourfold
    left join fourfold as onward
        on onward.source = fourfold.source
        and onward.record_type = fourfold.record_type
        and onward.record_id = fourfold.into_id
),
followed as (
    select
        eightfold.source,
        eightfold.record_type,
        eightfold.record_id,
        coalesce(onward.into_id, eightfold.into_id) as into_id
    from eightfold
    left join eightfold as onward
        on onward.source = eightfold.source
        and onward.record_type = eightfold.record_type
        and onward.record_id = eightfold.into_id
)
select
    followed.source, -- the source's name in merit.yml
    followed.record_type, -- deal, account or contact
    followed.record_id, -- the CRM's id of the record that is gone
    followed.into_id -- the record that is left, at the end of all merges
from followed
where followed.record_id <> followed.into_id
