-- A company of {deals} deals with 20 rows of history each, over three years, in
-- two CRMs. Every value follows from the number of its record: the same size gives
-- the same company. The proportions: 600 deals and one person, 4 activities a deal,
-- a third of an account a deal, two in five closed deals won.
create or replace macro draw(number, salt, of_many) as cast(hash(number, salt) % of_many as bigint);
create or replace macro made(prefix, number, salt) as prefix || lpad(to_base(cast(hash(number, salt) >> 1 as bigint), 36), 15, '0');
create or replace macro owner_of(number) as made('005', number, 'user');
create or replace macro source_of(number) as case when number % 10 < 7 then 'one_crm' else 'other_crm' end;
create or replace macro first_instant() as timestamptz '2023-04-01 00:00:00+00';
create or replace macro last_instant() as timestamptz '2026-04-01 00:00:00+00';
create or replace macro stage_named(place) as
    (['Prospecting', 'Qualification', 'Needs Analysis', 'Value Proposition', 'Proposal', 'Negotiation', 'Closed Won', 'Closed Lost'])[place];

create table people as
select
    range as number,
    source_of(range) as source,
    owner_of(range) as user_id
from range({users});

create table seeds as
with drawn as (
    select
        range as number,
        draw(range, 'owner', {users}) as owner,
        first_instant() + to_seconds(draw(range, 'created', 94000000)) as created_at,
        draw(range, 'life', 140 * 86400) + 20 * 86400 as life,
        10 * draw(range, 'amount', 20000) + 1000 as amount
    from range({deals})
)
select
    drawn.number,
    drawn.owner,
    source_of(drawn.owner) as source,
    made('006', drawn.number, 'deal') as deal_id,
    -- Who takes a deal over has the same CRM.
    case when drawn.number % 5 = 0 then (drawn.owner + 10) % {users} else drawn.owner end as last_owner,
    drawn.created_at,
    drawn.amount,
    epoch(last_instant() - drawn.created_at) > drawn.life as is_closed,
    draw(drawn.number, 'won', 5) < 2 as is_won,
    cast(least(drawn.life, epoch(last_instant() - drawn.created_at)) as bigint) as life,
    draw(drawn.number, 'account', {accounts}) as account
from drawn;

create table periods as
select range as number, cast(date '2023-04-01' + to_months(cast(3 * range as integer)) as date) as starts_on, cast(date '2023-04-01' + to_months(cast(3 * range + 3 as integer)) as date) - 1 as ends_on
from range(12);
