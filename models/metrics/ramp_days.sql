-- ramp_days: days from being hired to the end of the first quarter in which the role's full quota was nearly reached
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
--    full_quota:
-- not_null: source, rep_id, occurred_at, record_type, record_id, numerator, denominator, is_truncated, detail
-- checks: one_each: numerator >= 0 and denominator = 1
-- gaming: quotas set low for whoever is new: the full quota counts, which the plan names, or which the rep's own highest and the role's middle one tell; it stands in the detail
-- changed: 2026-11-22 first version
--    2026-12-01 against the full quota, in the quota's own measure
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
rules as (
    select
        periods.period,
        periods.starts_at,
        periods.ends_at,
        max(case when settings.name = 'attainment' then fn.as_number(settings.value) end) as attainment,
        max(case when settings.name = 'full_quota' then fn.as_number(settings.value) end) as full_quota,
        max(case when settings.name = 'quota_measure' then settings.value end) as quota_measure
    from plan.periods
    join plan.settings
        on settings.period = periods.period
    where settings.metric = 'ramp_days'
        -- What a quota is of, quota_attainment says.
        or settings.metric = 'quota_attainment'
    group by
        periods.period,
        periods.starts_at,
        periods.ends_at
),
sold as (
    select
        credited_wins.rep_id,
        rules.period,
        sum(case rules.quota_measure
            when 'arr' then credited_wins.total_arr
            when 'new_arr' then credited_wins.new_arr
            else credited_wins.amount
        end) as amount,
        max(case when credited_wins.is_truncated then 1 else 0 end) = 1 as is_truncated
    from core.credited_wins
    join rules
        on credited_wins.closed_at >= rules.starts_at
        and credited_wins.closed_at < rules.ends_at
    group by
        credited_wins.rep_id,
        rules.period
),
-- What those have to sell who hold a role at a quarter's end, the one in the middle.
peers as (
    select
        rep_assignments.period,
        rep_assignments.role,
        quotas.quota,
        row_number() over (
            partition by rep_assignments.period, rep_assignments.role
            order by quotas.quota, quotas.rep_id
        ) as place,
        count(*) over (partition by rep_assignments.period, rep_assignments.role) as places
    from core.rep_assignments
    join plan.periods
        on periods.period = rep_assignments.period
        and periods.ends_at = rep_assignments.ends_at
    join core.quotas
        on quotas.rep_id = rep_assignments.rep_id
        and quotas.period = rep_assignments.period
    where quotas.quota > 0
),
typical as (
    select
        peers.period,
        peers.role,
        min(peers.quota) as quota
    from peers
    where 2 * peers.place >= peers.places
    group by
        peers.period,
        peers.role
),
own as (
    select
        quotas.rep_id,
        periods.period,
        periods.starts_on,
        periods.ends_on,
        periods.ends_at,
        quotas.quota,
        max(quotas.quota) over (
            partition by quotas.rep_id
            order by periods.starts_on
        ) as highest_quota
    from core.quotas
    join plan.periods
        on periods.period = quotas.period
),
full_quotas as (
    select
        own.rep_id,
        own.period,
        own.starts_on,
        own.ends_on,
        own.ends_at,
        own.quota,
        case
            when rules.full_quota is not null then rules.full_quota
            when typical.quota > own.highest_quota then typical.quota
            else own.highest_quota
        end as full_quota,
        rules.attainment
    from own
    join rules
        on rules.period = own.period
    left join core.rep_assignments
        on rep_assignments.rep_id = own.rep_id
        and rep_assignments.period = own.period
        and rep_assignments.ends_at = own.ends_at
    left join typical
        on typical.period = own.period
        and typical.role = rep_assignments.role
),
reached as (
    select
        hired.rep_id,
        hired.source,
        hired.hired_on,
        full_quotas.period,
        full_quotas.ends_on,
        fn.just_before(full_quotas.ends_at) as reached_at,
        sold.amount,
        sold.is_truncated,
        full_quotas.full_quota,
        row_number() over (partition by hired.rep_id order by full_quotas.starts_on) as place
    from hired
    cross join beginning
    join full_quotas
        on full_quotas.rep_id = hired.rep_id
    join sold
        on sold.rep_id = hired.rep_id
        and sold.period = full_quotas.period
    where full_quotas.quota > 0
        and full_quotas.ends_at <= fn.as_of()
        and full_quotas.ends_on >= hired.hired_on
        -- Of whoever was hired before the first period that is known, nobody knows the first good quarter.
        and hired.hired_on >= beginning.first_on
        and sold.amount >= full_quotas.attainment * full_quotas.full_quota
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
    'hired on ' || cast(reached.hired_on as string) || ', sold ' || fn.digits(reached.amount, 2)
        || ' of a full quota of ' || fn.digits(reached.full_quota, 2) as detail -- how it came about
from reached
where reached.place = 1
