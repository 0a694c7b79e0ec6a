-- forecast_results: each rep's forecast of a quarter, as it was locked early in it, beside what was won
-- grain: one row a rep who was there at the end of a period that is over, and has a locked forecast of it
-- key: rep_id, period
-- signal: who can be planned by
-- owner: sales operations
-- not_null: rep_id, period, measured_at, source, taken_at, locked_at, forecast, actual, deals, unknown_deals, is_truncated
-- checks: locked_in_time: taken_at < locked_at
-- gaming: a forecast changed late to what was closed; only what was seen up to the day of locking counts
-- changed: 2026-11-22 first version
--    2026-11-22 forecasts that a rep gives in several sources add up
--    2026-11-22 months whose days overlap make up no quarter
--    2026-11-22 what one look says in several currencies adds up
--    2026-11-22 says whether the CRM had forgotten who owned a deal that counts
with rules as (
    select
        periods.period,
        periods.starts_on,
        periods.ends_on,
        periods.days,
        fn.just_before(periods.ends_at) as measured_at,
        lower(categories.value) as category,
        -- Day 5 is over when day 6 begins.
        fn.midnight(fn.date_after(periods.starts_on, cast(fn.as_number(days.value) as bigint))) as locked_at
    from plan.periods
    join plan.settings as days
        on days.period = periods.period
        and days.metric = 'forecast_error'
        and days.name = 'lock_day'
    join plan.settings as categories
        on categories.period = periods.period
        and categories.metric = 'forecast_error'
        and categories.name = 'category'
    where periods.ends_at <= fn.as_of()
),
seen as (
    select
        rules.period,
        rules.days,
        rules.measured_at,
        rules.locked_at,
        rep_identifiers.rep_id,
        forecasts.source,
        forecasts.starts_on,
        forecasts.ends_on,
        forecasts.amount,
        coalesce(forecasts.currency, fn.currency()) as currency,
        forecasts.taken_at,
        -- Of one look, a manager's judgement stands in for the sum of the deals.
        rank() over (
            partition by rules.period, rep_identifiers.rep_id, forecasts.source, forecasts.starts_on, forecasts.ends_on
            order by forecasts.taken_at desc, forecasts.is_adjusted desc, rules.category
        ) as look_place,
        row_number() over (
            partition by
                rules.period,
                rep_identifiers.rep_id,
                forecasts.source,
                forecasts.starts_on,
                forecasts.ends_on,
                coalesce(forecasts.currency, fn.currency())
            order by forecasts.taken_at desc, forecasts.is_adjusted desc, rules.category, forecasts.forecast_id
        ) as place
    from staging.forecasts
    join core.rep_identifiers
        on rep_identifiers.source = forecasts.source
        and rep_identifiers.user_key = forecasts.user_key
    join rules
        on rules.category = lower(forecasts.category)
        and forecasts.starts_on >= rules.starts_on
        and forecasts.ends_on <= rules.ends_on
        and forecasts.taken_at < rules.locked_at
    where forecasts.starts_on <= forecasts.ends_on
),
-- What is said in several currencies for the same days adds up; a part without a rate leaves the sum unknown.
stretches as (
    select
        seen.period,
        seen.days,
        seen.measured_at,
        seen.locked_at,
        seen.rep_id,
        seen.source,
        seen.taken_at,
        seen.starts_on,
        seen.ends_on,
        fn.whole_days(seen.starts_on, seen.ends_on) + 1 as part_days,
        case
            when count(*) = sum(case when seen.currency = fn.currency() or fn.prorate(seen.amount, rates.worth, rates.units) is not null then 1 else 0 end) and count(*) = count(seen.amount)
                then sum(case
                    when seen.currency = fn.currency() then cast(seen.amount as numeric(38, 6))
                    else fn.prorate(seen.amount, rates.worth, rates.units)
                end)
        end as amount
    from seen
    left join core.rates
        on rates.source = seen.source
        and rates.currency = seen.currency
        and seen.starts_on >= rates.valid_from
        and seen.starts_on < rates.until_on
    where seen.look_place = 1
        and seen.place = 1
    group by
        seen.period,
        seen.days,
        seen.measured_at,
        seen.locked_at,
        seen.rep_id,
        seen.source,
        seen.taken_at,
        seen.starts_on,
        seen.ends_on
),
-- Months add up to a quarter when they cover it; a forecast of the quarter itself comes first.
parts as (
    select
        stretches.period,
        stretches.days,
        stretches.measured_at,
        stretches.locked_at,
        stretches.rep_id,
        stretches.source,
        stretches.taken_at,
        stretches.starts_on,
        stretches.part_days,
        stretches.amount,
        lag(stretches.ends_on) over (
            partition by stretches.period, stretches.rep_id, stretches.source
            order by stretches.starts_on, stretches.ends_on
        ) as before_ends_on,
        max(stretches.part_days) over (
            partition by stretches.period, stretches.rep_id, stretches.source
        ) as longest_days
    from stretches
),
wholes as (
    select
        parts.period,
        parts.rep_id,
        parts.source,
        min(parts.measured_at) as measured_at,
        min(parts.locked_at) as locked_at,
        max(parts.taken_at) as taken_at,
        sum(parts.amount) as amount
    from parts
    where parts.longest_days < parts.days
        or parts.part_days = parts.days
    group by
        parts.period,
        parts.rep_id,
        parts.source,
        parts.days
    -- A part without an amount, a month that is missing or a day that is in two is no forecast of the quarter.
    having count(parts.amount) = count(*)
        and sum(parts.part_days) = parts.days
        and sum(case when parts.longest_days < parts.days and parts.starts_on <= parts.before_ends_on then 1 else 0 end) = 0
),
-- Whoever sells in two CRMs says in each what its deals will bring, so forecasts add up as the deals do.
locked as (
    select
        wholes.period,
        wholes.rep_id,
        min(wholes.measured_at) as measured_at,
        min(wholes.locked_at) as locked_at,
        min(wholes.source) as source,
        max(wholes.taken_at) as taken_at,
        sum(wholes.amount) as amount
    from wholes
    group by
        wholes.period,
        wholes.rep_id
),
won as (
    select
        deal_credits.rep_id,
        rep_assignments.period,
        sum(cast(closed_deals.company_amount as numeric(28, 2)) * cast(deal_credits.share as numeric(10, 9))) as amount,
        count(*) as deals,
        sum(case when closed_deals.amount is null or not closed_deals.has_rate then 1 else 0 end) as unknown_deals,
        max(case when closed_deals.is_truncated then 1 else 0 end) = 1 as is_truncated
    from core.closed_deals
    join core.deal_credits
        on deal_credits.source = closed_deals.source
        and deal_credits.deal_id = closed_deals.deal_id
    join core.rep_assignments
        on rep_assignments.rep_id = deal_credits.rep_id
        and deal_credits.closed_at >= rep_assignments.starts_at
        and deal_credits.closed_at < rep_assignments.ends_at
    -- What a steward took out adds nothing to a sum either.
    join core.counted_deals
        on counted_deals.source = closed_deals.source
        and counted_deals.deal_id = closed_deals.deal_id
    where closed_deals.is_won
        and not counted_deals.is_excluded
    group by
        deal_credits.rep_id,
        rep_assignments.period
)
select
    locked.rep_id, -- the company's own id of the person
    locked.period, -- fiscal year and quarter
    locked.measured_at, -- the period's last instant
    locked.source, -- the source that gave the forecast; of several the first by name
    locked.taken_at, -- when the forecast was seen so
    locked.locked_at, -- the instant from which on changes did not count
    fn.cents(locked.amount) as forecast, -- in the company's currency, by the rate of the first day
    fn.cents(coalesce(won.amount, 0)) as actual, -- credited amounts of the deals won in the period
    cast(coalesce(won.deals, 0) as bigint) as deals, -- how many those are
    cast(coalesce(won.unknown_deals, 0) as bigint) as unknown_deals, -- those among them without an amount or a rate, which add nothing to actual
    coalesce(won.is_truncated, false) as is_truncated -- true: the CRM had forgotten who owned one of them at its close
from locked
join core.rep_assignments
    on rep_assignments.rep_id = locked.rep_id
    and locked.measured_at >= rep_assignments.starts_at
    and locked.measured_at < rep_assignments.ends_at
left join won
    on won.rep_id = locked.rep_id
    and won.period = locked.period
