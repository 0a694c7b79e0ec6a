-- proposals_sent: proposals and quotes that went out to customers
-- grain: one row a proposal sent, or a deal that first entered the stage that the plan names
-- key: source, record_type, record_id
-- signal: offers that customers have in their hands
-- owner: sales management
-- kpi: proposals a quarter
-- okr: conversations that move deals
-- value: sum
-- unit: proposals
-- better: higher
-- parameters: stage:
-- present: source, rep_id, occurred_at, record_type, record_id, numerator, denominator, is_truncated, detail
-- checks: one_each: numerator = 1 and denominator = 1
-- games: the same proposal sent again and again under new numbers; each names its deal, and demo_to_proposal and win_rate tell what came of them
-- changed: 2026-11-22 first version
with sent as (
    select
        documents.source,
        rep_users.rep_id,
        documents.sent_at as occurred_at,
        'document' as record_type,
        documents.document_id as record_id,
        false as is_truncated,
        documents.kind || ' sent' || coalesce(' for deal ' || documents.deal_id, '') as detail
    from staging.documents
    join core.rep_users
        on rep_users.source = documents.source
        and rep_users.user_id = documents.owner_id
    join core.rep_spans
        on rep_spans.rep_id = rep_users.rep_id
        and documents.sent_at >= rep_spans.starts_at
        and documents.sent_at < rep_spans.ends_at
    where documents.kind in ('proposal', 'quote')
        and not documents.is_deleted
        and documents.sent_at <= fn.as_of()
    union all
    select
        stage_transitions.source,
        stage_transitions.rep_id,
        stage_transitions.moved_at as occurred_at,
        'deal' as record_type,
        stage_transitions.deal_id as record_id,
        stage_transitions.is_truncated,
        'came to ' || stage_transitions.to_stage as detail
    from core.stage_transitions
    join core.rep_spans
        on rep_spans.rep_id = stage_transitions.rep_id
        and stage_transitions.moved_at >= rep_spans.starts_at
        and stage_transitions.moved_at < rep_spans.ends_at
    join plan.settings
        on settings.period = rep_spans.period
        and settings.metric = 'proposals_sent'
        and settings.name = 'stage'
        and settings.value = stage_transitions.to_stage
    left join core.deal_copies
        on deal_copies.source = stage_transitions.source
        and deal_copies.deal_id = stage_transitions.deal_id
    where not stage_transitions.is_deleted
        and deal_copies.deal_id is null
),
numbered as (
    select
        sent.source,
        sent.rep_id,
        sent.occurred_at,
        sent.record_type,
        sent.record_id,
        sent.is_truncated,
        sent.detail,
        -- A deal that comes to the stage again earns nothing twice.
        row_number() over (
            partition by sent.source, sent.record_type, sent.record_id
            order by sent.occurred_at
        ) as place
    from sent
)
select
    numbered.source, -- the source's name in merit.yml
    numbered.rep_id, -- who sent it, or owned the deal then
    numbered.occurred_at, -- when
    numbered.record_type, -- document, or deal where the plan names a stage
    numbered.record_id, -- the CRM's id of it
    cast(1 as numeric(38, 9)) as numerator, -- one proposal
    cast(1 as numeric(38, 9)) as denominator, -- one proposal
    numbered.is_truncated, -- true: the CRM has forgotten how the deal's history began
    numbered.detail -- what was sent
from numbered
where numbered.place = 1
