-- quotas: what each rep is to sell in a period, and what the territory could give
-- grain: one row a rep and period of which quotas.csv or a CRM says either
-- key: rep_id, period
-- signal: what success is held against
-- owner: sales operations
-- not_null: rep_id, period
-- checks: says_something: quota is not null or potential is not null
--    says_where_from: (quota is null) = (quota_from is null) and (potential is null) = (potential_from is null)
-- gaming: a quota lowered in the CRM late in the quarter; the columns say which came from where, and quotas.csv wins over any CRM
-- changed: 2026-11-22 first version
with measures as (
    select 'quota' as measure
    union all
    select 'potential' as measure
),
versions as (
    select
        periods.period,
        periods.days,
        rep_identifiers.rep_id,
        quotas.source,
        quotas.starts_on,
        quotas.ends_on,
        quotas.quota,
        quotas.potential,
        coalesce(quotas.currency, fn.currency()) as currency,
        -- A quota that was raised is what it was raised to, from when on it was said.
        -- What was said only after the as-of stands in where nothing was said before.
        row_number() over (
            partition by
                periods.period,
                rep_identifiers.rep_id,
                quotas.source,
                quotas.starts_on,
                quotas.ends_on,
                coalesce(quotas.currency, fn.currency())
            order by
                case when quotas.changed_at > fn.as_of() then 1 else 0 end,
                quotas.changed_at desc,
                quotas.quota_id
        ) as place
    from staging.quotas
    join core.rep_identifiers
        on rep_identifiers.source = quotas.source
        and rep_identifiers.user_key = quotas.user_key
    join plan.periods
        on quotas.starts_on >= periods.starts_on
        and quotas.ends_on <= periods.ends_on
    where quotas.starts_on <= quotas.ends_on
),
amounts as (
    select
        versions.period,
        versions.days,
        versions.rep_id,
        versions.source,
        versions.starts_on,
        versions.ends_on,
        versions.currency,
        measures.measure,
        case measures.measure when 'quota' then versions.quota else versions.potential end as amount
    from versions
    cross join measures
    where versions.place = 1
        and case measures.measure when 'quota' then versions.quota else versions.potential end is not null
),
-- What is said in several currencies for the same days adds up; a part without a rate leaves the sum unknown.
stretches as (
    select
        amounts.period,
        amounts.days,
        amounts.rep_id,
        amounts.source,
        amounts.measure,
        amounts.starts_on,
        amounts.ends_on,
        fn.whole_days(amounts.starts_on, amounts.ends_on) + 1 as stretch_days,
        case
            when count(*) = sum(case when amounts.currency = fn.currency() or fn.prorate(coalesce(amounts.amount, 0), rates.worth, rates.units) is not null then 1 else 0 end)
                then sum(case
                    when amounts.currency = fn.currency() then cast(amounts.amount as numeric(38, 6))
                    else fn.prorate(amounts.amount, rates.worth, rates.units)
                end)
        end as amount
    from amounts
    left join core.rates
        on rates.source = amounts.source
        and rates.currency = amounts.currency
        and amounts.starts_on >= rates.valid_from
        and amounts.starts_on < rates.until_on
    group by
        amounts.period,
        amounts.days,
        amounts.rep_id,
        amounts.source,
        amounts.measure,
        amounts.starts_on,
        amounts.ends_on
),
-- A quota of the quarter itself comes first; else months add up to it when they cover it.
neighbours as (
    select
        stretches.period,
        stretches.days,
        stretches.rep_id,
        stretches.source,
        stretches.measure,
        stretches.starts_on,
        stretches.stretch_days,
        stretches.amount,
        max(stretches.stretch_days) over (
            partition by stretches.period, stretches.rep_id, stretches.source, stretches.measure
        ) as longest_days,
        lag(stretches.ends_on) over (
            partition by stretches.period, stretches.rep_id, stretches.source, stretches.measure
            order by stretches.starts_on, stretches.ends_on
        ) as before_ends_on
    from stretches
),
wholes as (
    select
        neighbours.period,
        neighbours.rep_id,
        neighbours.source,
        neighbours.measure,
        sum(neighbours.amount) as amount
    from neighbours
    where neighbours.longest_days < neighbours.days
        or neighbours.stretch_days = neighbours.days
    group by
        neighbours.period,
        neighbours.rep_id,
        neighbours.source,
        neighbours.measure,
        neighbours.days
    -- A stretch without an amount, a month that is missing or a day that is in two makes no quarter.
    having count(neighbours.amount) = count(*)
        and sum(neighbours.stretch_days) = neighbours.days
        and sum(case
            when neighbours.longest_days < neighbours.days and neighbours.starts_on <= neighbours.before_ends_on then 1
            else 0
        end) = 0
),
-- Whoever sells in two CRMs has a quota in each, and is to reach both.
sums as (
    select
        wholes.rep_id,
        wholes.period,
        wholes.measure,
        fn.cents(sum(wholes.amount)) as amount,
        string_agg(wholes.source, ', ' order by wholes.source) as sources
    from wholes
    group by
        wholes.rep_id,
        wholes.period,
        wholes.measure
),
answers as (
    select
        quotas.rep_id,
        quotas.period,
        measures.measure,
        1 as choice,
        case measures.measure when 'quota' then quotas.quota else quotas.potential end as amount,
        'quotas.csv' as given_by
    from plan.quotas
    cross join measures
    where case measures.measure when 'quota' then quotas.quota else quotas.potential end is not null
    union all
    select
        sums.rep_id,
        sums.period,
        sums.measure,
        2 as choice,
        sums.amount,
        sums.sources as given_by
    from sums
),
ranked as (
    select
        answers.rep_id,
        answers.period,
        answers.measure,
        answers.amount,
        answers.given_by,
        row_number() over (
            partition by answers.rep_id, answers.period, answers.measure
            order by answers.choice
        ) as place
    from answers
)
select
    ranked.rep_id, -- the company's own id of the person
    ranked.period, -- fiscal year and quarter
    max(case when ranked.measure = 'quota' then ranked.amount end) as quota, -- in the company's currency, a CRM's by the rate of the first day; null: none given
    max(case when ranked.measure = 'quota' then ranked.given_by end) as quota_from, -- quotas.csv, or the sources that it is the sum of
    max(case when ranked.measure = 'potential' then ranked.amount end) as potential, -- what the territory could give; null: not said, quota stands in
    max(case when ranked.measure = 'potential' then ranked.given_by end) as potential_from -- quotas.csv, or the sources that it is the sum of
from ranked
where ranked.place = 1
group by
    ranked.rep_id,
    ranked.period
