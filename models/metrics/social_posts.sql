-- social_posts: posts in social networks about the company and its field
-- grain: one row a post
-- key: source, record_id
-- signal: reach beyond the own list
-- owner: marketing
-- kpi: posts a quarter
-- okr: be known where customers look
-- value: sum
-- unit: posts
-- better: higher
-- control: own
-- spans: week month quarter
-- streams: contributions
-- not_null: source, rep_id, occurred_at, record_type, record_id, numerator, denominator, is_truncated, detail
-- checks: more_than_nothing: numerator > 0 and denominator = 1
-- gaming: posts nobody reads; content_leads tells what came of them, and each row names its page
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
    'post' || coalesce(': ' || rep_contributions.title, '') as detail -- what it was
from core.rep_contributions
where rep_contributions.kind = 'social_post'
