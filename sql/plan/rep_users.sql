-- rep_users: which CRM user a rep is, by id or e-mail, as the roster says it
-- key: rep_id, user_key
create table plan.rep_users (
    rep_id varchar not null, -- the company's own id of the person
    source varchar, -- source that user_key belongs to; null: any
    user_key varchar not null -- CRM user id, or e-mail in lower case
);
