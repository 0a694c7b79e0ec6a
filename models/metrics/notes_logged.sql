-- notes_logged: notes that were written down
-- grain: one row a note
-- key: source, record_id
-- signal: knowledge that stays when people go
-- owner: sales management
-- kpi: notes a quarter
-- okr: records that others can work with
-- value: sum
-- unit: notes
-- better: higher
-- control: own
-- spans: week month quarter
-- streams: activities
-- not_null: source, rep_id, occurred_at, record_type, record_id, numerator, denominator, is_truncated, detail
-- checks: one_each: numerator = 1 and denominator = 1
-- gaming: notes of one word: nobody counts them for pay, they are an input to coaching
-- changed: 2026-11-22 first version
select
    rep_activities.source, -- the source's name in merit.yml
    rep_activities.rep_id, -- whose work it was
    rep_activities.occurred_at, -- when it took place
    'activity' as record_type, -- the record is an activity
    rep_activities.activity_id as record_id, -- the CRM's id of it
    cast(1 as numeric(38, 9)) as numerator, -- one
    cast(1 as numeric(38, 9)) as denominator, -- one
    false as is_truncated, -- activities have no history that could be forgotten
    'note' as detail -- note, in words
from core.rep_activities
where rep_activities.kind = 'note'
    and rep_activities.occurred_at <= fn.as_of()
