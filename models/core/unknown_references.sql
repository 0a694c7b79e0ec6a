-- unknown_references: what records name and no list knows: stages, pipelines, owners, accounts, currencies
-- grain: one row a kind and name that is unknown
-- key: source, kind, reference
-- signal: numbers that are smaller than they should be, because a join found nothing
-- owner: revenue operations
-- not_null: source, kind, reference, records, deals
-- checks: kinds: kind in ('stage', 'pipeline', 'owner', 'account', 'currency')
-- gaming: a stage or an owner deleted to hide what went through it; the records that name it stay counted here
-- changed: 2026-12-01 first version
with stages_of_old as (
    select stages.source, stages.stage_id
    from staging.stages
    union all
    select stage_history.source, stage_history.stage_id
    from staging.stage_history
),
known as (
    select 'stage' as kind, stages_of_old.source, stages_of_old.stage_id as reference
    from stages_of_old
    union all
    select 'pipeline' as kind, stages.source, stages.pipeline_id as reference
    from staging.stages
    union all
    select 'pipeline' as kind, stage_history.source, stage_history.pipeline_id as reference
    from staging.stage_history
    union all
    select 'owner' as kind, users.source, users.user_id as reference
    from staging.users
    union all
    select 'owner' as kind, rep_users.source, rep_users.user_id as reference
    from core.rep_users
    union all
    select 'account' as kind, accounts.source, accounts.account_id as reference
    from staging.accounts
    union all
    select 'account' as kind, merges.source, merges.record_id as reference
    from staging.merges
    where merges.record_type = 'account'
    union all
    select 'currency' as kind, rates.source, rates.currency as reference
    from core.rates
),
lists as (
    select known.kind, known.source, known.reference
    from known
    group by known.kind, known.source, known.reference
),
-- A source that gives no accounts at all, as a folder of deals does, is not said to lack each of them.
filled as (
    select lists.source, lists.kind
    from lists
    where lists.kind = 'account'
    group by lists.source, lists.kind
),
named as (
    select 'stage' as kind, deal_changes.source, deal_changes.new_value as reference, deal_changes.deal_id, deal_changes.deal_id as about_deal
    from staging.deal_changes
    where deal_changes.field = 'stage'
        and deal_changes.new_value is not null
    union all
    select 'stage' as kind, deals.source, deals.stage_id as reference, deals.deal_id, deals.deal_id as about_deal
    from staging.deals
    where deals.stage_id is not null
    union all
    select 'pipeline' as kind, deals.source, deals.pipeline_id as reference, deals.deal_id, deals.deal_id as about_deal
    from staging.deals
    union all
    select 'owner' as kind, deals.source, deals.owner_id as reference, deals.deal_id, deals.deal_id as about_deal
    from staging.deals
    where deals.owner_id is not null
    union all
    select 'owner' as kind, deal_changes.source, deal_changes.new_value as reference, deal_changes.deal_id, deal_changes.deal_id as about_deal
    from staging.deal_changes
    where deal_changes.field = 'owner'
        and deal_changes.new_value is not null
    union all
    select 'owner' as kind, activities.source, activities.owner_id as reference, activities.activity_id as deal_id, cast(null as string) as about_deal
    from staging.activities
    where activities.owner_id is not null
        and not activities.is_deleted
    union all
    select 'account' as kind, deals.source, deals.account_id as reference, deals.deal_id, deals.deal_id as about_deal
    from staging.deals
    join filled
        on filled.source = deals.source
        and filled.kind = 'account'
    where deals.account_id is not null
        and not deals.is_deleted
    union all
    select 'currency' as kind, deals.source, deals.currency as reference, deals.deal_id, deals.deal_id as about_deal
    from staging.deals
    where deals.currency is not null
        and deals.currency <> fn.currency()
        and not deals.is_deleted
)
select
    named.source, -- the source's name in merit.yml
    named.kind, -- stage, pipeline, owner, account or currency
    named.reference, -- the id or name that the records give
    count(*) as records, -- rows that name it: deals, changes of deals, activities
    count(distinct named.about_deal) as deals -- deals among them
from named
left join lists
    on lists.kind = named.kind
    and lists.source = named.source
    and lists.reference = named.reference
where lists.reference is null
group by
    named.source,
    named.kind,
    named.reference
