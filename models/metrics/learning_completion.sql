-- learning_completion: share of the modules due in the period that were learned in time
-- grain: one row a required module whose day is over
-- key: source, record_id
-- signal: people who keep learning
-- owner: sales enablement
-- kpi: modules learned
-- okr: people who are good sooner
-- value: ratio
-- unit: share
-- better: higher
-- control: own
-- spans: month quarter
-- streams: learning
-- not_null: source, rep_id, occurred_at, record_type, record_id, numerator, denominator, is_truncated, detail
-- checks: none_or_one: numerator in (0, 1) and denominator = 1
-- gaming: modules clicked through; the test's score stands in the detail
-- changed: 2026-11-22 first version
with dated as (
    select
        learning.source,
        rep_identifiers.rep_id,
        fn.just_before(fn.midnight(fn.date_after(learning.due_on, 1))) as occurred_at,
        learning.learning_id as record_id,
        case when fn.day(learning.completed_at) <= learning.due_on then 1 else 0 end as numerator,
        learning.module || case
            when learning.completed_at is null then ', not done'
            when fn.day(learning.completed_at) > learning.due_on then ', done too late'
            else ', done'
        end || coalesce(', score ' || fn.digits(learning.score, 4), '') as detail
    from staging.learning
    join core.rep_identifiers
        on rep_identifiers.source = learning.source
        and rep_identifiers.user_key = learning.user_key
    where learning.is_required
        and learning.due_on < fn.today()
)
select
    dated.source, -- the source's name in merit.yml
    dated.rep_id, -- who
    dated.occurred_at, -- the last instant of the day for which it was due
    'learning' as record_type, -- the kind of record
    dated.record_id, -- the system's id of it
    cast(dated.numerator as numeric(38, 9)) as numerator, -- 1: done by its day
    cast(1 as numeric(38, 9)) as denominator, -- one record
    false as is_truncated, -- nothing that could be forgotten
    dated.detail -- what became of it
from dated
where dated.occurred_at <= fn.as_of()
