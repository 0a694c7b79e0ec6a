-- coaching_sessions: coaching sessions that the rep had
-- grain: one row a session that took place
-- key: source, record_id
-- signal: who is coached, and who is forgotten
-- owner: sales enablement
-- kpi: coaching sessions a quarter
-- okr: people who are good sooner
-- value: sum
-- unit: sessions
-- better: higher
-- control: shared
-- spans: month quarter
-- streams: coaching
-- not_null: source, rep_id, occurred_at, record_type, record_id, numerator, denominator, is_truncated, detail
-- checks: one_each: numerator = 1 and denominator = 1
-- gaming: sessions of a minute; the length stands in the detail, and coaching_actions_done tells what came of them
-- changed: 2026-11-22 first version
with dated as (
    select
        coaching.source,
        rep_identifiers.rep_id,
        coaching.held_at as occurred_at,
        coaching.session_id as record_id,
        1 as numerator,
        'coached' || coalesce(' on ' || coaching.topic, '') || coalesce(', ' || cast(cast(coaching.duration_seconds as bigint) as string) || ' seconds', '') as detail
    from staging.coaching
    join core.rep_identifiers
        on rep_identifiers.source = coaching.source
        and rep_identifiers.user_key = coaching.user_key
    where coaching.held_at is not null
)
select
    dated.source, -- the source's name in merit.yml
    dated.rep_id, -- who
    dated.occurred_at, -- when it took place
    'coaching' as record_type, -- the kind of record
    dated.record_id, -- the system's id of it
    cast(dated.numerator as numeric(38, 9)) as numerator, -- one session
    cast(1 as numeric(38, 9)) as denominator, -- one record
    false as is_truncated, -- nothing that could be forgotten
    dated.detail -- on what
from dated
where dated.occurred_at <= fn.as_of()
