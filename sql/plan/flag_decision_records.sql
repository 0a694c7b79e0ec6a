-- flag_decision_records: the records that a decision on a flag was about
-- key: flag_id, source, record_type, record_id, occurred_at
create table plan.flag_decision_records (
    flag_id varchar not null, -- the flag
    source varchar not null, -- the source's name in merit.yml
    record_type varchar not null, -- deal or activity
    record_id varchar not null, -- the CRM's id
    occurred_at timestamp with time zone not null -- when what was flagged happened
);
