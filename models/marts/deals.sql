-- deals: every deal as it is now, with owner, account, money and what it lacks
-- grain: one row a deal; deleted, archived and merged ones, and copies of another source's deals, are left out
-- key: source, deal_id
-- signal: what is being sold, by whom, and how it stands
-- owner: revenue operations
-- not_null: source, deal_id, owner_name, pipeline_id, stage, status, is_open, is_won, currency, created_at, created_on, created_week, activities, is_excluded, computed_at
-- checks: statuses: status in ('open', 'won', 'lost')
--    closed_or_open: is_open = (closed_at is null)
--    open_deals_age: not is_open or age_days is not null
-- gaming: deals deleted to hide a loss are not here; core.deals keeps them, marked, and control totals count them
-- changed: 2026-12-01 first version
with newest_rows as (
    select
        deal_hygiene.source,
        deal_hygiene.deal_id,
        deal_hygiene.score,
        deal_hygiene.missing,
        deal_hygiene.pushes,
        row_number() over (
            partition by deal_hygiene.source, deal_hygiene.deal_id
            order by deal_hygiene.measured_at desc, deal_hygiene.period desc
        ) as place
    from core.deal_hygiene
),
touched as (
    select
        rep_activities.source,
        rep_activities.deal_id,
        max(rep_activities.occurred_at) as last_activity_at,
        count(*) as activities
    from core.rep_activities
    where rep_activities.is_completed
        and rep_activities.occurred_at <= fn.as_of()
        and rep_activities.deal_id is not null
    group by
        rep_activities.source,
        rep_activities.deal_id
),
standing as (
    select
        stage_visits.source,
        stage_visits.deal_id,
        max(stage_visits.entered_at) as stage_entered_at
    from core.stage_visits
    where stage_visits.exited_at is null
    group by
        stage_visits.source,
        stage_visits.deal_id
),
-- An open deal is rated as of the build's day, a closed one as of its close date.
dated as (
    select
        deals.source,
        deals.deal_id,
        deals.amount,
        deals.currency,
        deals.is_in_company_currency,
        case
            when deals.is_closed then coalesce(deals.close_on, fn.day(deals.closed_at))
            else fn.today()
        end as rated_on
    from core.deals
),
priced as (
    select
        dated.source,
        dated.deal_id,
        case
            when dated.is_in_company_currency then dated.amount
            else fn.cents(fn.prorate(dated.amount, rates.worth, rates.units))
        end as company_amount
    from dated
    left join core.rates
        on rates.source = dated.source
        and rates.currency = dated.currency
        and dated.rated_on >= rates.valid_from
        and dated.rated_on < rates.until_on
)
select
    deals.source, -- the source's name in merit.yml
    deals.deal_id, -- the CRM's id
    deals.name as deal_name, -- the deal's name
    deals.rep_id, -- the rep who owns it today; null: nobody on the roster
    coalesce(reps.name, users.name, 'nobody') as owner_name, -- the rep's name, or the CRM user's
    reps.team, -- the rep's team today
    reps.region, -- the rep's region today
    deals.owner_id, -- user_id of today's owner
    deals.account_id, -- the account it is sold to
    accounts.name as account_name, -- its name
    deals.pipeline_id, -- 'default' where the CRM has one pipeline
    coalesce(deals.stage, 'no stage') as stage, -- today's stage, as people call it
    deals.position as stage_position, -- 1 is the first stage; null: lost, or unknown
    case
        when not deals.is_closed then 'open'
        when deals.is_won then 'won'
        else 'lost'
    end as status, -- open, won or lost
    not deals.is_closed as is_open, -- neither won nor lost
    deals.is_won, -- won
    cast(deals.amount as numeric(18, 2)) as amount, -- in currency; null: unknown, not 0
    deals.currency, -- ISO 4217
    cast(priced.company_amount as numeric(18, 2)) as company_amount, -- in the company's currency, by the rate of today or of the close; null: no amount or no rate
    deals.close_on, -- expected, or when closed the actual, close date
    deals.forecast_category, -- as the CRM says it
    deals.deal_type, -- new business, renewal, expansion …, as the CRM says it
    coalesce(deal_classes.deal_class, 'other') as deal_class, -- new, expansion, renewal or other, by merit.yml or by what the type is usually called
    deal_classes.basis as deal_class_basis, -- where the class comes from; unknown type and no type: nobody knows, say it under deal_classes in merit.yml
    deals.lead_source, -- as the CRM says it
    deals.next_step, -- what the rep wrote down to do next
    deals.created_at, -- when it was created
    fn.day(deals.created_at) as created_on, -- its date in the reporting zone
    fn.date_after(fn.day(deals.created_at), 1 - fn.weekday(fn.day(deals.created_at))) as created_week, -- the Monday of that week
    deals.closed_at, -- since when it is won, or lost; null: open
    fn.day(deals.closed_at) as closed_on, -- its date in the reporting zone
    fn.days(deals.created_at, coalesce(deals.closed_at, fn.as_of())) as age_days, -- from creation to the close, or to the build
    case when not deals.is_closed then fn.days(standing.stage_entered_at, fn.as_of()) end as days_in_stage, -- how long it has been in today's stage; null: closed
    touched.last_activity_at, -- the latest call, email, meeting, task or note that was done; null: none
    case when not deals.is_closed then fn.days(coalesce(touched.last_activity_at, deals.created_at), fn.as_of()) end as days_without_activity, -- since then, or since the creation; null: closed
    coalesce(touched.activities, 0) as activities, -- calls, emails, meetings, tasks and notes that were done
    cast(newest_rows.score as numeric(18, 6)) as hygiene_score, -- 0..1, as of its newest period; null: it was in no period
    newest_rows.missing, -- what is missing, for people; null: nothing
    newest_rows.pushes, -- how often its close date was moved later
    counted_deals.is_excluded, -- true: a steward took it out, no number counts it
    deals.url, -- the record's page at the CRM
    fn.as_of() as computed_at -- the instant that the numbers speak of
from core.deals
join priced
    on priced.source = deals.source
    and priced.deal_id = deals.deal_id
left join core.reps
    on reps.rep_id = deals.rep_id
left join staging.users
    on users.source = deals.source
    and users.user_id = deals.owner_id
left join staging.accounts
    on accounts.source = deals.source
    and accounts.account_id = deals.account_id
left join touched
    on touched.source = deals.source
    and touched.deal_id = deals.deal_id
left join standing
    on standing.source = deals.source
    and standing.deal_id = deals.deal_id
left join newest_rows
    on newest_rows.source = deals.source
    and newest_rows.deal_id = deals.deal_id
    and newest_rows.place = 1
left join core.deal_classes
    on deal_classes.source = deals.source
    and deal_classes.deal_id = deals.deal_id
join core.counted_deals
    on counted_deals.source = deals.source
    and counted_deals.deal_id = deals.deal_id
where deals.created_at <= fn.as_of()
