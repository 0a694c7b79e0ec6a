-- deal_credits: who shares in a deal: its splits, and those on its team
-- An org may have several types of splits. The shares of one whose total Salesforce
-- keeps to 100 are the split: that of the amount where there are several. Any other
-- type, such as overlay, credits people beside it, up to 1000 percent each: it counts as
-- the team does, where a deal has no split.
-- A record that has not changed since a complete list of all ids, and was not in it, is gone
with complete_splits as (
    select max(listing.listed_at) as listed_at
    from raw.OpportunitySplit_ids as listing
    where listing.record_id = '*'
),

complete_members as (
    select max(listing.listed_at) as listed_at
    from raw.OpportunityTeamMember_ids as listing
    where listing.record_id = '*'
),

split_types as (
    select
        types.Id,
        coalesce(types.MasterLabel, types.DeveloperName) as label,
        coalesce(types.IsTotalValidated, false) as is_kept_to_100,
        row_number() over (
            partition by coalesce(types.IsTotalValidated, false)
            order by
                case when types.IsActive then 0 else 1 end,
                case when types.SplitField like '%Amount' then 0 else 1 end,
                types.Id
        ) as place
    from raw.OpportunitySplitType as types
),

splits as (
    select
        splits.Id,
        splits.OpportunityId,
        splits.SplitOwnerId,
        -- of a type that is not shown to us nothing says that it is another one
        coalesce(split_types.is_kept_to_100 and split_types.place = 1, true) as is_split,
        split_types.label,
        splits.SplitPercentage,
        splits.CreatedDate,
        coalesce(splits.LastModifiedDate, splits.SystemModstamp) as changed_at,
        coalesce(splits.merit_deleted, false)
            or coalesce(splits.SystemModstamp < complete_splits.listed_at and coalesce(listing.listed_at < complete_splits.listed_at, true), false) as is_deleted
    from raw.OpportunitySplit as splits
    cross join complete_splits
    left join raw.OpportunitySplit_ids as listing on listing.record_id = splits.Id
    left join split_types on split_types.Id = splits.SplitTypeId
),

members as (
    select
        members.Id,
        members.OpportunityId,
        members.UserId,
        members.TeamMemberRole,
        members.CreatedDate,
        coalesce(members.LastModifiedDate, members.SystemModstamp) as changed_at,
        coalesce(members.merit_deleted, false)
            or coalesce(members.SystemModstamp < complete_members.listed_at and coalesce(listing.listed_at < complete_members.listed_at, true), false) as is_deleted
    from raw.OpportunityTeamMember as members
    cross join complete_members
    left join raw.OpportunityTeamMember_ids as listing on listing.record_id = members.Id
),

-- who has a percentage beside the split is credited by that, and not as a member again
weighted as (
    select distinct
        splits.OpportunityId,
        splits.SplitOwnerId
    from splits
    where not splits.is_split
        and not splits.is_deleted
),

staffed as (
    select
        members.OpportunityId,
        min(members.CreatedDate) as staffed_at,
        max(members.changed_at) as changed_at
    from members
    where not members.is_deleted
    group by members.OpportunityId
),

credits as (
    select
        splits.Id as credit_id,
        splits.OpportunityId as deal_id,
        splits.SplitOwnerId as user_id,
        case when splits.is_split then 'split' else 'team' end as kind,
        splits.label as role,
        splits.SplitPercentage as weight,
        splits.CreatedDate as created_at,
        splits.changed_at as changed_at,
        splits.is_deleted as is_deleted
    from splits
    union all
    select
        members.Id as credit_id,
        members.OpportunityId as deal_id,
        members.UserId as user_id,
        'team' as kind,
        members.TeamMemberRole as role,
        cast(null as numeric(38, 9)) as weight,
        members.CreatedDate as created_at,
        members.changed_at as changed_at,
        members.is_deleted as is_deleted
    from members
    left join weighted
        on weighted.OpportunityId = members.OpportunityId
        and weighted.SplitOwnerId = members.UserId
    where weighted.OpportunityId is null
    union all
    -- a team does not take a deal from its owner: who owns it is on it, listed or not
    select
        opportunities.Id || ':owner' as credit_id,
        opportunities.Id as deal_id,
        opportunities.OwnerId as user_id,
        'team' as kind,
        'Opportunity Owner' as role,
        cast(null as numeric(38, 9)) as weight,
        staffed.staffed_at as created_at,
        staffed.changed_at as changed_at,
        false as is_deleted
    from raw.Opportunity as opportunities
    inner join staffed on staffed.OpportunityId = opportunities.Id
    left join members
        on members.OpportunityId = opportunities.Id
        and members.UserId = opportunities.OwnerId
        and not members.is_deleted
    left join weighted
        on weighted.OpportunityId = opportunities.Id
        and weighted.SplitOwnerId = opportunities.OwnerId
    where members.Id is null
        and weighted.OpportunityId is null
)

select
    credits.credit_id as credit_id,
    credits.deal_id as deal_id,
    credits.user_id as user_id,
    credits.kind as kind,
    credits.role as role,
    credits.weight as weight,
    credits.created_at as created_at,
    credits.changed_at as changed_at,
    credits.is_deleted as is_deleted
from credits
where credits.deal_id is not null
    and credits.user_id is not null
