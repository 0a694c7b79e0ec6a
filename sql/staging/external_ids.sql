-- external_ids: the id that a record of one CRM has in another system, so that a deal that an integration copied counts once
-- key: source, record_type, record_id, system
create table staging.external_ids (
    source varchar not null, -- the source's name in merit.yml
    record_type varchar not null, -- deal, account, contact, activity or user
    record_id varchar not null, -- the CRM's id
    system varchar not null, -- the other system: a source's name in merit.yml, or a name that the company gave it
    external_id varchar not null -- the record's id there
);
