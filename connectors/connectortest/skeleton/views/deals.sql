-- deals: opportunities, one row each, as they are now
-- main: raw.deals
select
    deals.id as deal_id,
    deals.title as name,
    cast(null as varchar) as account_id,
    deals.owner_id as owner_id,
    'default' as pipeline_id,
    deals.stage_id as stage_id,
    deals.amount as amount,
    deals.currency as currency,
    cast(null as date) as close_on,
    cast(null as timestamp with time zone) as closed_at,
    cast(null as varchar) as deal_type,
    cast(null as varchar) as lead_source,
    cast(null as varchar) as next_step,
    cast(null as varchar) as forecast_category,
    cast(null as date) as term_starts_on,
    cast(null as date) as term_ends_on,
    cast(null as varchar) as created_by,
    deals.created_at as created_at,
    deals.created_at as seen_at,
    deals.updated_at as changed_at,
    coalesce(deals.merit_deleted, false) as is_deleted,
    cast(null as varchar) as url
from raw.deals as deals
