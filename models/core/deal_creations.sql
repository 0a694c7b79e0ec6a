-- deal_creations: each deal with whoever owned it when it was created
-- grain: one row a deal, deleted ones and copies of another source's left out
-- key: source, deal_id
-- signal: new pipeline, and who brought it
-- owner: revenue operations
-- not_null: source, deal_id, created_at, is_truncated
-- gaming: deals handed over right after they were made; the first owner gets them
-- changed: 2026-11-22 first version
select
    deals.source, -- the source's name in merit.yml
    deals.deal_id, -- the deal
    deals.created_at, -- when the deal is said to have been created
    deals.lead_source, -- as the CRM says it
    deals.created_by, -- user_id of whoever made it; null: the CRM doesn't say
    deal_owner_spans.rep_id, -- the rep who owned it then; null: nobody on the roster
    coalesce(deals.created_at < deal_owner_spans.forgotten_until, false) as is_truncated -- true: the CRM had forgotten who owned it then
from staging.deals
left join core.deal_owner_spans
    on deal_owner_spans.source = deals.source
    and deal_owner_spans.deal_id = deals.deal_id
    and deals.created_at >= deal_owner_spans.starts_at
    and deals.created_at < deal_owner_spans.until_at
join core.counted_deals
    on counted_deals.source = deals.source
    and counted_deals.deal_id = deals.deal_id
where deals.created_at <= fn.as_of()
