-- logins: who signed in when, by browser, phone or programme
-- Salesforce forgets sign-ins after some months; what was read before is kept.
select
    logins.Id as login_id,
    logins.UserId as user_key,
    logins.LoginTime as logged_in_at,
    case
        when logins.Application = 'Browser' then 'browser'
        when logins.Platform in ('iOS', 'Android') or logins.Platform like 'iOS %' or logins.Platform like 'Android %'
            or logins.Application like 'Salesforce for %' or logins.Application like 'SalesforceA%' then 'mobile'
        when logins.LoginType in ('Application', 'SAML Sfdc Initiated SSO', 'SAML Idp Initiated SSO', 'Customer Service Portal') then 'browser'
        else 'integration'
    end as through,
    coalesce(logins.Status = 'Success', false) as is_successful
from raw.LoginHistory as logins
where logins.UserId is not null
    and logins.LoginTime is not null
