-- emails_sent: emails that were sent
-- grain: one row an email sent
-- key: source, record_id
-- signal: effort, where it can be coached; not quality
-- owner: sales management
-- kpi: emails a quarter
-- okr: conversations that move deals
-- value: sum
-- unit: emails
-- better: higher
-- control: own
-- spans: week month quarter
-- streams: activities
-- not_null: source, rep_id, occurred_at, record_type, record_id, numerator, denominator, is_truncated, detail
-- checks: one_each: numerator = 1 and denominator = 1
-- gaming: volume for its own sake: qualified_touch_rate tells what came of it, repeats and impossible hours are flagged
-- changed: 2026-11-22 first version
--    2026-11-22 inbound ones do not count
select
    rep_activities.source, -- the source's name in merit.yml
    rep_activities.rep_id, -- whose work it was
    rep_activities.occurred_at, -- when it took place
    'activity' as record_type, -- the record is an activity
    rep_activities.activity_id as record_id, -- the CRM's id of it
    cast(1 as numeric(38, 9)) as numerator, -- one
    cast(1 as numeric(38, 9)) as denominator, -- one
    false as is_truncated, -- activities have no history that could be forgotten
    'email sent' as detail -- email sent, in words
from core.rep_activities
where rep_activities.kind = 'email'
    and rep_activities.is_completed
    -- What a customer wrote is logged too, and no work of the rep.
    and coalesce(lower(rep_activities.direction), '') <> 'inbound'
    and rep_activities.occurred_at <= fn.as_of()
