-- rep_contributions: what people on the roster gave beside the CRM: posts, leads from content, presentations
-- grain: one row a contribution
-- key: source, contribution_id
-- signal: reach beyond the own list
-- owner: marketing
-- not_null: source, contribution_id, kind, rep_id, occurred_at, quantity
-- checks: more_than_nothing: quantity > 0
-- gaming: contributions nobody sees; each row names its page
-- changed: 2026-11-22 first version
select
    contributions.source, -- the source's name in merit.yml
    contributions.contribution_id, -- the system's id
    contributions.kind, -- social_post, content_lead, presentation, practice_run or voicemail
    rep_identifiers.rep_id, -- whose it was
    contributions.occurred_at, -- when
    coalesce(contributions.quantity, 1) as quantity, -- how many it stands for
    contributions.title, -- of the post, the content or the presentation
    contributions.url -- where it can be seen
from staging.contributions
join core.rep_identifiers
    on rep_identifiers.source = contributions.source
    and rep_identifiers.user_key = contributions.user_key
where coalesce(contributions.quantity, 1) > 0
    and contributions.occurred_at <= fn.as_of()
