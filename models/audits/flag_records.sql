-- flag_records: the suspicious records behind each flag
-- grain: one row a flag and record
-- key: flag_id, source, record_type, record_id, occurred_at
-- signal: what a steward looks at, and what a confirmed flag takes out
-- owner: revenue operations
-- not_null: flag_id, source, record_type, record_id, occurred_at, is_decided
-- gaming: see each rule
-- changed: 2026-11-30 first version
select
    flagged.flag_id, -- the flag
    flag_candidates.source, -- the source's name in merit.yml
    flag_candidates.record_type, -- deal, activity or metric
    flag_candidates.record_id, -- the CRM's id
    flag_candidates.occurred_at, -- when it happened
    flag_candidates.detail, -- what happened, in a plain sentence
    flag_decision_records.flag_id is not null as is_decided -- true: a steward has decided on it
from audits.flagged
join audits.flag_candidates
    on flag_candidates.rule = flagged.rule
    and flag_candidates.rep_id = flagged.rep_id
    and flag_candidates.is_suspect
join core.rep_assignments
    on rep_assignments.rep_id = flag_candidates.rep_id
    and flag_candidates.occurred_at >= rep_assignments.starts_at
    and flag_candidates.occurred_at < rep_assignments.ends_at
    and rep_assignments.period = flagged.period
left join plan.flag_decision_records
    on flag_decision_records.flag_id = flagged.flag_id
    and flag_decision_records.source = flag_candidates.source
    and flag_decision_records.record_type = flag_candidates.record_type
    and flag_decision_records.record_id = flag_candidates.record_id
    and flag_decision_records.occurred_at = flag_candidates.occurred_at
where flagged.span = 'period'
    or fn.day(flag_candidates.occurred_at) = flagged.opened_for
