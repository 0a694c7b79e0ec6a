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
-- present: source, rep_id, occurred_at, record_type, record_id, numerator, denominator, is_truncated, detail
-- checks: more_than_nothing: numerator > 0 and denominator = 1
-- games: leads made up by hand; each names the account or deal, where it can be looked up
-- changed: 2026-11-22 first version
select
    contributions.source, -- the source's name in merit.yml
    rep_keys.rep_id, -- whose it was
    contributions.occurred_at, -- when
    'contribution' as record_type, -- the record is a contribution
    contributions.contribution_id as record_id, -- the system's id of it
    cast(coalesce(contributions.quantity, 1) as numeric(38, 9)) as numerator, -- how many it stands for
    cast(1 as numeric(38, 9)) as denominator, -- one record
    false as is_truncated, -- contributions have no history that could be forgotten
    'lead from content' || coalesce(': ' || contributions.title, '') as detail -- what it was
from staging.contributions
join core.rep_keys
    on rep_keys.source = contributions.source
    and rep_keys.user_key = contributions.user_key
join core.rep_spans
    on rep_spans.rep_id = rep_keys.rep_id
    and contributions.occurred_at >= rep_spans.starts_at
    and contributions.occurred_at < rep_spans.ends_at
where contributions.kind = 'content_lead'
    and coalesce(contributions.quantity, 1) > 0
    and contributions.occurred_at <= fn.as_of()
