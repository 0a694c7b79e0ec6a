-- contacts: the people at accounts; no contact data, by design
-- key: source, contact_id
create table staging.contacts (
    source varchar not null, -- the source's name in merit.yml
    contact_id varchar not null, -- the CRM's id
    account_id varchar, -- the person's account
    owner_id varchar, -- user_id of today's owner
    created_at timestamp with time zone, -- when the CRM made the record
    is_deleted boolean not null -- true: deleted, archived or merged away
);
