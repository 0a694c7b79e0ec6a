-- gross_revenue_retention: yearly revenue of the rep's customers at the beginning of the period that is still there at its end, no upsell counted
-- grain: one row a contract that ran when the period began
-- key: source, record_id, occurred_at
-- signal: what leaks out of the book
-- owner: customer success
-- kpi: gross revenue retention
-- okr: keep the customers that we have
-- value: ratio
-- unit: share
-- better: higher
-- control: outcome
-- spans: quarter
-- streams: renewals
-- present: source, rep_id, occurred_at, record_type, record_id, numerator, denominator, is_truncated, detail
-- checks: no_more_than_it_was: numerator >= 0 and numerator <= denominator
-- games: contracts moved to a colleague before they are lost; the contracts can be looked up
-- changed: 2026-12-01 first version
with contracts as (
    select
        periods.period,
        periods.ends_on,
        measured_periods.measured_at,
        measured_periods.measured_on,
        renewals.source,
        renewals.renewal_id,
        rep_users.rep_id,
        renewals.due_on,
        renewals.outcome,
        renewals.due_amount is not null and renewals.renewed_currency = renewals.currency and (renewals.currency = fn.currency() or rates.worth is not null) as is_known,
        case when renewals.due_amount is null then 'value unknown' else 'unknown reference' end as reason,
        fn.cents(fn.prorate(
            coalesce(fn.yearly(renewals.due_amount, renewals.term_starts_on, renewals.due_on), cast(renewals.due_amount as numeric(38, 6))),
            case when renewals.currency = fn.currency() then cast(1 as numeric(38, 9)) else rates.worth end,
            case when renewals.currency = fn.currency() then cast(1 as numeric(38, 9)) else rates.units end
        )) as start_arr,
        -- A year of each is compared, as renewals_due does.
        fn.cents(fn.prorate(
            case
                when fn.yearly(renewals.due_amount, renewals.term_starts_on, renewals.due_on) is null then cast(renewals.renewed_amount as numeric(38, 6))
                else coalesce(
                    fn.yearly(renewals.renewed_amount, renewals.renewed_starts_on, renewals.renewed_ends_on),
                    fn.yearly(renewals.renewed_amount, renewals.term_starts_on, renewals.due_on)
                )
            end,
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
    contracts.source, -- the source's name in merit.yml
    contracts.rep_id, -- whose customer it is
    contracts.measured_at as occurred_at, -- the period's last instant, or the build's
    'renewal' as record_type, -- the record is a contract
    contracts.renewal_id as record_id, -- the CRM's id of the contract
    case
        when not contracts.is_known then cast(0 as numeric(38, 9))
        when contracts.due_on > contracts.ends_on or contracts.due_on >= contracts.measured_on then cast(contracts.start_arr as numeric(38, 9))
        when contracts.outcome <> 'renewed' then cast(0 as numeric(38, 9))
        when contracts.renewed_arr is null or contracts.renewed_arr >= contracts.start_arr then cast(contracts.start_arr as numeric(38, 9))
        else cast(contracts.renewed_arr as numeric(38, 9))
    end as numerator, -- what of it goes on, no more than it was
    case when contracts.is_known then cast(contracts.start_arr as numeric(38, 9)) else cast(0 as numeric(38, 9)) end as denominator, -- yearly revenue of the contract when the period began
    false as is_truncated, -- contracts are kept as a whole
    case
        when contracts.due_on > contracts.ends_on or contracts.due_on >= contracts.measured_on then 'runs on'
        else 'fell due, ' || contracts.outcome
    end as detail, -- what became of it
    case when contracts.is_known then null else contracts.reason end as unknown_reason -- value unknown (no amount) or unknown reference (no rate of the period's first day); null: it is known
from contracts
