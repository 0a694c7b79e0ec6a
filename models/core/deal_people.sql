-- deal_people: who at the account takes part in a deal, merged people and deals as one
-- grain: one row a deal and person
-- key: source, deal_id, contact_id
-- signal: deals with nobody at the other side are wishes
-- owner: sales management
-- not_null: source, deal_id, contact_id, has_role, is_deleted
-- gaming: roles given to whoever is at hand; the CRM shows who gave them
-- changed: 2026-11-22 first version
select
    deal_contacts.source, -- the source's name in merit.yml
    coalesce(deals.into_id, deal_contacts.deal_id) as deal_id, -- the deal, or the one that it was merged into
    coalesce(people.into_id, deal_contacts.contact_id) as contact_id, -- the person, or the record that theirs was merged into
    max(case when trim(deal_contacts.role) <> '' then 1 else 0 end) = 1 as has_role, -- true: with a role
    max(case when contacts.is_deleted then 1 else 0 end) = 1 as is_deleted -- true: the person's record is gone
from staging.deal_contacts
left join core.merged_records as deals
    on deals.source = deal_contacts.source
    and deals.record_type = 'deal'
    and deals.record_id = deal_contacts.deal_id
left join core.merged_records as people
    on people.source = deal_contacts.source
    and people.record_type = 'contact'
    and people.record_id = deal_contacts.contact_id
left join staging.contacts
    on contacts.source = deal_contacts.source
    and contacts.contact_id = coalesce(people.into_id, deal_contacts.contact_id)
group by
    deal_contacts.source,
    coalesce(deals.into_id, deal_contacts.deal_id),
    coalesce(people.into_id, deal_contacts.contact_id)
