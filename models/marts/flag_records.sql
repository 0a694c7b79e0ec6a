-- flag_records: the suspicious records behind each flag
-- grain: one row a flag and record
-- key: flag_id, source, record_type, record_id, occurred_at
-- signal: what a steward looks at, and what a confirmed flag takes out
-- owner: revenue operations
-- not_null: flag_id, source, record_type, record_id, occurred_at, is_decided
-- gaming: see each rule in models/audits
-- changed: 2026-11-30 first version
select
    flag_records.flag_id, -- the flag
    flag_records.source, -- the source's name in merit.yml
    flag_records.record_type, -- deal, activity or metric
    flag_records.record_id, -- the CRM's id
    flag_records.occurred_at, -- when it happened
    flag_records.detail, -- what happened, in a plain sentence
    deals.name as deal, -- the deal's name; null: it is no deal
    deals.url, -- the deal's page at the CRM; null: it is no deal
    flag_records.is_decided -- true: a steward has decided on it
from audits.flag_records
left join core.deals
    on flag_records.record_type = 'deal'
    and deals.source = flag_records.source
    and deals.deal_id = flag_records.record_id
