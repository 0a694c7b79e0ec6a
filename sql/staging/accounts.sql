-- accounts: the companies that are sold to
-- key: source, account_id
create table staging.accounts (
    source varchar not null, -- the source's name in merit.yml
    account_id varchar not null, -- the CRM's id
    name varchar, -- the company's name
    owner_id varchar, -- user_id of today's owner
    industry varchar, -- as the CRM says it
    created_at timestamp with time zone, -- when the CRM made the record
    is_deleted boolean not null -- true: deleted, archived or merged away
);
