-- ramp_days: days from being hired to the end of the first quarter in which the quota was reached
-- grain: one row a rep who has reached it
-- key: rep_id, record_id
-- signal: how long it takes until somebody new sells
-- owner: sales enablement
-- kpi: ramp time
-- okr: people who are good sooner
-- value: mean
-- unit: days
-- better: lower
-- control: outcome
-- spans: quarter
-- streams: deals
-- parameters: attainment: 0.8
-- present: source, rep_id, occurred_at, record_type, record_id, numerator, denominator, is_truncated, detail
-- checks: one_each: numerator >= 0 and denominator = 1
-- games: quotas set low for whoever is new; the quota stands in the detail
-- changed: 2026-11-22 first version
--    2026-11-22 truncated where the owner of a deal that counts had been forgotten
--    2026-11-22 the record is of one rep: a steward who takes it out takes out no other
with hired as (
    select
        reps.rep_id,
        min(employees.source) as source,
        min(employees.hired_on) as hired_on
    from plan.reps
    join staging.employees
        on employees.employee_id = reps.rep_id
    where employees.hired_on is not null
    group by reps.rep_id
),
beginning as (
    select min(periods.starts_on) as first_on
    from plan.periods
),
sold as (
    select
        deal_credits.rep_id,
        periods.period,
        sum(cast(yearly_revenues.arr as numeric(28, 2)) * cast(deal_credits.share as numeric(10, 9))) as arr,
        max(case when closed_deals.is_truncated then 1 else 0 end) = 1 as is_truncated
    from core.yearly_revenues
    join core.closed_deals
        on closed_deals.source = yearly_revenues.source
        and closed_deals.deal_id = yearly_revenues.deal_id
    join core.deal_credits
        on deal_credits.source = yearly_revenues.source
        and deal_credits.deal_id = yearly_revenues.deal_id
    join plan.periods
        on deal_credits.closed_at >= periods.starts_at
        and deal_credits.closed_at < periods.ends_at
    -- What a steward took out adds nothing to a sum either.
    join core.counted_deals
        on counted_deals.source = yearly_revenues.source
        and counted_deals.deal_id = yearly_revenues.deal_id
    where yearly_revenues.is_won
        and deal_credits.rep_id is not null
        and not counted_deals.is_excluded
    group by
        deal_credits.rep_id,
        periods.period
),
reached as (
    select
        hired.rep_id,
        hired.source,
        hired.hired_on,
        periods.period,
        periods.starts_on,
        periods.ends_on,
        fn.just_before(periods.ends_at) as reached_at,
        sold.arr,
        sold.is_truncated,
        quotas.quota,
        row_number() over (partition by hired.rep_id order by periods.starts_on) as place
    from hired
    cross join beginning
    join core.quotas
        on quotas.rep_id = hired.rep_id
    join plan.periods
        on periods.period = quotas.period
    join sold
        on sold.rep_id = hired.rep_id
        and sold.period = quotas.period
    join plan.settings
        on settings.period = quotas.period
        and settings.metric = 'ramp_days'
        and settings.name = 'attainment'
    where quotas.quota > 0
        and periods.ends_at <= fn.as_of()
        and periods.ends_on >= hired.hired_on
        -- Of whoever was hired before the first period that is known, nobody knows the first good quarter.
        and hired.hired_on >= beginning.first_on
        and sold.arr >= fn.as_number(settings.value) * quotas.quota
)
select
    reached.source, -- the source that knows when the rep was hired
    reached.rep_id, -- who
    reached.reached_at as occurred_at, -- the last instant of the quarter
    'period' as record_type, -- the record is a quarter
    reached.rep_id || ' ' || reached.period as record_id, -- whose, and the quarter
    cast(fn.whole_days(reached.hired_on, reached.ends_on) + 1 as numeric(38, 9)) as numerator, -- days from the first working day to the quarter's end, both counted
    cast(1 as numeric(38, 9)) as denominator, -- one rep
    reached.is_truncated, -- true: the CRM had forgotten who owned one of the quarter's deals at its close
    'hired on ' || cast(reached.hired_on as string) || ', sold ' || fn.digits(reached.arr, 2)
        || ' of a quota of ' || fn.digits(reached.quota, 2) as detail -- how it came about
from reached
where reached.place = 1
