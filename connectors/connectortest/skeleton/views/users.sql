-- users: everyone who can own a record, the inactive ones too
-- main: raw.users
select
    users.id as user_id,
    users.name as name,
    lower(users.email) as email,
    cast(null as varchar) as team,
    coalesce(users.is_active, true) as is_active
from raw.users as users
