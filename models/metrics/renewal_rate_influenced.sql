-- renewal_rate_influenced: share of the money due for renewal in the rep's book that was renewed by customers whom the rep looked after
-- grain: one row a renewal that fell due in the book
-- key: source, record_id
-- signal: customers who are looked after stay
-- owner: customer success
-- kpi: influenced gross renewal rate
-- okr: keep the customers that we have
-- value: ratio
-- unit: share
-- better: higher
-- control: outcome
-- spans: month quarter
-- streams: renewals, activities
-- parameters: activities: 3
--    within_days: 90
--    kind: call, email, meeting
--    subtype:
-- names: subtype: subtype
--    kind: one of call, email, meeting, task, note
-- not_null: source, rep_id, occurred_at, record_type, record_id, numerator, denominator, is_truncated, detail
-- checks: no_more_than_due: numerator >= 0 and numerator <= denominator
-- gaming: three short calls the week before; every activity can be looked up, and repeats are flagged. Whom nobody called counts as due all the same; upsell adds nothing here
-- changed: 2026-11-22 first version
--    2026-11-30 of the whole book: a customer whom nobody looked after counts as due
select
    renewals_due.source, -- the source's name in merit.yml
    renewals_due.rep_id, -- whose customer it was
    renewals_due.due_at as occurred_at, -- the last instant of the contract that ended
    'renewal' as record_type, -- the record is a renewal
    renewals_due.renewal_id as record_id, -- the CRM's id of the contract
    cast(case when renewals_due.is_influenced then renewals_due.renewed_amount else 0 end as numeric(38, 9)) as numerator, -- what is paid again by a customer who was looked after, at most what was due, in the company's currency
    cast(renewals_due.due_amount as numeric(38, 9)) as denominator, -- what was due, looked after or not, in the company's currency
    false as is_truncated, -- renewals are kept as a whole
    renewals_due.detail, -- what became of it
    renewals_due.unknown_reason -- why what was due is not known, which makes the rate unknown; null: it is
from core.renewals_due
