-- win_rate_cohorts: what has become of the deals created in each month
-- grain: one row a rep and month of creation
-- key: rep_id, created_in
-- signal: the win rate of closed deals leaves out what is still open; a cohort does not
-- owner: sales management
-- not_null: rep_id, created_in, created, won, lost, still_open, computed_at
-- checks: adds_up: created = won + lost + still_open
-- changed: 2026-11-22 first version
--    2026-11-22 deals that a steward took out are left out
with counted as (
    select
        deal_owner_spans.rep_id,
        fn.month(deals.created_at) as created_in,
        deals.is_won and deals.closed_at <= fn.as_of() as is_won,
        deals.is_closed and not deals.is_won and deals.closed_at <= fn.as_of() as is_lost
    from core.deals
    join core.deal_owner_spans
        on deal_owner_spans.source = deals.source
        and deal_owner_spans.deal_id = deals.deal_id
        and deals.created_at >= deal_owner_spans.starts_at
        and deals.created_at < deal_owner_spans.until_at
    join core.counted_deals
        on counted_deals.source = deals.source
        and counted_deals.deal_id = deals.deal_id
    where not counted_deals.is_excluded
        and deals.created_at <= fn.as_of()
        and deal_owner_spans.rep_id is not null
)
select
    counted.rep_id, -- the owner at the creation
    counted.created_in, -- first day of the month
    count(*) as created, -- deals created
    cast(sum(case when counted.is_won then 1 else 0 end) as bigint) as won, -- of them, won by now
    cast(sum(case when counted.is_lost then 1 else 0 end) as bigint) as lost, -- of them, lost by now
    cast(sum(case when counted.is_won or counted.is_lost then 0 else 1 end) as bigint) as still_open, -- of them, still open
    fn.ratio(sum(case when counted.is_won then 1 else 0 end), count(*)) as created_win_rate, -- won ÷ created
    fn.ratio(
        sum(case when counted.is_won then 1 else 0 end),
        sum(case when counted.is_won or counted.is_lost then 1 else 0 end)
    ) as win_rate, -- won ÷ (won + lost); null: none has closed
    fn.as_of() as computed_at -- the instant that the numbers speak of
from counted
group by
    counted.rep_id,
    counted.created_in
