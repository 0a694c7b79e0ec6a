-- activity_links: every record that an activity is about, where it is about more than one of a kind
-- key: source, activity_id, record_type, record_id
create table staging.activity_links (
    source varchar not null, -- the source's name in merit.yml
    activity_id varchar not null, -- the activity
    record_type varchar not null, -- deal, account or contact
    record_id varchar not null -- the CRM's id of that record
);
