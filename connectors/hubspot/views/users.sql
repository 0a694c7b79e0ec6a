-- users: owners, archived ones too, by the id that records name them by; and
-- whoever changed a deal without being an owner
-- main: raw.owners
-- others: user_id like 'user-%'
with
changers as (
    select distinct
        deal_history.updated_by_user_id
    from raw.deal_history as deal_history
    where deal_history.updated_by_user_id is not null
),

strangers as (
    select
        changers.updated_by_user_id
    from changers
    left join raw.owners as owners
        on changers.updated_by_user_id = coalesce(owners.userId, owners.userIdIncludingInactive)
    where owners.id is null
)

select
    owners.id as user_id,
    nullif(trim(coalesce(owners.firstName, '') || ' ' || coalesce(owners.lastName, '')), '') as name,
    lower(owners.email) as email,
    owners.team as team,
    not owners.merit_deleted as is_active
from raw.owners as owners

union all

select
    'user-' || cast(strangers.updated_by_user_id as string) as user_id,
    cast(null as string) as name,
    cast(null as string) as email,
    cast(null as string) as team,
    true as is_active
from strangers
