-- known_names: what each source's records are called that a plan may name: stages, subtypes, lead sources, categories, fields, types
-- grain: one row a source, kind and name
-- key: source, kind, name
-- signal: a name in the plan that is none of these matches nothing
-- owner: revenue operations
-- not_null: source, kind, name, word, records
-- checks: kinds: kind in ('stage', 'move', 'subtype', 'lead source', 'forecast category', 'deal field', 'deal type')
-- gaming: none; it lists what is there
-- changed: 2026-12-01 first version
--    2026-12-01 a stage of today's list that the told history of its pipeline leaves out
with stages as (
    select pipeline_version_stages.source, pipeline_version_stages.pipeline_id, pipeline_version_stages.label as name from core.pipeline_version_stages
    union distinct
    select pipeline_version_stages.source, pipeline_version_stages.pipeline_id, pipeline_version_stages.stage_id as name from core.pipeline_version_stages
    -- A stage of today's list is there, also where the told history does not reach it: deals enter it, and count.
    union distinct
    select stages.source, stages.pipeline_id, stages.label as name from staging.stages
    union distinct
    select stages.source, stages.pipeline_id, stages.stage_id as name from staging.stages
),
said as (
    select stages.source, 'stage' as kind, stages.name, 1 as records
    from stages
    union all
    select earlier.source, 'move' as kind, earlier.name || ' -> ' || later.name as name, 1 as records
    from stages as earlier
    join stages as later
        on later.source = earlier.source
        and later.pipeline_id = earlier.pipeline_id
        and later.name <> earlier.name
    union all
    select activities.source, 'subtype' as kind, activities.subtype as name, count(*) as records
    from staging.activities
    where not activities.is_deleted
    group by activities.source, activities.subtype
    union all
    select deals.source, 'lead source' as kind, deals.lead_source as name, count(*) as records
    from staging.deals
    where not deals.is_deleted
    group by deals.source, deals.lead_source
    union all
    select deals.source, 'deal type' as kind, deals.deal_type as name, count(*) as records
    from staging.deals
    where not deals.is_deleted
    group by deals.source, deals.deal_type
    union all
    select forecasts.source, 'forecast category' as kind, forecasts.category as name, count(*) as records
    from staging.forecasts
    group by forecasts.source, forecasts.category
    union all
    select deal_fields.source, 'deal field' as kind, deal_fields.field as name, count(*) as records
    from staging.deal_fields
    group by deal_fields.source, deal_fields.field
)
select
    said.source, -- the source's name in merit.yml
    said.kind, -- stage and move (by label and by value), subtype, lead source, forecast category, deal field or deal type
    said.name, -- as the CRM says it
    -- A field is named exactly; anything else in any spelling.
    case when said.kind = 'deal field' then said.name else fn.word(said.name) end as word, -- as it is compared
    cast(sum(said.records) as bigint) as records -- that have it; 1 of a stage
from said
where fn.word(said.name) <> ''
group by
    said.source,
    said.kind,
    said.name
