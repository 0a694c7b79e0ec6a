-- deal_contacts: who takes part in a deal; the label of the association is the
-- role. Rows of a longer list that was are not in today's
with
linked as (
    select
        deal_links.from_id,
        deal_links.to_id,
        deal_links.label
    from raw.deal_links as deal_links
    join raw.deal_links as first_links
        on deal_links.from_id = first_links.from_id
        and deal_links.to_type = first_links.to_type
    where deal_links.to_type = 'contact'
        and first_links.ordinal = 0
        and deal_links.ordinal < first_links.links
)

select
    linked.from_id as deal_id,
    linked.to_id as contact_id,
    min(case when linked.label <> 'Primary' then linked.label end) as role,
    max(case when linked.label = 'Primary' then 1 else 0 end) = 1 as is_primary
from linked
group by linked.from_id, linked.to_id
