-- deal_contacts: who takes part in a deal; of several roles of one person the primary, else the latest
with ranked as (
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
    where not coalesce(roles._deleted, false)
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
