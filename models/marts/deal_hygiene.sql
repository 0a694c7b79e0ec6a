-- deal_hygiene: what each open or newly closed deal lacks, as of the end of each period
-- grain: one row a deal and period; of a running period, as of the build
-- key: source, deal_id, period
-- signal: what to fill in, deal by deal
-- owner: sales management
-- not_null: source, deal_id, period, rep_id, measured_at, stage, is_closed, score, required_fields, filled_fields, pushes, has_honest_close_date, has_contact_with_role, is_truncated, computed_at
-- form: view
-- changed: 2026-11-22 first version
select
    deal_hygiene.source, -- the source's name in merit.yml
    deal_hygiene.deal_id, -- the deal
    deal_hygiene.period, -- fiscal year and quarter
    deal_hygiene.rep_id, -- the rep who owned it then
    deal_hygiene.measured_at, -- the instant that the row speaks of
    deals.name, -- the deal's name
    deal_hygiene.stage, -- the stage it was in then
    deal_hygiene.is_closed, -- true: closed within the period; false: open
    deal_hygiene.score, -- 0..1: the weighted share of what is in order
    deal_hygiene.missing, -- what is missing, for people; null: nothing
    deal_hygiene.required_fields, -- how many fields the plan asks for
    deal_hygiene.filled_fields, -- how many of them were filled
    deal_hygiene.close_on, -- the close date as of then
    deal_hygiene.pushes, -- how often the close date had been moved later
    deal_hygiene.has_honest_close_date, -- true: there is one, not in the past, not pushed too often, and a close was not far off it
    deal_hygiene.has_contact_with_role, -- true: somebody at the account has a role in the deal
    deal_hygiene.is_truncated, -- true: the CRM has forgotten how the deal's history began, or who owned it then
    deals.url, -- the record's page at the CRM
    fn.as_of() as computed_at -- the instant that the numbers speak of
from core.deal_hygiene
join core.deals
    on deals.source = deal_hygiene.source
    and deals.deal_id = deal_hygiene.deal_id
