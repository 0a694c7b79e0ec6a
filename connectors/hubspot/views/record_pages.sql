-- record_pages: a record's page is the portal's address of its object and the record's id
-- main: none: there is a row for each kind of record, not for each record
with pages as (
    select 'deal' as record_type, deals.url, deals.hs_object_id as record_id from raw.deals as deals
    union all
    select 'account' as record_type, companies.url, companies.hs_object_id as record_id from raw.companies as companies
    union all
    select 'contact' as record_type, contacts.url, contacts.hs_object_id as record_id from raw.contacts as contacts
    union all
    select 'document' as record_type, quotes.url, quotes.hs_object_id as record_id from raw.quotes as quotes
    union all
    select 'call' as record_type, calls.url, calls.hs_object_id as record_id from raw.calls as calls
    union all
    select 'email' as record_type, emails.url, emails.hs_object_id as record_id from raw.emails as emails
    union all
    select 'meeting' as record_type, meetings.url, meetings.hs_object_id as record_id from raw.meetings as meetings
    union all
    select 'task' as record_type, tasks.url, tasks.hs_object_id as record_id from raw.tasks as tasks
    union all
    select 'note' as record_type, notes.url, notes.hs_object_id as record_id from raw.notes as notes
)
select
    pages.record_type,
    min(substr(pages.url, 1, length(pages.url) - length(pages.record_id))) as url_before,
    cast(null as string) as url_after
from pages
where pages.url like '%/' || pages.record_id
group by pages.record_type
