-- deal_contacts: who takes part in a deal; of several roles of one person the primary, else the latest
-- A record that has not changed since a complete list of all ids, and was not in it, is gone
with complete as (
    select max(listing.listed_at) as listed_at
    from raw.OpportunityContactRole_ids as listing
    where listing.record_id = '*'
),

ranked as (
    select
        roles.OpportunityId,
        roles.ContactId,
        roles.Role,
        coalesce(roles.IsPrimary, false) as is_primary,
        row_number() over (
            partition by roles.OpportunityId, roles.ContactId
            order by
                case when roles.IsPrimary then 0 else 1 end,
                roles.SystemModstamp desc,
                roles.Id
        ) as place
    from raw.OpportunityContactRole as roles
    cross join complete
    left join raw.OpportunityContactRole_ids as listing on listing.record_id = roles.Id
    where not coalesce(roles.merit_deleted, false)
        and not coalesce(roles.SystemModstamp < complete.listed_at and coalesce(listing.listed_at < complete.listed_at, true), false)
        and roles.OpportunityId is not null
        and roles.ContactId is not null
)

select
    ranked.OpportunityId as deal_id,
    ranked.ContactId as contact_id,
    ranked.Role as role,
    ranked.is_primary as is_primary
from ranked
where ranked.place = 1
