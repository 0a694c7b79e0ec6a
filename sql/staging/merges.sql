-- merges: records that were merged into another one, and are there no more
-- key: source, record_type, record_id
create table staging.merges (
    source varchar not null, -- the source's name in merit.yml
    record_type varchar not null, -- deal, account or contact
    record_id varchar not null, -- the CRM's id of the record that is gone
    into_id varchar not null, -- the record that it lives on in
    merged_at timestamp with time zone -- when; null: the CRM doesn't say
);
