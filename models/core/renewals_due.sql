-- renewals_due: each contract that fell due in a period, in the book of whose customer it was
-- grain: one row a renewal that fell due and the rep in whose book it is
-- key: source, renewal_id
-- signal: who had to renew what, whether or not anybody looked after it
-- owner: customer success
-- present: source, renewal_id, rep_id, due_at, is_known, due_amount, renewed_amount, activities, is_influenced, detail
-- checks: no_more_than_due: renewed_amount >= 0 and renewed_amount <= due_amount
-- games: leaving out the customers at risk: the whole book counts, whoever was called
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
        coalesce(merged_records.into_id, renewals.account_id) as account_id,
        renewals.due_on,
        renewals.outcome,
        renewals.due_amount,
        case when renewals.outcome = 'renewed' then coalesce(renewals.renewed_amount, renewals.due_amount) end as renewed_amount,
        coalesce(renewals.currency, fn.currency()) as currency,
        fn.just_before(fn.midnight(fn.date_after(renewals.due_on, 1))) as due_at
    from staging.renewals
    join plan.periods
        on renewals.due_on >= periods.starts_on
        and renewals.due_on <= periods.ends_on
    join rules
        on rules.period = periods.period
    left join core.merged_records
        on merged_records.source = renewals.source
        and merged_records.record_type = 'account'
        and merged_records.record_id = renewals.account_id
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
        due.due_amount,
        case
            when due.currency = fn.currency() then due.due_amount is not null
            else fn.prorate(due.due_amount, rates.worth, rates.units) is not null
        end as is_known,
        case when due.currency = fn.currency() then cast(1 as numeric(38, 9)) else rates.worth end as worth,
        case when due.currency = fn.currency() then cast(1 as numeric(38, 9)) else rates.units end as units,
        fn.smaller(coalesce(due.renewed_amount, 0), due.due_amount) as renewed_amount
    from due
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
    priced.is_known, -- false: no amount, or no rate of the due day
    case
        when priced.due_amount is null then 'value unknown'
        when not priced.is_known then 'unknown reference'
    end as unknown_reason, -- why what was due is not known; null: it is
    case
        when not priced.is_known then cast(0 as numeric(38, 2))
        else fn.cents(fn.prorate(priced.due_amount, priced.worth, priced.units))
    end as due_amount, -- in the company's currency; 0: not known
    case
        when not priced.is_known then cast(0 as numeric(38, 2))
        else fn.cents(fn.prorate(priced.renewed_amount, priced.worth, priced.units))
    end as renewed_amount, -- what is paid again, at most what was due, in the company's currency
    cast(coalesce(cared.activities, 0) as bigint) as activities, -- success activities of that rep with the customer in the days before
    coalesce(cared.activities, 0) >= priced.activities as is_influenced, -- true: as many as the plan asks for
    case
        when priced.due_amount is null then 'due without an amount'
        when not priced.is_known then 'due in ' || priced.currency || ', for which there is no rate'
        when priced.outcome = 'renewed' then 'renewed ' || fn.digits(priced.renewed_amount, 2) || ' of ' || fn.digits(priced.due_amount, 2) || ' due'
        when priced.outcome = 'lost' then 'lost, ' || fn.digits(priced.due_amount, 2) || ' were due'
        else 'not decided yet, ' || fn.digits(priced.due_amount, 2) || ' were due'
    end
    || ', after ' || cast(coalesce(cared.activities, 0) as string) || ' activities' as detail -- what became of it
from priced
join core.rep_users
    on rep_users.source = priced.source
    and rep_users.user_id = priced.owner_id
left join cared
    on cared.source = priced.source
    and cared.renewal_id = priced.renewal_id
    and cared.rep_id = rep_users.rep_id
