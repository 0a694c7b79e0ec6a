-- record_pages: how the page of a record is found at the CRM, by kind of record
-- key: source, record_type
create table staging.record_pages (
    source varchar not null, -- the source's name in merit.yml
    record_type varchar not null, -- deal, account, contact, document, contract, or a kind of activity: call, email, meeting, task, note
    url_before varchar not null, -- what stands before the record's id; beginning with /, the source's own address stands before that
    url_after varchar -- what stands after it; null: nothing
);
