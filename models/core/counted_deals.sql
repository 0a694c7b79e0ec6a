-- counted_deals: the deals that count: not deleted, not merged into another one, and no copy of another source's
-- grain: one row a deal that counts, those that a steward took out marked
-- key: source, deal_id
-- signal: which deals any number may be made of, said here and nowhere else
-- owner: revenue operations
-- not_null: source, deal_id, is_excluded
-- checks: excluded_for_a_reason: is_excluded = (exclusion_reason is not null)
-- gaming: deals deleted or merged to hide a loss; core.deals keeps them, marked
-- changed: 2026-12-01 first version
select
    deals.source, -- the source's name in merit.yml
    deals.deal_id, -- the CRM's id
    exclusions.record_id is not null as is_excluded, -- true: a steward took it out: evidence shows it, and no sum counts it
    exclusions.reason as exclusion_reason -- why; null: it is not excluded
from staging.deals
left join core.merged_records
    on merged_records.source = deals.source
    and merged_records.record_type = 'deal'
    and merged_records.record_id = deals.deal_id
left join core.duplicate_deals
    on duplicate_deals.source = deals.source
    and duplicate_deals.deal_id = deals.deal_id
left join plan.exclusions
    on exclusions.source = deals.source
    and exclusions.record_type = 'deal'
    and exclusions.record_id = deals.deal_id
where not deals.is_deleted
    and merged_records.record_id is null
    and duplicate_deals.deal_id is null
