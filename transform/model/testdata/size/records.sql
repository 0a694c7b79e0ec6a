-- accounts: sold to in one CRM each
select
    source_of(range) as source,
    made('001', range, 'account') as account_id,
    'Account ' || range as name,
    owner_of(range % {users}) as owner_id,
    'Industry ' || draw(range, 'industry', 20) as industry,
    first_instant() as created_at,
    false as is_deleted
from range({accounts})

-- contacts: two an account
select
    source_of(range // 2) as source,
    made('003', range, 'contact') as contact_id,
    made('001', range // 2, 'account') as account_id,
    owner_of(range // 2 % {users}) as owner_id,
    first_instant() as created_at,
    false as is_deleted
from range({accounts} * 2)

-- deals: as their history leaves them
select
    seeds.source,
    seeds.deal_id,
    'Deal ' || seeds.number as name,
    made('001', seeds.account, 'account') as account_id,
    owner_of(seeds.last_owner) as owner_id,
    'default' as pipeline_id,
    stage_named(case when not seeds.is_closed then 6 when seeds.is_won then 7 else 8 end) as stage_id,
    cast(seeds.amount * (100 + draw(seeds.number, 15, 40) - 20) / 100 as numeric(18, 2)) as amount,
    case when seeds.number % 20 = 0 then 'EUR' else 'USD' end as currency,
    cast(seeds.created_at + to_seconds(cast(seeds.life * (78 + draw(seeds.number, 18, 30)) // 100 as bigint)) as date) as close_on,
    case when seeds.is_closed then seeds.created_at + to_seconds(seeds.life) end as closed_at,
    (['New Business', 'Expansion', 'Renewal'])[1 + draw(seeds.number, 'type', 3)] as deal_type,
    (['Web', 'Partner', 'Event', 'Outbound'])[1 + draw(seeds.number, 'lead', 4)] as lead_source,
    'send the paper on point ' || draw(seeds.number, 17, 1000) as next_step,
    (['Pipeline', 'Best Case', 'Commit'])[1 + draw(seeds.number, 13, 3)] as forecast_category,
    case when seeds.number % 2 = 0 then cast(seeds.created_at as date) end as term_starts_on,
    case when seeds.number % 2 = 0 then cast(seeds.created_at as date) + 364 end as term_ends_on,
    owner_of(seeds.owner) as created_by,
    seeds.created_at,
    seeds.created_at as seen_at,
    seeds.created_at + to_seconds(seeds.life) as changed_at,
    seeds.number % 1000 = 1 as is_deleted,
    'https://crm.example/' || seeds.deal_id as url
from seeds

-- activities: 4 a deal
select
    seeds.source,
    made('00T', seeds.number * 4 + turn.range, 'activity') as activity_id,
    (['call', 'call', 'call', 'email', 'email', 'email', 'meeting', 'meeting', 'task', 'note'])[1 + draw(seeds.number * 4 + turn.range, 'kind', 10)] as kind,
    (['Demo', 'Discovery', 'Review', null])[1 + draw(seeds.number * 4 + turn.range, 'subtype', 4)] as subtype,
    owner_of(seeds.owner) as owner_id,
    seeds.deal_id,
    made('001', seeds.account, 'account') as account_id,
    made('003', seeds.account * 2 + draw(seeds.number, turn.range, 2), 'contact') as contact_id,
    'About point ' || draw(seeds.number * 4 + turn.range, 'subject', 1000) as subject,
    seeds.created_at + to_seconds(cast(seeds.life * (turn.range * 25 + draw(seeds.number, turn.range, 25)) // 100 as bigint)) as occurred_at,
    seeds.created_at + to_seconds(cast(seeds.life * (turn.range * 25 + draw(seeds.number, turn.range, 25)) // 100 as bigint)) as completed_at,
    draw(seeds.number * 4 + turn.range, 'completed', 10) > 0 as is_completed,
    draw(seeds.number * 4 + turn.range, 'seconds', 1800) as duration_seconds,
    seeds.created_at + to_seconds(cast(seeds.life * (turn.range * 25 + draw(seeds.number, turn.range, 20)) // 100 as bigint)) as created_at,
    false as is_deleted,
    null as direction,
    null as text_hash
from seeds
cross join range(4) as turn

-- deal_contacts: one a deal, and a second one for every third
select
    seeds.source,
    seeds.deal_id,
    made('003', seeds.account * 2 + turn.range, 'contact') as contact_id,
    (['Decision Maker', 'Champion', null])[1 + draw(seeds.number, 'role', 3)] as role,
    turn.range = 0 as is_primary
from seeds
cross join range(2) as turn
where turn.range = 0 or seeds.number % 3 = 0

-- deal_credits: every tenth deal is shared by two
select
    seeds.source,
    made('1ST', seeds.number * 2 + turn.range, 'credit') as credit_id,
    seeds.deal_id,
    owner_of((seeds.owner + 10 * turn.range) % {users}) as user_id,
    'split' as kind,
    'Revenue' as role,
    cast(case when turn.range = 0 then 60 else 40 end as numeric(18, 6)) as weight,
    seeds.created_at,
    seeds.created_at as changed_at,
    false as is_deleted
from seeds
cross join range(2) as turn
where seeds.number % 10 = 0

-- deal_scores: one for each deal
select
    seeds.source,
    made('SCR', seeds.number, 'score') as score_id,
    seeds.deal_id,
    seeds.created_at + to_seconds(3600) as scored_at,
    cast(1 as bigint) as ordinal,
    cast(draw(seeds.number, 'score', 100) as numeric(18, 6)) as score
from seeds

-- documents: every third deal gets a proposal
select
    seeds.source,
    made('0Q0', seeds.number, 'document') as document_id,
    case when seeds.number % 6 = 0 then 'contract' else 'proposal' end as kind,
    seeds.deal_id,
    made('001', seeds.account, 'account') as account_id,
    owner_of(seeds.owner) as owner_id,
    cast(seeds.amount as numeric(18, 2)) as amount,
    'USD' as currency,
    seeds.created_at,
    seeds.created_at + to_seconds(seeds.life // 2) as sent_at,
    cast(null as timestamptz) as signed_at,
    false as is_deleted
from seeds
where seeds.number % 3 = 0

-- renewals: of every fourth deal that was won
select
    seeds.source,
    made('800', seeds.number, 'renewal') as renewal_id,
    made('001', seeds.account, 'account') as account_id,
    seeds.deal_id,
    cast(null as varchar) as renewal_deal_id,
    owner_of(seeds.owner) as owner_id,
    cast(seeds.created_at as date) as term_starts_on,
    cast(seeds.created_at + to_seconds(seeds.life) as date) as due_on,
    cast(seeds.amount as numeric(18, 2)) as due_amount,
    case when draw(seeds.number, 'renewed', 5) > 0 then cast(seeds.amount as numeric(18, 2)) end as renewed_amount,
    'USD' as currency,
    case when draw(seeds.number, 'renewed', 5) > 0 then 'renewed' else 'lost' end as outcome,
    seeds.created_at + to_seconds(seeds.life) as decided_at,
    false as is_deleted
from seeds
where seeds.is_closed and seeds.is_won and seeds.number % 4 = 0

-- logins: two a week of everybody
select
    people.source,
    made('LGN', people.number * 312 + turn.range, 'login') as login_id,
    people.user_id as user_key,
    first_instant() + to_seconds(turn.range * 302400 + draw(people.number, turn.range, 36000)) as logged_in_at,
    'browser' as through,
    true as is_successful
from people
cross join range(312) as turn

-- calendar_events: one a week of everybody
select
    people.source,
    made('CAL', people.number * 156 + turn.range, 'event') as event_id,
    people.user_id as user_key,
    'Meeting' as subject,
    first_instant() + to_seconds(turn.range * 604800 + draw(people.number, turn.range, 36000)) as starts_at,
    first_instant() + to_seconds(turn.range * 604800 + draw(people.number, turn.range, 36000) + 1800) as ends_at,
    first_instant() as created_at,
    cast(null as varchar) as activity_id,
    cast(null as varchar) as account_id,
    true as has_customer,
    false as is_cancelled
from people
cross join range(156) as turn

-- forecasts: one a month and person
select
    people.source,
    made('FCT', people.number * 36 + turn.range, 'forecast') as forecast_id,
    people.user_id as user_key,
    periods.starts_on,
    periods.ends_on,
    'commit' as category,
    cast(10000 + draw(people.number, turn.range, 1000000) as numeric(18, 2)) as amount,
    'USD' as currency,
    false as is_adjusted,
    cast(periods.starts_on as timestamptz) + to_seconds(86400 * (turn.range % 3)) as taken_at
from people
cross join range(36) as turn
join periods
    on periods.number = turn.range // 3

-- users: everybody
select people.source, people.user_id, 'Person ' || people.number as name, 'p' || people.number || '@example.com' as email, 'Team ' || people.number % 50 as team, true as is_active
from people

-- stages: one pipeline at both CRMs
select
    crms.source,
    'default' as pipeline_id,
    stage_named(cast(range + 1 as integer)) as stage_id,
    stage_named(cast(range + 1 as integer)) as label,
    range + 1 as position,
    cast(null as numeric(9, 4)) as probability,
    range >= 6 as is_closed,
    range = 6 as is_won
from range(8)
cross join (select unnest(['one_crm', 'other_crm']) as source) as crms

-- rates: of one other currency
select crms.source, 'EUR' as currency, date '2020-01-01' as valid_from, cast(null as date) as valid_to, cast(1 as numeric(18, 9)) as units, cast(1.1 as numeric(18, 9)) as worth
from (select unnest(['one_crm', 'other_crm']) as source) as crms

-- external_ids: one deal in a thousand is copied from the other CRM
select 'one_crm' as source, 'deal' as record_type, made('006', range * 1000, 'deal') as record_id, 'other_crm' as system, made('006', range * 1000 + 8, 'deal') as external_id
from range({deals} // 1000)

-- employees: everybody was hired before
select 'one_crm' as source, 'p' || people.number as employee_id, 'p' || people.number || '@example.com' as email, 'Person' as name, 'ae' as role, 'Team' as team, 'west' as region, cast(null as varchar) as manager_id,
    date '2023-04-01' + cast(draw(people.number, 'hired', 700) as integer) as hired_on, cast(null as date) as left_on, date '2023-04-01' as valid_from, cast(null as date) as valid_to
from people
