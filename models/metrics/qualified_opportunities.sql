-- qualified_opportunities: deals that qualified: by lead source and early score, or by coming to the stage that the plan names
-- grain: one row a deal that qualified
-- key: source, record_id
-- signal: pipeline that is worth working on
-- owner: marketing
-- kpi: qualified deals created
-- okr: enough good deals for next quarter
-- value: sum
-- unit: deals
-- better: higher
-- control: shared
-- spans: month quarter
-- streams: deals
-- parameters: lead_source:
--    min_score:
--    score_after_days: 7
--    stage:
--    deal_class: new
--    credit: owner
-- names: lead_source: lead source
--    stage: stage
--    deal_class: one of new, expansion, renewal, other
-- needs_one_of: lead_source, min_score, stage
-- not_null: source, rep_id, occurred_at, record_type, record_id, numerator, denominator, is_truncated, detail
-- checks: one_each: numerator = 1 and denominator = 1
-- gaming: deals created to be counted and closed soon after, scores put right later; the score of the named day counts, and the win rate stands beside it
-- changed: 2026-11-22 first version
--    2026-12-01 new business unless said; by a stage, credited to the owner, the creator or whom a field names; nothing counts unless the plan says what qualifies
with rules as (
    select
        periods.period,
        periods.starts_at,
        periods.ends_at,
        sum(case when settings.name = 'lead_source' then 1 else 0 end) as lead_sources,
        sum(case when settings.name = 'stage' then 1 else 0 end) as stages,
        sum(case when settings.name = 'deal_class' then 1 else 0 end) as classes,
        max(case when settings.name = 'min_score' then fn.as_number(settings.value) end) as min_score,
        max(case when settings.name = 'score_after_days' then cast(fn.as_number(settings.value) as bigint) end) as score_after_days,
        max(case when settings.name = 'credit' then settings.value end) as credit
    from plan.periods
    join plan.settings
        on settings.period = periods.period
        and settings.metric = 'qualified_opportunities'
    group by
        periods.period,
        periods.starts_at,
        periods.ends_at
),
wanted as (
    select
        settings.period,
        settings.name,
        fn.word(settings.value) as word
    from plan.settings
    where settings.metric = 'qualified_opportunities'
        and settings.name in ('lead_source', 'deal_class')
    group by
        settings.period,
        settings.name,
        fn.word(settings.value)
),
created as (
    select
        rules.period,
        rules.min_score,
        rules.score_after_days,
        deal_creations.source,
        deal_creations.deal_id,
        deal_creations.created_at,
        deal_creations.lead_source,
        fn.add_days(deal_creations.created_at, rules.score_after_days) as judged_at
    from rules
    join core.deal_creations
        on deal_creations.created_at >= rules.starts_at
        and deal_creations.created_at < rules.ends_at
    -- A stage that is named without a score is what qualifies, and creation is not.
    where rules.min_score is not null
        or rules.lead_sources > 0
        and rules.stages = 0
),
scored as (
    select
        created.source,
        created.deal_id,
        deal_scores.score,
        row_number() over (
            partition by created.source, created.deal_id
            order by deal_scores.scored_at desc, deal_scores.ordinal desc, deal_scores.score_id desc
        ) as place
    from created
    join staging.deal_scores
        on deal_scores.source = created.source
        and deal_scores.deal_id = created.deal_id
        and deal_scores.scored_at <= created.judged_at
    where created.min_score is not null
),
qualified as (
    select
        created.period,
        created.source,
        created.deal_id,
        created.created_at as qualified_at,
        false as is_forgotten,
        'created, lead source ' || coalesce(created.lead_source, 'not said')
        || case
            when created.min_score is null then ''
            else ', score ' || fn.digits(scored.score, 2) || ' on day ' || cast(created.score_after_days as string)
        end as detail
    from created
    left join scored
        on scored.source = created.source
        and scored.deal_id = created.deal_id
        and scored.place = 1
    -- A score that is asked for and not known, or whose day has not come, qualifies nobody.
    where created.min_score is null
        or (created.judged_at <= fn.as_of() and scored.score >= created.min_score)
    union all
    select
        rules.period,
        named_stage_entries.source,
        named_stage_entries.deal_id,
        named_stage_entries.entered_at as qualified_at,
        named_stage_entries.is_truncated as is_forgotten,
        'came to ' || named_stage_entries.stage as detail
    from rules
    join core.named_stage_entries
        on named_stage_entries.metric = 'qualified_opportunities'
        and named_stage_entries.name = 'stage'
        and named_stage_entries.period = rules.period
        and named_stage_entries.entered_at >= rules.starts_at
        and named_stage_entries.entered_at < rules.ends_at
),
-- A deal qualifies once.
firsts as (
    select
        qualified.period,
        qualified.source,
        qualified.deal_id,
        qualified.qualified_at,
        qualified.is_forgotten,
        qualified.detail,
        row_number() over (
            partition by qualified.source, qualified.deal_id
            order by qualified.qualified_at, qualified.period, qualified.detail
        ) as place
    from qualified
),
credited as (
    select
        firsts.source,
        firsts.deal_id,
        firsts.qualified_at,
        firsts.detail,
        rules.credit,
        case
            when coalesce(rules.credit, 'owner') = 'owner' then deal_owner_spans.rep_id
            when rules.credit = 'creator' then creators.rep_id
            else named.rep_id
        end as rep_id,
        firsts.is_forgotten
            or coalesce(rules.credit, 'owner') = 'owner'
            and coalesce(firsts.qualified_at < deal_owner_spans.forgotten_until, false) as is_truncated,
        case when rules.classes > 0 and not coalesce(deal_classes.is_known, true) then 'unknown reference' end as unknown_reason
    from firsts
    join rules
        on rules.period = firsts.period
    join core.deal_creations
        on deal_creations.source = firsts.source
        and deal_creations.deal_id = firsts.deal_id
    left join core.deal_owner_spans
        on deal_owner_spans.source = firsts.source
        and deal_owner_spans.deal_id = firsts.deal_id
        and firsts.qualified_at >= deal_owner_spans.starts_at
        and firsts.qualified_at < deal_owner_spans.until_at
    left join core.rep_users as creators
        on creators.source = deal_creations.source
        and creators.user_id = deal_creations.created_by
    left join staging.deal_fields
        on deal_fields.source = firsts.source
        and deal_fields.deal_id = firsts.deal_id
        and deal_fields.field = rules.credit
    left join core.rep_identifiers as named
        on named.source = deal_fields.source
        and named.user_key = deal_fields.value
    left join core.deal_classes
        on deal_classes.source = firsts.source
        and deal_classes.deal_id = firsts.deal_id
    left join wanted as lead_sources
        on lead_sources.period = firsts.period
        and lead_sources.name = 'lead_source'
        and lead_sources.word = fn.word(deal_creations.lead_source)
    left join wanted as classes
        on classes.period = firsts.period
        and classes.name = 'deal_class'
        and classes.word = coalesce(deal_classes.deal_class, 'new')
    where firsts.place = 1
        and (rules.lead_sources = 0 or lead_sources.word is not null)
        -- A deal whose class nobody knows may be one that counts.
        and (rules.classes = 0 or classes.word is not null or not coalesce(deal_classes.is_known, true))
)
select
    credited.source, -- the source's name in merit.yml
    credited.rep_id, -- who is credited: the owner when it qualified, its creator, or whom the field of the deal names
    credited.qualified_at as occurred_at, -- when it was created, or came to the stage
    'deal' as record_type, -- the record is a deal
    credited.deal_id as record_id, -- the CRM's id of the deal
    cast(1 as numeric(38, 9)) as numerator, -- one deal
    cast(1 as numeric(38, 9)) as denominator, -- one deal
    credited.is_truncated, -- true: the CRM had forgotten who owned it then, or how its history began
    credited.detail
        || case when credited.unknown_reason is null then '' else '; whether it is new business is not known: its type has no class' end as detail, -- why it qualified
    credited.unknown_reason -- unknown reference: its type has no class, so nobody knows whether it counts; null: it counts
from credited
where credited.rep_id is not null
