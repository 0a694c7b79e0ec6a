-- crm_active_days: share of working days on which the rep changed, logged or looked up something at the CRM
-- grain: one row a rep and working day
-- key: rep_id, record_id
-- signal: whether the CRM is where the work is done
-- owner: revenue operations
-- kpi: adoption
-- okr: records that others can work with
-- value: ratio
-- unit: share
-- better: higher
-- control: own
-- spans: week month quarter
-- streams: activities
-- not_null: source, rep_id, occurred_at, record_type, record_id, numerator, denominator, is_truncated, detail
-- checks: none_or_one: numerator in (0, 1) and denominator = 1
-- gaming: one sign-in a day and nothing else: the detail tells changes, activities and sign-ins apart; days off that are worked count for nothing
-- changed: 2026-11-22 first version
--    2026-11-22 the record is of one rep: a steward who takes it out takes out no other
select
    'roster' as source, -- the day is of the roster's calendar, not of a CRM
    working_days.rep_id, -- whose day
    working_days.began_at as occurred_at, -- its first instant
    'day' as record_type, -- the record is a day
    working_days.rep_id || ' ' || cast(working_days.day_on as string) as record_id, -- whose, and the day
    case when active_days.rep_id is null then cast(0 as numeric(38, 9)) else cast(1 as numeric(38, 9)) end as numerator, -- 1: active
    cast(1 as numeric(38, 9)) as denominator, -- one working day
    false as is_truncated, -- a change that the CRM has forgotten leaves other signs of the day
    case
        when active_days.rep_id is null then 'nothing'
        else cast(active_days.changes as string) || ' changes, ' || cast(active_days.activities as string)
            || ' activities, ' || cast(active_days.logins as string) || ' sign-ins'
    end as detail -- the signs of the rep
from core.working_days
left join core.active_days
    on active_days.rep_id = working_days.rep_id
    and active_days.day_on = working_days.day_on
