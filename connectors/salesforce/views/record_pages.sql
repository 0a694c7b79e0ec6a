-- record_pages: Salesforce leads from /ID to the record's page, whatever object it is
-- Of an opportunity and an account the page itself is named, which saves a redirect.
-- main: none: there is a row for each kind of record, not for each record
with orgs as (
    select min(users.Id) as first_id from raw.User as users
)
select 'deal' as record_type, '/lightning/r/Opportunity/' as url_before, '/view' as url_after
from orgs where orgs.first_id is not null
union all
select 'account' as record_type, '/lightning/r/Account/' as url_before, '/view' as url_after
from orgs where orgs.first_id is not null
union all
select 'contact' as record_type, '/lightning/r/Contact/' as url_before, '/view' as url_after
from orgs where orgs.first_id is not null
union all
select 'contract' as record_type, '/lightning/r/Contract/' as url_before, '/view' as url_after
from orgs where orgs.first_id is not null
union all
select 'document' as record_type, '/' as url_before, cast(null as string) as url_after
from orgs where orgs.first_id is not null
union all
select 'call' as record_type, '/' as url_before, cast(null as string) as url_after
from orgs where orgs.first_id is not null
union all
select 'email' as record_type, '/' as url_before, cast(null as string) as url_after
from orgs where orgs.first_id is not null
union all
select 'meeting' as record_type, '/' as url_before, cast(null as string) as url_after
from orgs where orgs.first_id is not null
union all
select 'task' as record_type, '/' as url_before, cast(null as string) as url_after
from orgs where orgs.first_id is not null
union all
select 'note' as record_type, '/' as url_before, cast(null as string) as url_after
from orgs where orgs.first_id is not null
