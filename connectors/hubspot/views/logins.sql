-- logins: who signed in when, as far as the account may ask for it (Enterprise).
-- Integrations don't sign in: they have tokens
with owners_by_user as (
    select
        coalesce(owners.userId, owners.userIdIncludingInactive) as number,
        coalesce(max(case when not owners.merit_deleted then owners.id end), max(owners.id)) as id
    from raw.owners as owners
    group by coalesce(owners.userId, owners.userIdIncludingInactive)
)

select
    logins.id as login_id,
    coalesce(owners_by_user.id, lower(logins.email), 'user-' || logins.userId) as user_key,
    logins.loginAt as logged_in_at,
    case
        when lower(logins.userAgent) like '%mobile%' or lower(logins.userAgent) like '%android%' or lower(logins.userAgent) like '%iphone%' then 'mobile'
        when logins.userAgent is not null then 'browser'
    end as through,
    coalesce(logins.loginSucceeded, true) as is_successful
from raw.logins as logins
left join owners_by_user
    on logins.userId = cast(owners_by_user.number as string)
where logins.loginAt is not null
    and coalesce(owners_by_user.id, logins.email, logins.userId) is not null
