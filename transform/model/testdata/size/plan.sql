-- periods: the twelve quarters of the company's history
select
    strftime(starts_on, '%Y') || '-Q' || quarter(starts_on) as period,
    starts_on,
    cast(starts_on + interval 3 month as date) - 1 as ends_on,
    timezone('America/Phoenix', cast(starts_on as timestamp)) as starts_at,
    timezone('America/Phoenix', starts_on + interval 3 month) as ends_at,
    cast(cast(starts_on + interval 3 month as date) - starts_on as bigint) as days,
    '1' as plan_version,
    repeat('0', 64) as plan_hash,
    cast(60 as numeric(9, 4)) as minimum_weight,
    'unpaid' as below_minimum_weight
from (select cast(date '2023-04-01' + to_months(cast(3 * range as integer)) as date) as starts_on from range(12)) as quarters

-- as_of: the end of the last one
select timestamptz '2026-04-01 07:00:00+00' as as_of_at, date '2026-03-31' as today_on, 'America/Phoenix' as time_zone, 'USD' as currency

-- reps: nineteen of twenty people
select 'p' || people.number as rep_id, 'Person ' || people.number as name, case when people.number % 4 = 0 then 'sdr' else 'ae' end as role, 'Team ' || people.number % 50 as team, 'west' as region,
    'Territory ' || people.number % 200 as territory, cast(null as varchar) as shift, date '2023-01-01' as valid_from, cast(null as date) as valid_to, cast(5000 as numeric(18, 3)) as bonus_target, 'USD' as currency, cast(0 as bigint) as leave_days
from people
where people.number % 20 <> 19

-- rep_users: by e-mail
select 'p' || people.number as rep_id, cast(null as varchar) as source, 'p' || people.number || '@example.com' as user_key
from people
where people.number % 20 <> 19

-- quotas: the same for everybody
select 'p' || people.number as rep_id, strftime(periods.starts_on, '%Y') || '-Q' || quarter(periods.starts_on) as period, cast(500000 as numeric(18, 2)) as quota, cast(null as numeric(18, 2)) as potential
from people
cross join periods
where people.number % 20 <> 19

-- exclusions: one deal in ten thousand
select seeds.source, 'deal' as record_type, seeds.deal_id as record_id, 'a test deal' as reason
from seeds
where seeds.number % 10000 = 0

-- tiers: three
select strftime(periods.starts_on, '%Y') || '-Q' || quarter(periods.starts_on) as period, roles.role, tiers.tier, cast(tiers.from_score as numeric(9, 2)) as from_score, cast(1 as numeric(9, 4)) as multiplier
from periods
cross join (select unnest(['ae', 'sdr']) as role) as roles
cross join (select unnest(['bronze', 'silver', 'gold']) as tier, unnest([80, 90, 100]) as from_score) as tiers

-- metrics: every one, of every role
select strftime(periods.starts_on, '%Y') || '-Q' || quarter(periods.starts_on) as period, roles.role, catalogue.metric, cast(3 as numeric(9, 4)) as weight, cast(0 as double) as floor_value, cast(100 as double) as target_value,
    cast(120 as numeric(9, 4)) as cap, cast(3 as bigint) as min_samples, 'redistribute' as when_missing, cast(null as varchar) as normalise_by
from periods
cross join (select unnest(['ae', 'sdr']) as role) as roles
cross join catalogue

-- okrs: one
select strftime(periods.starts_on, '%Y') || '-Q' || quarter(periods.starts_on) as period, 'grow' as okr, cast(null as varchar) as kpi, catalogue.metric
from periods
cross join catalogue

-- settings: what the metrics' headers say where a plan says nothing
select strftime(periods.starts_on, '%Y') || '-Q' || quarter(periods.starts_on) as period, parameters.metric, parameters.name, parameters.value
from periods
cross join parameters
