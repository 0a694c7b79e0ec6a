-- activity_links: every deal, company and contact that an activity is about. Rows of
-- a longer list that was are not in today's
with linked as (
    select links.from_id, links.to_type, links.to_id
    from raw.call_links as links
    join raw.call_links as first_links
        on links.from_id = first_links.from_id
        and links.to_type = first_links.to_type
    where first_links.ordinal = 0
        and links.ordinal < first_links.links
    union all
    select links.from_id, links.to_type, links.to_id
    from raw.email_links as links
    join raw.email_links as first_links
        on links.from_id = first_links.from_id
        and links.to_type = first_links.to_type
    where first_links.ordinal = 0
        and links.ordinal < first_links.links
    union all
    select links.from_id, links.to_type, links.to_id
    from raw.meeting_links as links
    join raw.meeting_links as first_links
        on links.from_id = first_links.from_id
        and links.to_type = first_links.to_type
    where first_links.ordinal = 0
        and links.ordinal < first_links.links
    union all
    select links.from_id, links.to_type, links.to_id
    from raw.task_links as links
    join raw.task_links as first_links
        on links.from_id = first_links.from_id
        and links.to_type = first_links.to_type
    where first_links.ordinal = 0
        and links.ordinal < first_links.links
    union all
    select links.from_id, links.to_type, links.to_id
    from raw.note_links as links
    join raw.note_links as first_links
        on links.from_id = first_links.from_id
        and links.to_type = first_links.to_type
    where first_links.ordinal = 0
        and links.ordinal < first_links.links
)

select distinct
    linked.from_id as activity_id,
    case linked.to_type when 'company' then 'account' else linked.to_type end as record_type,
    linked.to_id as record_id
from linked
where linked.to_type in ('deal', 'company', 'contact')
    and linked.to_id is not null
