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
-- not_null: source, rep_id, occurred_at, record_type, record_id, numerator, denominator, is_truncated, detail
-- checks: no_more_than_it_was: numerator >= 0 and numerator <= denominator
-- gaming: contracts moved to a colleague before they are lost; the contracts can be looked up
-- changed: 2026-12-01 first version
select
    running_contracts.source, -- the source's name in merit.yml
    running_contracts.rep_id, -- whose customer it is
    running_contracts.measured_at as occurred_at, -- the period's last instant, or the build's
    'renewal' as record_type, -- the record is a contract
    running_contracts.renewal_id as record_id, -- the CRM's id of the contract
    case
        when not running_contracts.is_known or running_contracts.outcome not in ('runs on', 'renewed') then cast(0 as numeric(38, 9))
        when running_contracts.outcome = 'renewed' and running_contracts.renewed_arr < running_contracts.start_arr then cast(running_contracts.renewed_arr as numeric(38, 9))
        else cast(running_contracts.start_arr as numeric(38, 9))
    end as numerator, -- what of it goes on, no more than it was
    case when running_contracts.is_known then cast(running_contracts.start_arr as numeric(38, 9)) else cast(0 as numeric(38, 9)) end as denominator, -- yearly revenue of the contract when the period began
    false as is_truncated, -- contracts are kept as a whole
    case
        when running_contracts.outcome = 'runs on' then 'runs on'
        else 'fell due, ' || running_contracts.outcome
    end as detail, -- what became of it
    running_contracts.unknown_reason -- value unknown (no amount) or unknown reference (no rate of the period's first day, or a renewal in another currency); null: it is known
from core.running_contracts
