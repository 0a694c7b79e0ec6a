-- qualified_opportunities: deals created from the sources that the plan names, with a score that was high enough soon after
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
-- present: source, rep_id, occurred_at, record_type, record_id, numerator, denominator, is_truncated, detail
-- checks: one_each: numerator = 1 and denominator = 1
-- games: deals created to be counted and closed soon after, scores put right later; the score of the named day counts, and the win rate stands beside it
-- changed: 2026-11-22 first version
with rules as (
    select
        periods.period,
        sum(case when settings.name = 'lead_source' then 1 else 0 end) as lead_sources,
        max(case when settings.name = 'min_score' then fn.as_number(settings.value) end) as min_score,
        max(case when settings.name = 'score_after_days' then cast(fn.as_number(settings.value) as bigint) end) as score_after_days
    from plan.periods
    join plan.settings
        on settings.period = periods.period
        and settings.metric = 'qualified_opportunities'
    group by periods.period
),
created as (
    select
        deal_creations.source,
        deal_creations.deal_id,
        deal_creations.created_at,
        deal_creations.lead_source,
        deal_creations.rep_id,
        deal_creations.is_truncated,
        rules.min_score,
        rules.score_after_days,
        fn.add_days(deal_creations.created_at, rules.score_after_days) as judged_at
    from core.deal_creations
    join core.rep_spans
        on rep_spans.rep_id = deal_creations.rep_id
        and deal_creations.created_at >= rep_spans.starts_at
        and deal_creations.created_at < rep_spans.ends_at
    join rules
        on rules.period = rep_spans.period
    left join plan.settings as lead_sources
        on lead_sources.period = rep_spans.period
        and lead_sources.metric = 'qualified_opportunities'
        and lead_sources.name = 'lead_source'
        and fn.word(lead_sources.value) = fn.word(deal_creations.lead_source)
    where rules.lead_sources = 0
        or lead_sources.value is not null
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
)
select
    created.source, -- the source's name in merit.yml
    created.rep_id, -- the owner at its creation
    created.created_at as occurred_at, -- when it was created
    'deal' as record_type, -- the record is a deal
    created.deal_id as record_id, -- the CRM's id of the deal
    cast(1 as numeric(38, 9)) as numerator, -- one deal
    cast(1 as numeric(38, 9)) as denominator, -- one deal
    created.is_truncated, -- true: the CRM had forgotten who owned it then
    'created, lead source ' || coalesce(created.lead_source, 'not said')
        || case
            when created.min_score is null then ''
            else ', score ' || fn.digits(scored.score, 2) || ' on day ' || cast(created.score_after_days as string)
        end as detail -- why it qualified
from created
left join scored
    on scored.source = created.source
    and scored.deal_id = created.deal_id
    and scored.place = 1
-- A score that is asked for and not known, or whose day has not come, qualifies nobody.
where created.min_score is null
    or (created.judged_at <= fn.as_of() and scored.score >= created.min_score)
