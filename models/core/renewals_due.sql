-- renewals_due: each contract that fell due in a period, in the book of whose customer it was
-- grain: one row a renewal that fell due and the rep in whose book it is
-- key: source, renewal_id
-- signal: who had to renew what, whether or not anybody looked after it
-- owner: customer success
-- not_null: source, renewal_id, rep_id, due_at, is_known, due_amount, renewed_amount, activities, is_influenced, detail
-- checks: no_more_than_due: renewed_amount >= 0 and renewed_amount <= due_amount
-- gaming: leaving out the customers at risk: the whole book counts, whoever was called
-- changed: 2026-11-30 first version
with rules as (
    select
        settings.period,
        max(case when settings.name = 'activities' then cast(fn.as_number(settings.value) as bigint) end) as activities,
        max(case when settings.name = 'within_days' then cast(fn.as_number(settings.value) as bigint) end) as within_days,
        sum(case when settings.name = 'subtype' then 1 else 0 end) as subtypes
    from plan.settings
    where settings.metric = 'renewal_rate_influenced'
    group by settings.period
),
due as (
    select
        rules.period,
        rules.activities,
        rules.within_days,
        rules.subtypes,
        renewals.source,
        renewals.renewal_id,
        renewals.owner_id,
        renewals.account_id,
        renewals.due_on,
        renewals.outcome,
        -- A year of each is compared, as far as the terms are known: three years for one price are no renewal of one year for the same.
        coalesce(contract_values.due_yearly, cast(renewals.due_amount as numeric(38, 6))) as due_amount,
        contract_values.due_yearly is not null as is_yearly,
        case
            when renewals.outcome <> 'renewed' then null
            when renewals.renewed_amount is null then null
            when contract_values.due_yearly is null then cast(renewals.renewed_amount as numeric(38, 6))
            else contract_values.renewed_yearly
        end as renewed_amount,
        renewals.currency,
        renewals.renewed_currency,
        fn.just_before(fn.midnight(fn.date_after(renewals.due_on, 1))) as due_at
    from core.renewals
    join core.contract_values
        on contract_values.source = renewals.source
        and contract_values.renewal_id = renewals.renewal_id
    join plan.periods
        on renewals.due_on >= periods.starts_on
        and renewals.due_on <= periods.ends_on
    join rules
        on rules.period = periods.period
    where not renewals.is_deleted
        and renewals.due_on < fn.today()
),
cared as (
    select
        due.period,
        due.source,
        due.renewal_id,
        due.due_at,
        activity_accounts.rep_id,
        count(*) as activities
    from due
    join core.activity_accounts
        on activity_accounts.source = due.source
        and activity_accounts.account_id = due.account_id
        and activity_accounts.occurred_at <= due.due_at
        and activity_accounts.occurred_at >= fn.add_days(due.due_at, -due.within_days)
    join plan.settings as kinds
        on kinds.period = due.period
        and kinds.metric = 'renewal_rate_influenced'
        and kinds.name = 'kind'
        and kinds.value = activity_accounts.kind
    left join plan.settings as subtypes
        on subtypes.period = due.period
        and subtypes.metric = 'renewal_rate_influenced'
        and subtypes.name = 'subtype'
        and fn.word(subtypes.value) = fn.word(activity_accounts.subtype)
    where activity_accounts.is_completed
        and (due.subtypes = 0 or subtypes.value is not null)
    group by
        due.period,
        due.source,
        due.renewal_id,
        due.due_at,
        activity_accounts.rep_id
),
priced as (
    select
        due.source,
        due.renewal_id,
        due.owner_id,
        due.due_at,
        due.activities,
        due.outcome,
        due.currency,
        due.is_yearly,
        due.due_amount as due_as_written,
        case
            when due.currency = fn.currency() then due.due_amount
            else fn.prorate(due.due_amount, rates.worth, rates.units)
        end as due_amount,
        case
            when due.outcome <> 'renewed' then cast(0 as numeric(38, 6))
            -- What it was renewed for is not known: for as much, as far as anybody knows.
            when due.renewed_amount is null and due.currency = fn.currency() then due.due_amount
            when due.renewed_amount is null then fn.prorate(due.due_amount, rates.worth, rates.units)
            when due.renewed_currency = fn.currency() then due.renewed_amount
            else fn.prorate(due.renewed_amount, renewed_rates.worth, renewed_rates.units)
        end as renewed_amount
    from due
    left join core.rates as renewed_rates
        on renewed_rates.source = due.source
        and renewed_rates.currency = due.renewed_currency
        and due.due_on >= renewed_rates.valid_from
        and due.due_on < renewed_rates.until_on
    left join core.rates
        on rates.source = due.source
        and rates.currency = due.currency
        and due.due_on >= rates.valid_from
        and due.due_on < rates.until_on
)
select
    priced.source, -- the source's name in merit.yml
    priced.renewal_id, -- the CRM's id of the contract
    rep_users.rep_id, -- whose customer it was
    priced.due_at, -- the last instant of the contract that ended
    priced.due_amount is not null and priced.renewed_amount is not null as is_known, -- false: no amount, or no rate of the due day
    case
        when priced.due_as_written is null then 'value unknown'
        when priced.due_amount is null or priced.renewed_amount is null then 'unknown reference'
    end as unknown_reason, -- why what was due is not known; null: it is
    case
        when priced.due_amount is null or priced.renewed_amount is null then cast(0 as numeric(38, 2))
        else fn.cents(priced.due_amount)
    end as due_amount, -- a year of it, or the whole where its term is not known, in the company's currency; 0: not known
    case
        when priced.due_amount is null or priced.renewed_amount is null then cast(0 as numeric(38, 2))
        else fn.cents(fn.smaller(fn.larger(priced.renewed_amount, 0), priced.due_amount))
    end as renewed_amount, -- what is paid again, likewise, at most what was due
    cast(coalesce(cared.activities, 0) as bigint) as activities, -- success activities of that rep with the customer in the days before
    coalesce(cared.activities, 0) >= priced.activities as is_influenced, -- true: as many as the plan asks for
    case
        when priced.due_as_written is null then 'due without an amount'
        when priced.due_amount is null or priced.renewed_amount is null then 'due in ' || priced.currency || ', for which there is no rate'
        when priced.outcome = 'renewed' then 'renewed ' || fn.digits(fn.smaller(fn.larger(priced.renewed_amount, 0), priced.due_amount), 2) || ' of ' || fn.digits(priced.due_amount, 2) || ' due'
        when priced.outcome = 'lost' then 'lost, ' || fn.digits(priced.due_amount, 2) || ' were due'
        else 'not decided yet, ' || fn.digits(priced.due_amount, 2) || ' were due'
    end
    || case when priced.is_yearly then ' a year' else '' end
    || ', after ' || cast(coalesce(cared.activities, 0) as string) || ' activities' as detail -- what became of it
from priced
join core.rep_users
    on rep_users.source = priced.source
    and rep_users.user_id = priced.owner_id
left join cared
    on cared.source = priced.source
    and cared.renewal_id = priced.renewal_id
    and cared.rep_id = rep_users.rep_id
