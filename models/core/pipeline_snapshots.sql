-- pipeline_snapshots: how each deal stood just before a period began and at its last instant
-- grain: one row a deal, period and moment, deleted deals, copies of another source's and what a steward took out left out
-- key: source, deal_id, period, moment
-- signal: what the pipeline was made of, then
-- owner: sales operations
-- not_null: source, deal_id, period, moment, measured_at, starts_on, is_closed, is_won, amount, is_due, currency
-- checks: moments: moment in ('start', 'end')
--    open_at_the_start: moment = 'end' or not is_closed
-- gaming: amounts and close dates set right just before a period ends; what stood there when the period began counts, too
-- changed: 2026-11-22 first version
--    2026-11-22 a deal that goes from one closed stage to another closes once
--    2026-12-01 an amount of then is one of the currency of then
--    2026-11-22 amounts and dates of the beginning are of just before it, as stages are; deals that a steward took out are left out
with spans as (
    -- The oldest value that is known stands in for what was before it, so each instant has one.
    select
        deal_value_spans.source,
        deal_value_spans.deal_id,
        deal_value_spans.field,
        deal_value_spans.value,
        case
            when deal_value_spans.change_number = 1 then cast('1900-01-01T00:00:00Z' as timestamp with time zone)
            else deal_value_spans.starts_at
        end as starts_at,
        deal_value_spans.until_at
    from core.deal_value_spans
    where deal_value_spans.field in ('amount', 'close_on', 'currency')
),
-- A deal that closed is measured a millisecond before.
moments as (
    select
        measured_periods.period,
        measured_periods.starts_at,
        measured_periods.starts_on,
        measured_periods.ends_on,
        measured_periods.measured_at,
        stage_visits.source,
        stage_visits.deal_id,
        'start' as moment,
        fn.just_before(measured_periods.starts_at) as looked_at,
        stage_visits.is_closed,
        stage_visits.is_won,
        stage_visits.entered_at
    from core.measured_periods
    join core.stage_visits
        on stage_visits.entered_at < measured_periods.starts_at
        and coalesce(stage_visits.exited_at, fn.add_days(fn.as_of(), 1)) >= measured_periods.starts_at
    where not stage_visits.is_closed
    union all
    select
        measured_periods.period,
        measured_periods.starts_at,
        measured_periods.starts_on,
        measured_periods.ends_on,
        measured_periods.measured_at,
        stage_visits.source,
        stage_visits.deal_id,
        'end' as moment,
        case when stage_visits.is_closed then fn.just_before(stage_visits.entered_at) else measured_periods.measured_at end as looked_at,
        stage_visits.is_closed,
        stage_visits.is_won,
        stage_visits.entered_at
    from core.measured_periods
    join core.stage_visits
        on stage_visits.entered_at <= measured_periods.measured_at
        and coalesce(stage_visits.exited_at, fn.add_days(fn.as_of(), 1)) > measured_periods.measured_at
    where not stage_visits.is_closed
        or stage_visits.entered_at >= measured_periods.starts_at
)
select
    moments.source, -- the source's name in merit.yml
    moments.deal_id, -- the deal
    moments.period, -- fiscal year and quarter
    moments.moment, -- start: just before the period began; end: its last instant, or the build's
    moments.measured_at, -- the period's last instant, or the build's
    moments.starts_on, -- the period's first day
    moments.is_closed, -- true: won or lost within the period
    moments.is_won, -- true: won within it
    coalesce(
        case when amounts.deal_id is not null then fn.as_number(amounts.value) else deals.amount end,
        cast(0 as numeric(28, 2))
    ) as amount, -- as the CRM said then; where it keeps no history of it, as it says today
    coalesce(
        case when close_dates.deal_id is not null then fn.as_date(close_dates.value) else deals.close_on end between moments.starts_on and moments.ends_on,
        false
    ) as is_due, -- true: its close date lay within the period
    coalesce(case when amounts.deal_id is not null then currencies.value end, deals.currency, fn.currency()) as currency -- of the amount, as it was then; where the CRM keeps no history of it, today's
from moments
join core.deals
    on deals.source = moments.source
    and deals.deal_id = moments.deal_id
left join spans as amounts
    on amounts.source = moments.source
    and amounts.deal_id = moments.deal_id
    and amounts.field = 'amount'
    and moments.looked_at >= amounts.starts_at
    and moments.looked_at < amounts.until_at
left join spans as close_dates
    on close_dates.source = moments.source
    and close_dates.deal_id = moments.deal_id
    and close_dates.field = 'close_on'
    and moments.looked_at >= close_dates.starts_at
    and moments.looked_at < close_dates.until_at
left join spans as currencies
    on currencies.source = moments.source
    and currencies.deal_id = moments.deal_id
    and currencies.field = 'currency'
    and moments.looked_at >= currencies.starts_at
    and moments.looked_at < currencies.until_at
join core.counted_deals
    on counted_deals.source = moments.source
    and counted_deals.deal_id = moments.deal_id
where not counted_deals.is_excluded
    -- From one won stage to another a deal stays won: it closed in the period of the first.
    and not (moments.is_closed and coalesce(deals.closed_at < moments.starts_at, false))
