-- data_completeness: share of the required fields of the rep's deals that are filled
-- grain: one row a deal and period, as of the period's end; of a running period, as of the build
-- key: source, record_id, occurred_at
-- signal: numbers are as good as the records that they are made of
-- owner: revenue operations
-- kpi: share of required fields filled
-- okr: a forecast that the company can plan by
-- value: ratio
-- unit: share
-- better: higher
-- control: own
-- spans: quarter
-- streams: deals
-- not_null: source, rep_id, occurred_at, record_type, record_id, numerator, denominator, is_truncated, detail
-- checks: no_more_than_asked_for: numerator >= 0 and numerator <= denominator
-- gaming: fields filled with a dot; what was there counts as of the period's end. hygiene_score says which fields
-- changed: 2026-11-22 first version
select
    deal_hygiene.source, -- the source's name in merit.yml
    deal_hygiene.rep_id, -- the owner at the period's end
    deal_hygiene.measured_at as occurred_at, -- the period's last instant, or the build's
    'deal' as record_type, -- the record is a deal
    deal_hygiene.deal_id as record_id, -- the CRM's id of the deal
    cast(deal_hygiene.filled_fields as numeric(38, 9)) as numerator, -- fields that are filled
    cast(deal_hygiene.required_fields as numeric(38, 9)) as denominator, -- fields that the plan asks for
    deal_hygiene.is_truncated, -- true: the CRM has forgotten how the deal's history began, or who owned it then
    cast(deal_hygiene.filled_fields as string) || ' of ' || cast(deal_hygiene.required_fields as string)
        || ' fields filled' as detail -- how many
from core.deal_hygiene
-- Of a closed deal nothing may be asked.
where deal_hygiene.required_fields > 0
