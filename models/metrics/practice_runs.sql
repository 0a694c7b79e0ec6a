-- practice_runs: demos and calls rehearsed with a colleague
-- grain: one row a record
-- key: source, record_id
-- signal: skill that is trained before a customer sees it
-- owner: sales management
-- kpi: practice runs a quarter
-- okr: every demo is a good one
-- value: sum
-- unit: runs
-- better: higher
-- control: own
-- spans: week month quarter
-- streams: contributions
-- not_null: source, rep_id, occurred_at, record_type, record_id, numerator, denominator, is_truncated, detail
-- checks: more_than_nothing: numerator > 0 and denominator = 1
-- gaming: rehearsals nobody saw; each row names its recording or page
-- changed: 2026-12-01 first version
select
    rep_contributions.source, -- the source's name in merit.yml
    rep_contributions.rep_id, -- whose it was
    rep_contributions.occurred_at, -- when
    'contribution' as record_type, -- the record is a contribution
    rep_contributions.contribution_id as record_id, -- the system's id of it
    cast(rep_contributions.quantity as numeric(38, 9)) as numerator, -- how many it stands for
    cast(1 as numeric(38, 9)) as denominator, -- one record
    false as is_truncated, -- contributions have no history that could be forgotten
    'practice run' || coalesce(': ' || rep_contributions.title, '') as detail -- what it was
from core.rep_contributions
where rep_contributions.kind = 'practice_run'
