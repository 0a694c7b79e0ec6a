-- users: everyone who can own or change a record, the inactive ones too
-- Salesforce has no teams; the department stands for one, else the division.
-- main: raw.User
select
    users.Id as user_id,
    users.Name as name,
    lower(users.Email) as email,
    coalesce(users.Department, users.Division) as team,
    coalesce(users.IsActive, false) as is_active
from raw.User as users
