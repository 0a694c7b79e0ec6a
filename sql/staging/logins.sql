-- logins: each time that somebody signed in at the CRM
-- key: source, login_id
create table staging.logins (
    source varchar not null, -- the source's name in merit.yml
    login_id varchar not null, -- the CRM's id, or made of (user, instant) where it has none
    user_key varchar not null, -- who: user_id at the source, or e-mail in lower case, or the roster's rep_id
    logged_in_at timestamp with time zone not null, -- when
    through varchar, -- browser, mobile, integration …; integration is no presence of a person
    is_successful boolean not null -- false: refused
);
