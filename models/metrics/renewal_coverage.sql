-- renewal_coverage: share of the money due for renewal in the rep's book of customers whom the rep looked after
-- grain: one row a renewal that fell due in the book
-- key: source, record_id
-- signal: nobody finds out at the renewal that nobody had called
-- owner: customer success
-- kpi: renewals looked after
-- okr: keep the customers that we have
-- value: ratio
-- unit: share
-- better: higher
-- control: own
-- spans: month quarter
-- streams: renewals, activities
-- not_null: source, rep_id, occurred_at, record_type, record_id, numerator, denominator, is_truncated, detail
-- checks: no_more_than_due: numerator >= 0 and numerator <= denominator
-- gaming: short calls for the count; renewal_rate tells what came of them. What counts is set under renewal_rate_influenced
-- changed: 2026-11-30 first version
select
    renewals_due.source, -- the source's name in merit.yml
    renewals_due.rep_id, -- whose customer it was
    renewals_due.due_at as occurred_at, -- the last instant of the contract that ended
    'renewal' as record_type, -- the record is a renewal
    renewals_due.renewal_id as record_id, -- the CRM's id of the contract
    cast(case when renewals_due.is_influenced then renewals_due.due_amount else 0 end as numeric(38, 9)) as numerator, -- what was due of a customer who was looked after
    cast(renewals_due.due_amount as numeric(38, 9)) as denominator, -- what was due, in the company's currency
    false as is_truncated, -- renewals are kept as a whole
    renewals_due.detail, -- what became of it
    renewals_due.unknown_reason -- why what was due is not known, which makes the rate unknown; null: it is
from core.renewals_due
