-- renewal_rate: share of the money due for renewal in the rep's book that was renewed
-- grain: one row a renewal that fell due in the book
-- key: source, record_id
-- signal: how much of the book stays
-- owner: customer success
-- kpi: gross renewal rate
-- okr: keep the customers that we have
-- value: ratio
-- unit: share
-- better: higher
-- control: outcome
-- spans: month quarter
-- streams: renewals
-- not_null: source, rep_id, occurred_at, record_type, record_id, numerator, denominator, is_truncated, detail
-- checks: no_more_than_due: numerator >= 0 and numerator <= denominator
-- gaming: renewals signed at a lower price under another deal; no more than was due counts, and the contracts can be looked up
-- changed: 2026-11-30 first version
select
    renewals_due.source, -- the source's name in merit.yml
    renewals_due.rep_id, -- whose customer it was
    renewals_due.due_at as occurred_at, -- the last instant of the contract that ended
    'renewal' as record_type, -- the record is a renewal
    renewals_due.renewal_id as record_id, -- the CRM's id of the contract
    cast(renewals_due.renewed_amount as numeric(38, 9)) as numerator, -- what is paid again, at most what was due, in the company's currency
    cast(renewals_due.due_amount as numeric(38, 9)) as denominator, -- what was due, in the company's currency
    false as is_truncated, -- renewals are kept as a whole
    renewals_due.detail, -- what became of it
    renewals_due.unknown_reason -- why what was due is not known, which makes the rate unknown; null: it is
from core.renewals_due
