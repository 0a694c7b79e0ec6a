-- deal_owner_spans: who owned a deal, from which instant to which
-- grain: one row a span of one owner
-- key: source, deal_id, starts_at
-- signal: whoever owned the deal when something happened gets it, not today's owner
-- owner: revenue operations
-- not_null: source, deal_id, starts_at, until_at, is_truncated
-- checks: in_order: ends_at is null or ends_at > starts_at
-- gaming: taking a deal over just before it closes; the spans show since when it was whose
-- changed: 2026-11-22 first version
with beginnings as (
    -- History may lie before creation where it was imported, and needs an owner there.
    select
        field_changes.source,
        field_changes.deal_id,
        min(field_changes.changed_at) as first_changed_at
    from core.field_changes
    group by
        field_changes.source,
        field_changes.deal_id
),
handovers as (
    select
        field_changes.source,
        field_changes.deal_id,
        field_changes.new_value as owner_id,
        field_changes.changed_at,
        field_changes.is_truncated,
        lag(field_changes.changed_at) over history as changed_before,
        lead(field_changes.changed_at) over history as changed_next
    from core.field_changes
    where field_changes.field = 'owner'
        and field_changes.changed_at <= fn.as_of()
    window history as (
        partition by field_changes.source, field_changes.deal_id
        order by field_changes.changed_at, field_changes.ordinal, field_changes.change_id
    )
),
owned as (
    select
        deals.source,
        deals.deal_id,
        -- Without history of owners, today's has always been it.
        case when handovers.deal_id is null then deals.owner_id else handovers.owner_id end as owner_id,
        -- The first owner had the deal from the beginning, whatever the CRM dates earliest.
        case
            when handovers.changed_before is not null then handovers.changed_at
            else fn.smaller(
                fn.smaller(deals.created_at, coalesce(beginnings.first_changed_at, deals.created_at)),
                fn.smaller(
                    coalesce(deals.closed_at, deals.created_at),
                    -- A deal that was entered as closed counts by its close date, which may be older than the record.
                    coalesce(fn.midnight(deals.close_on), deals.created_at)
                )
            )
        end as starts_at,
        handovers.changed_next as ends_at,
        case when handovers.is_truncated then handovers.changed_at end as forgotten_until,
        coalesce(handovers.is_truncated, false) as is_truncated
    from staging.deals
    left join handovers
        on handovers.source = deals.source
        and handovers.deal_id = deals.deal_id
    left join beginnings
        on beginnings.source = deals.source
        and beginnings.deal_id = deals.deal_id
)
select
    owned.source, -- the source's name in merit.yml
    owned.deal_id, -- the deal
    owned.owner_id, -- user_id; null: nobody
    rep_users.rep_id, -- the rep who is that user; null: nobody on the roster
    owned.starts_at, -- first instant as the owner
    owned.ends_at, -- first instant of the next one; null: still the owner
    -- An outer join on "null or later" compares every row with every other one; on this column it does not.
    coalesce(owned.ends_at, fn.add_days(fn.as_of(), 1)) as until_at, -- ends_at, or where there is none an instant after this build's: what joins compare with
    owned.is_truncated, -- true: the CRM had forgotten who owned it before
    owned.forgotten_until -- before this instant the CRM doesn't know the owner, and the oldest one that it knows stands in; null: it knows
from owned
left join core.rep_users
    on rep_users.source = owned.source
    and rep_users.user_id = owned.owner_id
-- Of several changes in one instant the last one counts.
where owned.ends_at is null
    or owned.ends_at > owned.starts_at
