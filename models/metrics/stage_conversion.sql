-- stage_conversion: share of the deals that came to one stage and from there to another in time
-- grain: one row a deal that came to the first stage long enough ago
-- key: source, record_id, occurred_at
-- signal: where deals stop
-- owner: sales management
-- kpi: stage conversion
-- okr: win the deals that we work on
-- value: ratio
-- unit: share
-- better: higher
-- control: shared
-- spans: quarter
-- streams: deals, deal_changes
-- parameters: from_stage:
--    to_stage:
--    within_days: 90
-- names: from_stage: stage
--    to_stage: stage
-- not_null: source, rep_id, occurred_at, record_type, record_id, numerator, denominator, is_truncated, detail
-- checks: none_or_one: numerator in (0, 1) and denominator = 1
-- gaming: deals kept out of the first stage until they are sure: stage_to_stage_days and the stage funnel show it
-- changed: 2026-12-01 first version
with rules as (
    select
        periods.period,
        periods.starts_at,
        periods.ends_at,
        max(cast(fn.as_number(settings.value) as bigint)) as within_days
    from plan.periods
    join plan.settings
        on settings.period = periods.period
        and settings.metric = 'stage_conversion'
        and settings.name = 'within_days'
    group by
        periods.period,
        periods.starts_at,
        periods.ends_at
)
select
    begun.source, -- the source's name in merit.yml
    deal_owner_spans.rep_id, -- the owner when it came to the first stage
    begun.entered_at as occurred_at, -- when it first came there or beyond
    'deal' as record_type, -- the record is a deal
    begun.deal_id as record_id, -- the CRM's id of the deal
    case when arrived.entered_at <= fn.add_days(begun.entered_at, rules.within_days) then cast(1 as numeric(38, 9)) else cast(0 as numeric(38, 9)) end as numerator, -- 1: it came to the second stage or beyond in time
    cast(1 as numeric(38, 9)) as denominator, -- one deal
    begun.is_truncated or coalesce(begun.entered_at < deal_owner_spans.forgotten_until, false) as is_truncated, -- true: the CRM has forgotten how the deal's history began, or who owned it then
    case
        when arrived.entered_at <= fn.add_days(begun.entered_at, rules.within_days) then 'came to ' || arrived.stage
        else 'not within ' || cast(rules.within_days as string) || ' days'
    end as detail -- what came of it
from core.named_stage_entries as begun
join rules
    on rules.period = begun.period
    and begun.entered_at >= rules.starts_at
    and begun.entered_at < rules.ends_at
join core.counted_deals
    on counted_deals.source = begun.source
    and counted_deals.deal_id = begun.deal_id
join core.deal_owner_spans
    on deal_owner_spans.source = begun.source
    and deal_owner_spans.deal_id = begun.deal_id
    and begun.entered_at >= deal_owner_spans.starts_at
    and begun.entered_at < deal_owner_spans.until_at
left join core.named_stage_entries as arrived
    on arrived.metric = 'stage_conversion'
    and arrived.name = 'to_stage'
    and arrived.period = begun.period
    and arrived.source = begun.source
    and arrived.deal_id = begun.deal_id
where begun.metric = 'stage_conversion'
    and begun.name = 'from_stage'
    and deal_owner_spans.rep_id is not null
    -- Younger ones still have time: they are left out, not counted against the rep.
    and fn.add_days(begun.entered_at, rules.within_days) <= fn.as_of()
