-- duplicate_deals: deals that two systems hold because an integration copied them, with the one that counts
-- grain: one row a deal that is a copy
-- key: source, deal_id
-- signal: a deal counts once, whatever number of CRMs it stands in
-- owner: revenue operations
-- not_null: source, deal_id, original_source, original_deal_id, matched_by
-- checks: a_copy_is_not_its_own: source <> original_source
-- gaming: a second CRM to count a deal twice; every copy is listed here with the id by which it was found
-- changed: 2026-11-22 first version
--    2026-11-22 the source named first in merit.yml wins; copies of copies
with known as (
    select
        external_ids.source,
        external_ids.record_id as deal_id,
        external_ids.system,
        external_ids.external_id
    from staging.external_ids
    join staging.deals
        on deals.source = external_ids.source
        and deals.deal_id = external_ids.record_id
    where external_ids.record_type = 'deal'
        and trim(external_ids.external_id) <> ''
),
-- Either one names the other's id, or both name the id in a third system.
pairs as (
    select
        known.source,
        known.deal_id,
        deals.source as other_source,
        deals.deal_id as other_deal_id,
        'the id at ' || known.system as matched_by
    from known
    join staging.deals
        on deals.source = known.system
        and deals.deal_id = known.external_id
    where deals.source <> known.source
    union all
    select
        deals.source,
        deals.deal_id,
        known.source as other_source,
        known.deal_id as other_deal_id,
        'the id at ' || known.system as matched_by
    from known
    join staging.deals
        on deals.source = known.system
        and deals.deal_id = known.external_id
    where deals.source <> known.source
    union all
    select
        known.source,
        known.deal_id,
        others.source as other_source,
        others.deal_id as other_deal_id,
        'the same id at ' || known.system as matched_by
    from known
    join known as others
        on others.system = known.system
        and others.external_id = known.external_id
    where others.source <> known.source
),
-- Two that are the same deal as a third one are the same deal.
grouped as (
    select
        pairs.source,
        pairs.deal_id,
        pairs.other_source,
        pairs.other_deal_id,
        pairs.matched_by
    from pairs
    union all
    select
        pairs.source,
        pairs.deal_id,
        beyond.other_source,
        beyond.other_deal_id,
        pairs.matched_by || ', and from there ' || beyond.matched_by as matched_by
    from pairs
    join pairs as beyond
        on beyond.source = pairs.other_source
        and beyond.deal_id = pairs.other_deal_id
    where beyond.other_source <> pairs.source
),
standing as (
    select
        grouped.source,
        grouped.deal_id,
        grouped.other_source,
        grouped.other_deal_id,
        grouped.matched_by,
        coalesce(own.place, 1000000) as place,
        coalesce(others.place, 1000000) as other_place
    from grouped
    left join plan.sources as own
        on own.source = grouped.source
    left join plan.sources as others
        on others.source = grouped.other_source
),
ranked as (
    select
        standing.source,
        standing.deal_id,
        standing.other_source,
        standing.other_deal_id,
        standing.matched_by,
        row_number() over (
            partition by standing.source, standing.deal_id
            order by standing.other_place, standing.other_source, standing.other_deal_id, length(standing.matched_by), standing.matched_by
        ) as choice
    from standing
    -- The source that merit.yml names first keeps the deal; sources that it does not name come last, by name.
    where standing.other_place < standing.place
        or standing.other_place = standing.place
        and standing.other_source < standing.source
)
select
    ranked.source, -- the source that holds the copy
    ranked.deal_id, -- the copy
    ranked.other_source as original_source, -- the source that holds the one that counts
    ranked.other_deal_id as original_deal_id, -- the one that counts
    ranked.matched_by -- by which id they were found to be one
from ranked
where ranked.choice = 1
