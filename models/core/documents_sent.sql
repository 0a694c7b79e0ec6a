-- documents_sent: proposals and contracts that went out, by the papers themselves or by a deal's first coming to the stage that the plan names
-- grain: one row a paper, or a deal, and what it is counted as
-- key: metric, source, record_type, record_id
-- signal: offers that customers have in their hands
-- owner: sales management
-- not_null: metric, source, record_type, record_id, rep_id, sent_at, is_truncated, detail
-- checks: record_types: record_type in ('document', 'deal')
-- gaming: papers sent before anybody wants one; win_rate tells what came of them
-- changed: 2026-11-22 first version
--    2026-11-22 where the plan names a stage, the first coming counts, also one before all periods
with kinds as (
    select 'contracts_sent' as metric, 'contract' as kind
    union all select 'proposals_sent', 'proposal'
    union all select 'proposals_sent', 'quote'
),
named as (
    select fn.word(settings.value) as stage
    from plan.settings
    where settings.metric in ('contracts_sent', 'proposals_sent')
        and settings.name = 'stage'
    group by fn.word(settings.value)
),
-- A deal that comes to the stage again earns nothing twice, not even where the first time lies before all periods.
firsts as (
    select
        stage_transitions.source,
        stage_transitions.deal_id,
        stage_transitions.to_stage,
        min(stage_transitions.transition_number) as transition_number
    from core.stage_transitions
    join named
        on named.stage in (fn.word(stage_transitions.to_stage), fn.word(stage_transitions.to_stage_id))
    group by
        stage_transitions.source,
        stage_transitions.deal_id,
        stage_transitions.to_stage
),
arrivals as (
    select
        settings.metric,
        stage_transitions.source,
        stage_transitions.deal_id,
        stage_transitions.rep_id,
        stage_transitions.moved_at,
        stage_transitions.to_stage,
        stage_transitions.is_truncated,
        row_number() over (
            partition by settings.metric, stage_transitions.source, stage_transitions.deal_id
            order by stage_transitions.transition_number
        ) as arrival
    from core.stage_transitions
    join firsts
        on firsts.source = stage_transitions.source
        and firsts.deal_id = stage_transitions.deal_id
        and firsts.to_stage = stage_transitions.to_stage
        and firsts.transition_number = stage_transitions.transition_number
    join plan.periods
        on stage_transitions.moved_at >= periods.starts_at
        and stage_transitions.moved_at < periods.ends_at
    join plan.settings
        on settings.period = periods.period
        and settings.metric in ('contracts_sent', 'proposals_sent')
        and settings.name = 'stage'
        and fn.word(settings.value) in (fn.word(stage_transitions.to_stage), fn.word(stage_transitions.to_stage_id))
    join core.counted_deals
        on counted_deals.source = stage_transitions.source
        and counted_deals.deal_id = stage_transitions.deal_id
),
sent as (
    select
        kinds.metric,
        documents.source,
        'document' as record_type,
        documents.document_id as record_id,
        rep_users.rep_id,
        documents.sent_at,
        false as is_truncated,
        documents.kind || ' sent' || coalesce(' for deal ' || documents.deal_id, '') as detail
    from staging.documents
    join kinds
        on kinds.kind = documents.kind
    join core.rep_users
        on rep_users.source = documents.source
        and rep_users.user_id = documents.owner_id
    where not documents.is_deleted
        and documents.sent_at <= fn.as_of()
    union all
    select
        arrivals.metric,
        arrivals.source,
        'deal' as record_type,
        arrivals.deal_id as record_id,
        arrivals.rep_id,
        arrivals.moved_at as sent_at,
        arrivals.is_truncated,
        'came to ' || arrivals.to_stage as detail
    from arrivals
    where arrivals.arrival = 1
)
select
    sent.metric, -- contracts_sent or proposals_sent
    sent.source, -- the source's name in merit.yml
    sent.record_type, -- document, or deal where the plan names a stage
    sent.record_id, -- the CRM's id of it
    sent.rep_id, -- who sent it, or owned the deal then
    sent.sent_at, -- when
    sent.is_truncated, -- true: the CRM has forgotten how the deal's history began, or who owned it then
    sent.detail -- what was sent
from sent
where sent.rep_id is not null
