-- renewals: each contract that ends, with the deal that renews it and what became of it
-- grain: one row a contract
-- key: source, renewal_id
-- signal: which deal renews which contract, said here and nowhere else
-- owner: customer success
-- not_null: source, renewal_id, account_id, due_on, currency, renewed_currency, outcome, is_deleted
-- checks: outcomes: outcome in ('renewed', 'lost', 'open')
--    decided_when: (outcome = 'open') or decided_at is not null or is_told
-- gaming: a renewal written as new business; a deal of the account that no contract is near to stays visible in the deals
-- changed: 2026-12-01 first version; each CRM's view had the rule before
with recurring as (
    -- What is known to be paid once is not paid again.
    select
        deal_lines.source,
        deal_lines.deal_id,
        sum(case when coalesce(deal_lines.is_recurring, true) then deal_lines.amount else cast(0 as numeric(38, 9)) end) as amount
    from staging.deal_lines
    where not deal_lines.is_deleted
    group by
        deal_lines.source,
        deal_lines.deal_id
),
sold as (
    select
        deals.source,
        deals.deal_id,
        deals.account_id,
        deals.deal_type,
        deals.created_at,
        deals.close_on,
        deals.closed_at,
        deals.is_closed,
        deals.is_won,
        deals.currency,
        deals.term_starts_on,
        deals.term_ends_on,
        coalesce(recurring.amount, deals.amount) as amount
    from core.deals
    left join recurring
        on recurring.source = deals.source
        and recurring.deal_id = deals.deal_id
    where not deals.is_deleted
),
contracts as (
    select
        renewals.source,
        renewals.renewal_id,
        coalesce(merged_records.into_id, renewals.account_id) as account_id,
        renewals.deal_id,
        renewals.renewal_deal_id as told_deal_id,
        renewals.owner_id,
        coalesce(renewals.signed_at, case when sellers.is_won then sellers.closed_at end) as signed_at,
        renewals.term_starts_on,
        renewals.due_on,
        coalesce(renewals.due_amount, sellers.amount) as due_amount,
        renewals.renewed_amount,
        renewals.renewed_starts_on,
        renewals.renewed_ends_on,
        case when renewals.due_amount is null then coalesce(sellers.currency, renewals.currency) else renewals.currency end as currency,
        renewals.currency as told_currency,
        renewals.outcome,
        renewals.decided_at,
        renewals.is_deleted
    from staging.renewals
    left join sold as sellers
        on sellers.source = renewals.source
        and sellers.deal_id = renewals.deal_id
    left join core.merged_records
        on merged_records.source = renewals.source
        and merged_records.record_type = 'account'
        and merged_records.record_id = renewals.account_id
    -- Where the source says neither what became of it nor since when it holds, it holds since its deal was won.
    where renewals.outcome is not null
        or renewals.signed_at is not null
        or sellers.is_won
),
-- A deal of the account of a type such as Renewal renews the contract that ends nearest, if it came up after that one held and closes within 90 days of its last day.
near as (
    select
        contracts.source,
        contracts.renewal_id,
        sold.deal_id,
        abs(fn.whole_days(contracts.due_on, sold.close_on)) as days_apart
    from contracts
    join sold
        on sold.source = contracts.source
        and sold.account_id = contracts.account_id
        and sold.created_at > contracts.signed_at
    where contracts.told_deal_id is null
        and contracts.outcome is null
        and not contracts.is_deleted
        and lower(sold.deal_type) like '%renew%'
        and sold.deal_id <> coalesce(contracts.deal_id, '')
        and abs(fn.whole_days(contracts.due_on, sold.close_on)) <= 90
),
nearest as (
    select
        near.source,
        near.renewal_id,
        near.deal_id,
        near.days_apart,
        row_number() over (
            partition by near.source, near.deal_id
            order by near.days_apart, near.renewal_id
        ) as place
    from near
),
matched as (
    select
        nearest.source,
        nearest.renewal_id,
        nearest.deal_id,
        row_number() over (
            partition by nearest.source, nearest.renewal_id
            order by nearest.days_apart, nearest.deal_id
        ) as place
    from nearest
    where nearest.place = 1
),
paired as (
    select
        contracts.source,
        contracts.renewal_id,
        contracts.account_id,
        contracts.deal_id,
        contracts.owner_id,
        contracts.signed_at,
        contracts.term_starts_on,
        contracts.due_on,
        contracts.due_amount,
        contracts.renewed_amount,
        contracts.renewed_starts_on,
        contracts.renewed_ends_on,
        contracts.currency,
        contracts.told_currency,
        contracts.outcome,
        contracts.decided_at,
        contracts.is_deleted,
        coalesce(contracts.told_deal_id, matched.deal_id) as renewal_deal_id
    from contracts
    left join matched
        on matched.source = contracts.source
        and matched.renewal_id = contracts.renewal_id
        and matched.place = 1
)
select
    paired.source, -- the source's name in merit.yml
    paired.renewal_id, -- the CRM's id of the contract, or of the deal that it was sold by, with the due day
    paired.account_id, -- the customer, or the record that it was merged into
    paired.deal_id, -- the deal that sold the contract that ends
    paired.renewal_deal_id, -- the deal by which it is renewed; null: none yet
    paired.owner_id, -- user_id of whose customer it is
    paired.term_starts_on, -- first day of the contract that ends
    paired.due_on, -- its last day: the renewal falls due in the period of this day
    paired.due_amount, -- that would be paid again over the whole term; null is unknown, not 0
    coalesce(paired.currency, fn.currency()) as currency, -- ISO 4217
    case
        when paired.outcome is not null then paired.renewed_amount
        when renewing.is_won then renewing.amount
    end as renewed_amount, -- that is paid again over the renewal's term, upsell included; null: not decided, or not known
    coalesce(
        case when paired.outcome is null then renewing.currency end,
        paired.told_currency,
        paired.currency,
        fn.currency()
    ) as renewed_currency, -- ISO 4217, of that
    coalesce(paired.renewed_starts_on, renewing.term_starts_on) as renewed_starts_on, -- first day of the contract that renews it; null: not known
    coalesce(paired.renewed_ends_on, renewing.term_ends_on) as renewed_ends_on, -- its last day
    case
        when paired.outcome is not null then paired.outcome
        when renewing.is_won then 'renewed'
        when renewing.is_closed then 'lost'
        when renewing.deal_id is null and fn.date_after(paired.due_on, 90) < fn.today() then 'lost'
        else 'open'
    end as outcome, -- renewed, lost or open; renewed in part is renewed; what nothing renews is lost 90 days after its end
    case
        when paired.outcome is not null then paired.decided_at
        when renewing.is_closed then renewing.closed_at
        when renewing.deal_id is null and fn.date_after(paired.due_on, 90) < fn.today() then fn.midnight(fn.date_after(paired.due_on, 91))
    end as decided_at, -- when it was renewed or lost; null: open, or not said
    paired.outcome is not null as is_told, -- true: the source says what became of it
    paired.is_deleted -- true: deleted or archived
from paired
left join sold as renewing
    on renewing.source = paired.source
    and renewing.deal_id = paired.renewal_deal_id
