-- coaching_actions_done: share of what was agreed in coaching that was done by its day
-- grain: one row an agreed action whose day is over
-- key: source, record_id
-- signal: coaching that changes something
-- owner: sales enablement
-- kpi: coaching actions done
-- okr: people who are good sooner
-- value: ratio
-- unit: share
-- better: higher
-- control: own
-- spans: month quarter
-- streams: coaching_actions
-- not_null: source, rep_id, occurred_at, record_type, record_id, numerator, denominator, is_truncated, detail
-- checks: none_or_one: numerator in (0, 1) and denominator = 1
-- gaming: actions that are no effort; what was agreed stands in the detail
-- changed: 2026-11-22 first version
with dated as (
    select
        coaching_actions.source,
        rep_identifiers.rep_id,
        fn.just_before(fn.midnight(fn.date_after(coaching_actions.due_on, 1))) as occurred_at,
        coaching_actions.action_id as record_id,
        case when fn.day(coaching_actions.done_at) <= coaching_actions.due_on then 1 else 0 end as numerator,
        coalesce(coaching_actions.action, 'action') || case
            when coaching_actions.done_at is null then ', not done'
            when fn.day(coaching_actions.done_at) > coaching_actions.due_on then ', done too late'
            else ', done'
        end as detail
    from staging.coaching_actions
    join core.rep_identifiers
        on rep_identifiers.source = coaching_actions.source
        and rep_identifiers.user_key = coaching_actions.user_key
    where coaching_actions.due_on < fn.today()
)
select
    dated.source, -- the source's name in merit.yml
    dated.rep_id, -- who
    dated.occurred_at, -- the last instant of the day for which it was due
    'coaching action' as record_type, -- the kind of record
    dated.record_id, -- the system's id of it
    cast(dated.numerator as numeric(38, 9)) as numerator, -- 1: done by its day
    cast(1 as numeric(38, 9)) as denominator, -- one record
    false as is_truncated, -- nothing that could be forgotten
    dated.detail -- what became of it
from dated
where dated.occurred_at <= fn.as_of()
