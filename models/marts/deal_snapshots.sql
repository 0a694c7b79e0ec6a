-- deal_snapshots: how each deal stood at the end of any day, from its history
-- grain: one row a deal and stretch of days at whose ends it stood alike; deleted deals and copies of another source's deals are left out
-- key: source, deal_id, from_on
-- signal: the pipeline of any day is one select: where DAY >= from_on and DAY < until_on
-- owner: sales operations
-- not_null: source, deal_id, from_on, until_on, stage, is_open, is_won, currency, is_excluded, computed_at
-- checks: in_order: until_on > from_on
--    won_is_closed: not (is_open and is_won)
-- gaming: amounts and dates set right just before a report; each stretch shows what stood there before
-- changed: 2026-12-01 first version
with changed as (
    select
        stage_visits.source,
        stage_visits.deal_id,
        fn.day(stage_visits.entered_at) as day_on
    from core.stage_visits
    union all
    select
        deal_owner_spans.source,
        deal_owner_spans.deal_id,
        fn.day(deal_owner_spans.starts_at) as day_on
    from core.deal_owner_spans
    union all
    select
        deal_value_spans.source,
        deal_value_spans.deal_id,
        fn.day(deal_value_spans.starts_at) as day_on
    from core.deal_value_spans
    where deal_value_spans.field <> 'next_step'
),
days as (
    select
        changed.source,
        changed.deal_id,
        changed.day_on
    from changed
    where changed.day_on <= fn.today()
    group by
        changed.source,
        changed.deal_id,
        changed.day_on
),
stretches as (
    select
        days.source,
        days.deal_id,
        days.day_on as from_on,
        coalesce(
            lead(days.day_on) over (partition by days.source, days.deal_id order by days.day_on),
            fn.date_after(fn.today(), 1)
        ) as until_on,
        fn.smaller(fn.just_before(fn.midnight(fn.date_after(days.day_on, 1))), fn.as_of()) as looked_at
    from days
)
select
    stretches.source, -- the source's name in merit.yml
    stretches.deal_id, -- the deal
    stretches.from_on, -- first day at whose end it stood so, in the reporting zone
    stretches.until_on, -- first day at whose end it stood otherwise; of the latest stretch the day after the build's
    deals.deal_name, -- the deal's name today
    deal_owner_spans.rep_id, -- the rep who owned it then; null: nobody on the roster
    coalesce(reps.name, 'nobody') as owner_name, -- the rep's name
    reps.team, -- the rep's team today
    stage_visits.pipeline_id, -- the pipeline that the deal was in then
    stage_visits.stage, -- the stage it was in then
    stage_visits.position as stage_position, -- 1 is the first stage; null: lost, or unknown
    not stage_visits.is_closed as is_open, -- neither won nor lost then
    stage_visits.is_won, -- won by then
    case
        when amounts.deal_id is null then cast(deals.amount as numeric(18, 2))
        else cast(fn.as_number(amounts.value) as numeric(18, 2))
    end as amount, -- in currency, as it was then; where the CRM keeps no history of it, today's
    coalesce(case when amounts.deal_id is not null then currencies.value end, deals.currency) as currency, -- ISO 4217, as it was then; where the CRM keeps no history of it, today's
    case
        when close_dates.deal_id is null then deals.close_on
        else fn.as_date(close_dates.value)
    end as close_on, -- the close date as it was then; where the CRM keeps no history of it, today's
    case
        when categories.deal_id is null then deals.forecast_category
        else categories.value
    end as forecast_category, -- as it was then; where the CRM keeps no history of it, today's
    deals.is_excluded, -- true: a steward took it out, no number counts it
    deals.url, -- the record's page at the CRM
    fn.as_of() as computed_at -- the instant that the numbers speak of
from stretches
join marts.deals
    on deals.source = stretches.source
    and deals.deal_id = stretches.deal_id
join core.stage_visits
    on stage_visits.source = stretches.source
    and stage_visits.deal_id = stretches.deal_id
    and stage_visits.entered_at <= stretches.looked_at
    and (stage_visits.exited_at is null or stage_visits.exited_at > stretches.looked_at)
left join core.deal_owner_spans
    on deal_owner_spans.source = stretches.source
    and deal_owner_spans.deal_id = stretches.deal_id
    and deal_owner_spans.starts_at <= stretches.looked_at
    and deal_owner_spans.until_at > stretches.looked_at
left join core.reps
    on reps.rep_id = deal_owner_spans.rep_id
left join core.deal_value_spans as amounts
    on amounts.source = stretches.source
    and amounts.deal_id = stretches.deal_id
    and amounts.field = 'amount'
    and amounts.starts_at <= stretches.looked_at
    and amounts.until_at > stretches.looked_at
left join core.deal_value_spans as currencies
    on currencies.source = stretches.source
    and currencies.deal_id = stretches.deal_id
    and currencies.field = 'currency'
    and currencies.starts_at <= stretches.looked_at
    and currencies.until_at > stretches.looked_at
left join core.deal_value_spans as close_dates
    on close_dates.source = stretches.source
    and close_dates.deal_id = stretches.deal_id
    and close_dates.field = 'close_on'
    and close_dates.starts_at <= stretches.looked_at
    and close_dates.until_at > stretches.looked_at
left join core.deal_value_spans as categories
    on categories.source = stretches.source
    and categories.deal_id = stretches.deal_id
    and categories.field = 'forecast_category'
    and categories.starts_at <= stretches.looked_at
    and categories.until_at > stretches.looked_at
