-- presentations_given: presentations given to customers or at events
-- grain: one row a presentation
-- key: source, record_id
-- signal: knowledge that is shared
-- owner: marketing
-- kpi: presentations a quarter
-- okr: be known where customers look
-- value: sum
-- unit: presentations
-- better: higher
-- present: source, rep_id, occurred_at, record_type, record_id, numerator, denominator, is_truncated, detail
-- checks: more_than_nothing: numerator > 0 and denominator = 1
-- games: presentations to an empty room; each names its title and page
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
    'presentation' || coalesce(': ' || contributions.title, '') as detail -- what it was
from staging.contributions
join core.rep_keys
    on rep_keys.source = contributions.source
    and rep_keys.user_key = contributions.user_key
join core.rep_spans
    on rep_spans.rep_id = rep_keys.rep_id
    and contributions.occurred_at >= rep_spans.starts_at
    and contributions.occurred_at < rep_spans.ends_at
where contributions.kind = 'presentation'
    and coalesce(contributions.quantity, 1) > 0
    and contributions.occurred_at <= fn.as_of()
