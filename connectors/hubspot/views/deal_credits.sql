-- deal_credits: who shares in a deal, by HubSpot's deal splits, which count parts of
-- one. Rows of a longer list that was are not in today's
select
    splits.id as credit_id,
    splits.deal_id as deal_id,
    splits.hubspot_owner_id as user_id,
    'split' as kind,
    cast(null as string) as role,
    fn.number(splits.hs_deal_split_percentage) * 100 as weight,
    splits.createdAt as created_at,
    splits.updatedAt as changed_at,
    false as is_deleted
from raw.deal_splits as splits
join raw.deal_splits as first_splits
    on splits.deal_id = first_splits.deal_id
where first_splits.ordinal = 0
    and splits.ordinal < first_splits.splits
    and splits.id is not null
    and splits.hubspot_owner_id is not null
