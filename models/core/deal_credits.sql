-- deal_credits: who is credited with how much of each closed deal; the shares of a deal sum to 1
-- grain: one row a closed deal and person credited
-- key: source, deal_id, credited_to
-- signal: work that was shared is credited as it was shared, and no deal is credited twice
-- owner: finance
-- not_null: source, deal_id, credited_to, basis, share, closed_at, is_scaled
-- checks: a_share: share >= 0 and share <= 1
--    basis_is_known: basis in ('splits', 'team', 'owner')
-- gaming: splits that sum to more than 100, or were written after the close; is_scaled and changed_at show both
-- changed: 2026-11-22 first version
with written as (
    select
        deal_credits.source,
        deal_credits.deal_id,
        deal_credits.user_id,
        deal_credits.kind,
        deal_credits.weight,
        deal_credits.changed_at,
        -- Splits are agreed shares; a team's roles only count where there are none.
        max(case when deal_credits.kind = 'split' then 1 else 0 end) over (
            partition by deal_credits.source, deal_credits.deal_id
        ) as has_splits
    from staging.deal_credits
    where not deal_credits.is_deleted
        and coalesce(deal_credits.weight, 1) > 0
        and coalesce(deal_credits.created_at <= fn.as_of(), true)
),
weighted as (
    select
        written.source,
        written.deal_id,
        written.user_id,
        written.kind,
        written.changed_at,
        coalesce(
            written.weight,
            cast(fn.ratio(100, count(*) over (partition by written.source, written.deal_id)) as numeric(18, 6))
        ) as weight,
        sum(case when written.weight is null then 1 else 0 end) over (
            partition by written.source, written.deal_id
        ) as unweighted
    from written
    where (written.kind = 'split') = (written.has_splits = 1)
),
people as (
    select
        weighted.source,
        weighted.deal_id,
        rep_users.rep_id,
        coalesce(rep_users.rep_id, 'user ' || weighted.user_id) as credited_to,
        case when min(weighted.kind) = 'split' then 'splits' else 'team' end as basis,
        sum(weighted.weight) as weight,
        max(weighted.unweighted) as unweighted,
        max(weighted.changed_at) as changed_at
    from weighted
    left join core.rep_users
        on rep_users.source = weighted.source
        and rep_users.user_id = weighted.user_id
    group by
        weighted.source,
        weighted.deal_id,
        rep_users.rep_id,
        coalesce(rep_users.rep_id, 'user ' || weighted.user_id)
),
summed as (
    select
        people.source,
        people.deal_id,
        people.rep_id,
        people.credited_to,
        people.basis,
        people.weight,
        people.unweighted,
        people.changed_at,
        sum(people.weight) over deal as total
    from people
    window deal as (partition by people.source, people.deal_id)
),
shared as (
    select
        summed.source,
        summed.deal_id,
        summed.rep_id,
        summed.credited_to,
        summed.basis,
        summed.weight,
        summed.unweighted,
        summed.changed_at,
        summed.total,
        cast(fn.ratio(summed.weight, summed.total) as numeric(18, 9)) as share,
        row_number() over (
            partition by summed.source, summed.deal_id
            order by summed.weight desc, summed.credited_to
        ) as place
    from summed
),
remaindered as (
    select
        shared.source,
        shared.deal_id,
        shared.rep_id,
        shared.credited_to,
        shared.basis,
        shared.weight,
        shared.unweighted,
        shared.changed_at,
        shared.total,
        shared.share,
        shared.place,
        sum(shared.share) over (partition by shared.source, shared.deal_id) as shares
    from shared
)
select
    closed_deals.source, -- the source's name in merit.yml
    closed_deals.deal_id, -- the deal
    case
        when remaindered.deal_id is not null then remaindered.credited_to
        else coalesce(closed_deals.rep_id, 'user ' || closed_deals.owner_id, 'nobody')
    end as credited_to, -- the rep, or "user" and the user_id of somebody who is not on the roster
    case when remaindered.deal_id is not null then remaindered.rep_id else closed_deals.rep_id end as rep_id, -- the rep; null: nobody on the roster
    coalesce(remaindered.basis, 'owner') as basis, -- splits, team, or owner (at the close, where nobody wrote down credits)
    case
        when remaindered.deal_id is null then cast(1 as numeric(18, 9))
        -- What rounding leaves over goes to the one with the most, so that a deal is credited wholly.
        when remaindered.place = 1 then cast(remaindered.share + 1 - remaindered.shares as numeric(18, 9))
        else remaindered.share
    end as share, -- of 1
    closed_deals.closed_at, -- since when the deal is won, or lost, without a break: the instant at which the credit counts
    cast(remaindered.weight as numeric(18, 6)) as weight, -- percent as written; null: the owner's
    cast(remaindered.total as numeric(18, 6)) as total_weight, -- percent of all of the deal's as written; null: the owner's
    coalesce(remaindered.unweighted = 0 and remaindered.total <> 100, false) as is_scaled, -- true: the weights as written did not sum to 100
    coalesce(remaindered.changed_at > closed_deals.closed_at, false) as is_changed_after_close -- true: the credit was written or changed after the deal had closed
from core.closed_deals
left join remaindered
    on remaindered.source = closed_deals.source
    and remaindered.deal_id = closed_deals.deal_id
