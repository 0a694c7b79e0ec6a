-- record_pages: how the page of a record is found at its CRM, with the source's address before it
-- grain: one row a source and kind of record
-- key: source, record_type
-- signal: from a number to its record, and from there to the CRM
-- owner: revenue operations
-- not_null: source, record_type, url_before, url_after
-- changed: 2026-12-01 first version
select
    record_pages.source, -- the source's name in merit.yml
    record_pages.record_type, -- deal, account, contact, document, contract, or a kind of activity
    case
        when record_pages.url_before like '/%' then sources.address || record_pages.url_before
        else record_pages.url_before
    end as url_before, -- what stands before the record's id
    coalesce(record_pages.url_after, '') as url_after -- what stands after it
from staging.record_pages
left join plan.sources
    on sources.source = record_pages.source
where record_pages.url_before not like '/%'
    or sources.address is not null
