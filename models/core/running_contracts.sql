-- running_contracts: each contract that ran when a period began, by whose customer it is, and what the period made of it
-- grain: one row a contract and period in which it ran at the beginning
-- key: source, renewal_id, period
-- signal: the book that retention is a share of, valued once
-- owner: customer success
-- not_null: source, renewal_id, period, rep_id, measured_at, is_known, outcome
-- checks: decided_or_running: outcome in ('runs on', 'renewed', 'lost', 'open')
--    valued: not is_known or start_arr is not null
-- gaming: contracts moved to a colleague before they are lost; the contracts can be looked up
-- changed: 2026-12-01 first version
with valued as (
    select
        periods.period,
        measured_periods.measured_at,
        renewals.source,
        renewals.renewal_id,
        rep_users.rep_id,
        case when renewals.due_on > periods.ends_on or renewals.due_on >= measured_periods.measured_on then 'runs on' else renewals.outcome end as outcome,
        renewals.due_amount is not null and renewals.renewed_currency = renewals.currency and (renewals.currency = fn.currency() or rates.worth is not null) as is_known,
        case when renewals.due_amount is null then 'value unknown' else 'unknown reference' end as reason,
        fn.cents(fn.prorate(
            coalesce(contract_values.due_yearly, cast(renewals.due_amount as numeric(38, 6))),
            case when renewals.currency = fn.currency() then cast(1 as numeric(38, 9)) else rates.worth end,
            case when renewals.currency = fn.currency() then cast(1 as numeric(38, 9)) else rates.units end
        )) as start_arr,
        -- A year of each is compared, as renewals_due does.
        fn.cents(fn.prorate(
            case when contract_values.due_yearly is null then cast(renewals.renewed_amount as numeric(38, 6)) else contract_values.renewed_yearly end,
            case when renewals.currency = fn.currency() then cast(1 as numeric(38, 9)) else rates.worth end,
            case when renewals.currency = fn.currency() then cast(1 as numeric(38, 9)) else rates.units end
        )) as renewed_arr
    from plan.periods
    join core.measured_periods
        on measured_periods.period = periods.period
    -- Contracts that ran when the period began.
    join core.renewals
        on renewals.term_starts_on < periods.starts_on
        and renewals.due_on >= periods.starts_on
    join core.contract_values
        on contract_values.source = renewals.source
        and contract_values.renewal_id = renewals.renewal_id
    join core.rep_users
        on rep_users.source = renewals.source
        and rep_users.user_id = renewals.owner_id
    left join core.rates
        on rates.source = renewals.source
        and rates.currency = renewals.currency
        and periods.starts_on >= rates.valid_from
        and periods.starts_on < rates.until_on
    where not renewals.is_deleted
)
select
    valued.source, -- the source's name in merit.yml
    valued.renewal_id, -- the CRM's id of the contract
    valued.period, -- the quarter that began while it ran
    valued.rep_id, -- whose customer it is
    valued.measured_at, -- the period's last instant, or the build's
    valued.is_known and (valued.outcome <> 'renewed' or valued.renewed_arr is not null) as is_known, -- false: nobody can say what it was or is worth
    case
        when not valued.is_known then valued.reason
        when valued.outcome = 'renewed' and valued.renewed_arr is null then 'value unknown'
    end as unknown_reason, -- value unknown (no amount) or unknown reference (no rate of the period's first day, or a renewal in another currency); null: it is known
    valued.start_arr, -- what it was worth a year when the period began; null: not known
    valued.renewed_arr, -- what the renewal is worth a year; null: none yet, or not known
    valued.outcome -- runs on, renewed, lost or open: it fell due and nothing was decided
from valued
