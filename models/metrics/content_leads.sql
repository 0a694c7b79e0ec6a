-- content_leads: leads that came from somebody's content
-- grain: one row a lead from content
-- key: source, record_id
-- signal: content that brings somebody in
-- owner: marketing
-- kpi: leads from content
-- okr: be known where customers look
-- value: sum
-- unit: leads
-- better: higher
-- control: shared
-- spans: week month quarter
-- streams: contributions
-- not_null: source, rep_id, occurred_at, record_type, record_id, numerator, denominator, is_truncated, detail
-- checks: more_than_nothing: numerator > 0 and denominator = 1
-- gaming: leads made up by hand; each names the account or deal, where it can be looked up
-- changed: 2026-11-22 first version
select
    rep_contributions.source, -- the source's name in merit.yml
    rep_contributions.rep_id, -- whose it was
    rep_contributions.occurred_at, -- when
    'contribution' as record_type, -- the record is a contribution
    rep_contributions.contribution_id as record_id, -- the system's id of it
    cast(rep_contributions.quantity as numeric(38, 9)) as numerator, -- how many it stands for
    cast(1 as numeric(38, 9)) as denominator, -- one record
    false as is_truncated, -- contributions have no history that could be forgotten
    'lead from content' || coalesce(': ' || rep_contributions.title, '') as detail -- what it was
from core.rep_contributions
where rep_contributions.kind = 'content_lead'
