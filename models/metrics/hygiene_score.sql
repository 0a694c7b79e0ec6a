-- hygiene_score: how well the rep's open and newly closed deals are kept
-- grain: one row a deal and period, as of the period's end; of a running period, as of the build
-- key: source, record_id, occurred_at
-- signal: a forecast is as good as the records that it is made of
-- owner: revenue operations
-- kpi: share of deals with nothing missing
-- okr: a forecast that the company can plan by
-- value: mean
-- unit: share
-- better: higher
-- control: own
-- spans: quarter
-- streams: deals
-- parameters: required_field: amount, close_on, next_step
--    fields_weight: 0.5
--    close_date_weight: 0.25
--    contact_weight: 0.25
--    max_pushes: 2
--    max_close_error_days: 14
-- not_null: source, rep_id, occurred_at, record_type, record_id, numerator, denominator, is_truncated, detail
-- checks: a_share_of_one: numerator >= 0 and numerator <= 1 and denominator = 1
-- gaming: fields filled with a dot, close dates pushed on the last evening; what was there counts as of the period's end, and each push counts
-- changed: 2026-11-22 first version
select
    deal_hygiene.source, -- the source's name in merit.yml
    deal_hygiene.rep_id, -- the owner at the period's end
    deal_hygiene.measured_at as occurred_at, -- the period's last instant, or the build's
    'deal' as record_type, -- the record is a deal
    deal_hygiene.deal_id as record_id, -- the CRM's id of the deal
    cast(deal_hygiene.score as numeric(38, 9)) as numerator, -- the weighted share of what is in order, 0..1
    cast(1 as numeric(38, 9)) as denominator, -- one deal
    deal_hygiene.is_truncated, -- true: the CRM has forgotten how the deal's history began, or who owned it then
    coalesce(deal_hygiene.missing, 'nothing is missing') as detail -- what is missing
from core.deal_hygiene
