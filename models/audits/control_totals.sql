-- control_totals: deals and amounts by stage, as the CRM gave them and as the tables have them
-- grain: one row a source, pipeline, stage, currency and deletion mark
-- key: source, pipeline_id, stage_id, currency, is_deleted
-- signal: nothing lost and nothing twice on the way from the CRM to the numbers
-- owner: finance
-- not_null: source, pipeline_id, stage_id, currency, is_deleted, staged_deals, deals, staged_amount, amount
-- checks: no_deal_lost_or_doubled: staged_deals = deals
--    no_amount_lost_or_doubled: staged_amount = amount
-- changed: 2026-11-22 first version
with counted as (
    select
        deals.source,
        deals.pipeline_id,
        deals.stage_id,
        deals.currency,
        deals.is_deleted,
        1 as staged_deals,
        coalesce(deals.amount, cast(0 as numeric(28, 2))) as staged_amount,
        0 as deals,
        cast(0 as numeric(28, 2)) as amount
    from staging.deals
    union all
    select
        deals.source,
        deals.pipeline_id,
        deals.stage_id,
        deals.currency,
        deals.is_deleted,
        0 as staged_deals,
        cast(0 as numeric(28, 2)) as staged_amount,
        1 as deals,
        coalesce(deals.amount, cast(0 as numeric(28, 2))) as amount
    from core.deals
),
named as (
    select
        counted.source,
        counted.pipeline_id,
        coalesce(counted.stage_id, '') as stage_id,
        coalesce(counted.currency, fn.currency()) as currency,
        counted.is_deleted,
        counted.staged_deals,
        counted.staged_amount,
        counted.deals,
        counted.amount
    from counted
)
select
    named.source, -- the source's name in merit.yml
    named.pipeline_id, -- the pipeline
    named.stage_id, -- today's stage; empty: none
    named.currency, -- ISO 4217
    named.is_deleted, -- true: deleted, archived or merged away
    cast(sum(named.staged_deals) as bigint) as staged_deals, -- deals as the CRM gave them
    cast(sum(named.deals) as bigint) as deals, -- deals in core.deals
    cast(sum(named.staged_amount) as numeric(38, 2)) as staged_amount, -- sum of amounts as the CRM gave them
    cast(sum(named.amount) as numeric(38, 2)) as amount -- sum of amounts in core.deals
from named
group by
    named.source,
    named.pipeline_id,
    named.stage_id,
    named.currency,
    named.is_deleted
