-- contracts_sent: contracts that went out to customers
-- grain: one row a contract sent, or a deal that first entered the stage that the plan names
-- key: source, record_type, record_id
-- signal: offers that customers have in their hands
-- owner: sales management
-- kpi: contracts a quarter
-- okr: conversations that move deals
-- value: sum
-- unit: contracts
-- better: higher
-- control: shared
-- spans: week month quarter
-- streams: documents
-- parameters: stage:
-- names: stage: stage
-- not_null: source, rep_id, occurred_at, record_type, record_id, numerator, denominator, is_truncated, detail
-- checks: one_each: numerator = 1 and denominator = 1
-- gaming: contracts sent before anybody wants one; win_rate tells what came of them
-- changed: 2026-11-22 first version
select
    documents_sent.source, -- the source's name in merit.yml
    documents_sent.rep_id, -- who sent it, or owned the deal then
    documents_sent.sent_at as occurred_at, -- when
    documents_sent.record_type, -- document, or deal where the plan names a stage
    documents_sent.record_id, -- the CRM's id of it
    cast(1 as numeric(38, 9)) as numerator, -- one contract
    cast(1 as numeric(38, 9)) as denominator, -- one contract
    documents_sent.is_truncated, -- true: the CRM has forgotten how the deal's history began, or who owned it then
    documents_sent.detail -- what was sent
from core.documents_sent
where documents_sent.metric = 'contracts_sent'
