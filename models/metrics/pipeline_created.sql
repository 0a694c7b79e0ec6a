-- pipeline_created: amount of the deals created
-- grain: one row a deal created
-- key: source, record_id
-- signal: what the next quarters can be made of
-- owner: sales management
-- kpi: pipeline created
-- okr: enough good deals for next quarter
-- value: sum
-- unit: money
-- better: higher
-- control: own
-- spans: quarter
-- streams: deals
-- parameters: deal_class: new, expansion, other
--    credit: owner
-- names: deal_class: one of new, expansion, renewal, other
-- not_null: source, rep_id, occurred_at, record_type, record_id, numerator, denominator, is_truncated, detail
-- checks: one_each: denominator >= 0
-- gaming: deals created large and cut later: the amount is that of today, so a cut takes it back; win_rate shows what came of them
-- changed: 2026-12-01 first version
with rules as (
    select
        periods.period,
        periods.starts_at,
        periods.ends_at,
        sum(case when settings.name = 'deal_class' then 1 else 0 end) as classes,
        coalesce(max(case when settings.name = 'credit' then settings.value end), 'owner') as credit
    from plan.periods
    left join plan.settings
        on settings.period = periods.period
        and settings.metric = 'pipeline_created'
    group by
        periods.period,
        periods.starts_at,
        periods.ends_at
),
created as (
    select
        rules.period,
        rules.classes,
        rules.credit,
        deal_creations.source,
        deal_creations.deal_id,
        deal_creations.created_at,
        deals.amount,
        deals.currency,
        deals.is_in_company_currency,
        coalesce(deal_classes.deal_class, 'other') as deal_class,
        case
            when rules.credit = 'owner' then deal_creations.rep_id
            when rules.credit = 'creator' then creators.rep_id
            else named.rep_id
        end as rep_id,
        rules.credit = 'owner' and deal_creations.is_truncated as is_truncated,
        case when deals.is_in_company_currency then cast(1 as numeric(38, 9)) else rates.worth end as worth,
        case when deals.is_in_company_currency then cast(1 as numeric(38, 9)) else rates.units end as units
    from core.deal_creations
    join rules
        on deal_creations.created_at >= rules.starts_at
        and deal_creations.created_at < rules.ends_at
    join core.deals
        on deals.source = deal_creations.source
        and deals.deal_id = deal_creations.deal_id
    left join core.deal_classes
        on deal_classes.source = deals.source
        and deal_classes.deal_id = deals.deal_id
    left join core.rep_users as creators
        on creators.source = deal_creations.source
        and creators.user_id = deal_creations.created_by
    left join staging.deal_fields
        on deal_fields.source = deal_creations.source
        and deal_fields.deal_id = deal_creations.deal_id
        and deal_fields.field = rules.credit
    left join core.rep_identifiers as named
        on named.source = deal_fields.source
        and named.user_key = deal_fields.value
    left join core.rates
        on rates.source = deals.source
        and rates.currency = deals.currency
        and fn.day(deal_creations.created_at) >= rates.valid_from
        and fn.day(deal_creations.created_at) < rates.until_on
)
select
    created.source, -- the source's name in merit.yml
    created.rep_id, -- who is credited: the owner at the creation, the creator, or whom a field of the deal names
    created.created_at as occurred_at, -- when it was created
    'deal' as record_type, -- the record is a deal
    created.deal_id as record_id, -- the CRM's id of the deal
    cast(coalesce(fn.cents(fn.prorate(created.amount, created.worth, created.units)), 0) as numeric(38, 9)) as numerator, -- its amount, by the rate of the day of its creation; 0: none is written down yet
    cast(1 as numeric(38, 9)) as denominator, -- one deal
    created.is_truncated, -- true: the CRM had forgotten who owned it then
    created.deal_class || coalesce(', ' || fn.digits(created.amount, 2) || ' ' || created.currency, ', no amount yet') as detail, -- what was created
    case when created.worth is null and created.amount is not null then 'unknown reference' end as unknown_reason -- unknown reference: no rate of the currency; null: it is known
from created
where created.rep_id is not null
    and (
        created.classes = 0
        or exists (
            select 1
            from plan.settings
            where settings.period = created.period
                and settings.metric = 'pipeline_created'
                and settings.name = 'deal_class'
                and fn.word(settings.value) = created.deal_class
        )
    )
