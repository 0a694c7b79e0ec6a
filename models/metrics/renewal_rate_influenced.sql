-- renewal_rate_influenced: share of the money due for renewal that was renewed by customers whom the rep looked after
-- grain: one row a renewal that fell due and a rep who looked after the customer before
-- key: source, record_id, rep_id
-- signal: customers who are looked after stay
-- owner: customer success
-- kpi: gross renewal rate
-- okr: keep the customers that we have
-- value: ratio
-- unit: share
-- better: higher
-- streams: renewals, activities
-- parameters: activities: 3
--    within_days: 90
--    kind: call, email, meeting
--    subtype:
-- present: source, rep_id, occurred_at, record_type, record_id, numerator, denominator, is_truncated, detail
-- checks: no_more_than_due: numerator >= 0 and numerator <= denominator
-- games: three short calls the week before; every activity can be looked up, and repeats are flagged. Upsell adds nothing here
-- changed: 2026-11-22 first version
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
        and lower(subtypes.value) = activity_accounts.subtype
    where activity_accounts.is_completed
        and (due.subtypes = 0 or subtypes.value is not null)
    group by
        due.period,
        due.source,
        due.renewal_id,
        due.due_at,
        activity_accounts.rep_id,
        due.activities
    having count(*) >= due.activities
),
priced as (
    select
        due.source,
        due.renewal_id,
        due.due_at,
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
    cared.rep_id, -- who looked after the customer, whoever owns the account
    priced.due_at as occurred_at, -- the last instant of the contract that ended
    'renewal' as record_type, -- the record is a renewal
    priced.renewal_id as record_id, -- the CRM's id of the contract
    case
        when not priced.is_known then cast(0 as numeric(38, 9))
        else cast(fn.cents(fn.prorate(priced.renewed_amount, priced.worth, priced.units)) as numeric(38, 9))
    end as numerator, -- what is paid again, at most what was due, in the company's currency
    case
        when not priced.is_known then cast(0 as numeric(38, 9))
        else cast(fn.cents(fn.prorate(priced.due_amount, priced.worth, priced.units)) as numeric(38, 9))
    end as denominator, -- what was due, in the company's currency; 0: not known
    false as is_truncated, -- renewals are kept as a whole
    case
        when priced.due_amount is null then 'due without an amount: adds nothing'
        when not priced.is_known then 'due in ' || priced.currency || ', for which there is no rate: adds nothing'
        when priced.outcome = 'renewed' then 'renewed ' || fn.digits(priced.renewed_amount, 2) || ' of ' || fn.digits(priced.due_amount, 2) || ' due'
        when priced.outcome = 'lost' then 'lost, ' || fn.digits(priced.due_amount, 2) || ' were due'
        else 'not decided yet, ' || fn.digits(priced.due_amount, 2) || ' were due'
    end
    || ', after ' || cast(cared.activities as string) || ' activities' as detail -- what became of it
from cared
join priced
    on priced.source = cared.source
    and priced.renewal_id = cared.renewal_id
join core.rep_spans
    on rep_spans.rep_id = cared.rep_id
    and cared.due_at >= rep_spans.starts_at
    and cared.due_at < rep_spans.ends_at
