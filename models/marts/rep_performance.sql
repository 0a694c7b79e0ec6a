-- rep_performance: outcomes, pipeline motion and sales velocity of each rep
-- grain: one row a rep and period
-- key: rep_id, period
-- signal: what the behaviours led to
-- owner: sales management
-- present: rep_id, period, role, name, won_deals, lost_deals, won_amount, won_arr, deals_without_rate, open_deals, advances, deals_advanced, backward_moves, skips, reopenings, computed_at
-- changed: 2026-11-22 first version
--    2026-11-22 deals created after their close are left out of the cycle, copies of another source's deals of the moves
--    2026-11-22 deals that a steward took out count nowhere here, as in the metrics
--    2026-11-22 the average leaves out deals of an unknown amount, a potential of 0 is not known, and who was in two roles is in the mean of both: all as metrics and scores have it
--    2026-11-22 what is divided by quota and potential has not been rounded before
with people as (
    -- Whoever changed roles stands here in the latest one.
    select
        rep_periods.rep_id,
        rep_periods.period,
        rep_periods.role,
        rep_periods.name,
        rep_periods.team,
        rep_periods.region,
        quotas.quota,
        quotas.quota_from,
        case
            when coalesce(quotas.potential, quotas.quota) > 0 then coalesce(quotas.potential, quotas.quota)
        end as potential,
        case
            when coalesce(quotas.potential, quotas.quota) > 0 then coalesce(quotas.potential_from, quotas.quota_from)
        end as potential_from,
        row_number() over (
            partition by rep_periods.rep_id, rep_periods.period
            order by rep_periods.ends_on desc, rep_periods.role
        ) as place
    from core.rep_periods
    left join core.quotas
        on quotas.rep_id = rep_periods.rep_id
        and quotas.period = rep_periods.period
),
-- As scores.metric_values has it: who was in two roles is in the mean of both.
potentials as (
    select
        people.period,
        people.role,
        fn.ratio(sum(people.potential), count(people.potential)) as mean_potential
    from people
    group by
        people.period,
        people.role
),
closed as (
    select
        rep_spans.rep_id,
        rep_spans.period,
        closed_deals.is_won,
        closed_deals.has_rate,
        closed_deals.has_rate and closed_deals.amount is not null as has_worth,
        closed_deals.company_amount as amount,
        closed_deals.cycle_days,
        -- A deal that was written down after its close tells nothing of its length.
        closed_deals.created_at <= closed_deals.closed_at as has_length,
        row_number() over (
            partition by rep_spans.rep_id, rep_spans.period, closed_deals.is_won, closed_deals.created_at <= closed_deals.closed_at
            order by closed_deals.cycle_days, closed_deals.source, closed_deals.deal_id
        ) as place,
        count(*) over (
            partition by rep_spans.rep_id, rep_spans.period, closed_deals.is_won, closed_deals.created_at <= closed_deals.closed_at
        ) as places
    from core.closed_deals
    join core.rep_spans
        on rep_spans.rep_id = closed_deals.rep_id
        and closed_deals.closed_at >= rep_spans.starts_at
        and closed_deals.closed_at < rep_spans.ends_at
    join core.counted_deals
        on counted_deals.source = closed_deals.source
        and counted_deals.deal_id = closed_deals.deal_id
    where not counted_deals.is_excluded
),
outcomes as (
    select
        closed.rep_id,
        closed.period,
        sum(case when closed.is_won then 1 else 0 end) as won_deals,
        sum(case when closed.is_won then 0 else 1 end) as lost_deals,
        sum(case when closed.is_won then closed.amount else cast(0 as numeric(18, 2)) end) as won_amount,
        sum(case when closed.is_won and not closed.has_rate then 1 else 0 end) as deals_without_rate,
        sum(case when closed.is_won and closed.has_worth then 1 else 0 end) as deals_of_worth,
        fn.ratio(
            sum(case
                when closed.is_won and closed.has_length and 2 * closed.place between closed.places and closed.places + 2
                    then closed.cycle_days
            end),
            sum(case
                when closed.is_won and closed.has_length and 2 * closed.place between closed.places and closed.places + 2
                    then 1
            end)
        ) as median_cycle_days
    from closed
    group by
        closed.rep_id,
        closed.period
),
credited as (
    select
        rep_spans.rep_id,
        rep_spans.period,
        sum(cast(yearly_revenues.arr as numeric(28, 2)) * cast(deal_credits.share as numeric(10, 9))) as won_arr
    from core.yearly_revenues
    join core.deal_credits
        on deal_credits.source = yearly_revenues.source
        and deal_credits.deal_id = yearly_revenues.deal_id
    join core.rep_spans
        on rep_spans.rep_id = deal_credits.rep_id
        and deal_credits.closed_at >= rep_spans.starts_at
        and deal_credits.closed_at < rep_spans.ends_at
    join core.counted_deals
        on counted_deals.source = yearly_revenues.source
        and counted_deals.deal_id = yearly_revenues.deal_id
    where yearly_revenues.is_won
        and not counted_deals.is_excluded
    group by
        rep_spans.rep_id,
        rep_spans.period
),
moves as (
    select
        rep_spans.rep_id,
        rep_spans.period,
        sum(case when stage_transitions.is_advance then 1 else 0 end) as advances,
        count(distinct case when stage_transitions.is_advance then stage_transitions.source || ' ' || stage_transitions.deal_id end) as deals_advanced,
        sum(case when stage_transitions.is_backward then 1 else 0 end) as backward_moves,
        sum(case when stage_transitions.is_skip then 1 else 0 end) as skips,
        sum(case when stage_transitions.is_reopening then 1 else 0 end) as reopenings
    from core.stage_transitions
    join core.rep_spans
        on rep_spans.rep_id = stage_transitions.rep_id
        and stage_transitions.moved_at >= rep_spans.starts_at
        and stage_transitions.moved_at < rep_spans.ends_at
    join core.counted_deals
        on counted_deals.source = stage_transitions.source
        and counted_deals.deal_id = stage_transitions.deal_id
    where not counted_deals.is_excluded
    group by
        rep_spans.rep_id,
        rep_spans.period
),
standing as (
    select
        deal_standings.rep_id,
        deal_standings.period,
        count(*) as open_deals
    from core.deal_standings
    join core.counted_deals
        on counted_deals.source = deal_standings.source
        and counted_deals.deal_id = deal_standings.deal_id
    where not deal_standings.is_closed
        and not counted_deals.is_excluded
    group by
        deal_standings.rep_id,
        deal_standings.period
),
gathered as (
    select
        people.rep_id,
        people.period,
        people.role,
        people.name,
        people.team,
        people.region,
        people.quota,
        people.quota_from,
        people.potential,
        people.potential_from,
        potentials.mean_potential,
        coalesce(outcomes.won_deals, 0) as won_deals,
        coalesce(outcomes.lost_deals, 0) as lost_deals,
        coalesce(outcomes.won_amount, cast(0 as numeric(18, 2))) as won_amount,
        cast(coalesce(credited.won_arr, 0) as numeric(38, 9)) as won_arr,
        coalesce(outcomes.deals_without_rate, 0) as deals_without_rate,
        fn.ratio(outcomes.won_deals, outcomes.won_deals + outcomes.lost_deals) as win_rate,
        fn.ratio(outcomes.won_amount, outcomes.deals_of_worth) as average_deal_size,
        outcomes.median_cycle_days,
        coalesce(standing.open_deals, 0) as open_deals,
        coalesce(moves.advances, 0) as advances,
        coalesce(moves.deals_advanced, 0) as deals_advanced,
        coalesce(moves.backward_moves, 0) as backward_moves,
        coalesce(moves.skips, 0) as skips,
        coalesce(moves.reopenings, 0) as reopenings
    from people
    left join potentials
        on potentials.period = people.period
        and potentials.role = people.role
    left join outcomes
        on outcomes.rep_id = people.rep_id
        and outcomes.period = people.period
    left join credited
        on credited.rep_id = people.rep_id
        and credited.period = people.period
    left join moves
        on moves.rep_id = people.rep_id
        and moves.period = people.period
    left join standing
        on standing.rep_id = people.rep_id
        and standing.period = people.period
    where people.place = 1
)
select
    gathered.rep_id, -- the company's own id of the person
    gathered.period, -- fiscal year and quarter
    gathered.role, -- the latest role in the period
    gathered.name, -- as statements show it
    gathered.team, -- for pools and boards
    gathered.region, -- for fairness and boards
    cast(gathered.won_deals as bigint) as won_deals, -- deals won in the period, by the owner at the close
    cast(gathered.lost_deals as bigint) as lost_deals, -- deals lost in the period
    cast(gathered.won_amount as numeric(18, 2)) as won_amount, -- sum of their amounts, in the company's currency
    cast(round(gathered.won_arr, 2) as numeric(18, 2)) as won_arr, -- yearly recurring revenue credited in the period, by splits and team roles, in the company's currency
    cast(gathered.deals_without_rate as bigint) as deals_without_rate, -- won deals in another currency, in neither sum
    cast(gathered.quota as numeric(18, 2)) as quota, -- in the company's currency; null: none given
    gathered.quota_from, -- quotas.csv, or the CRMs that it is the sum of
    fn.ratio(gathered.won_arr, gathered.quota) as quota_attainment, -- won_arr ÷ quota
    cast(gathered.potential as numeric(18, 2)) as territory_potential, -- what the territory could give; where it is not said, the quota; null: not known, as is 0
    gathered.potential_from as territory_potential_from, -- quotas.csv, or the CRMs that it is the sum of
    cast(
        fn.ratio(gathered.won_arr, gathered.potential) * gathered.mean_potential as numeric(18, 2)
    ) as territory_adjusted_arr, -- won_arr ÷ territory potential × the mean potential of the role: as if all territories were alike; null: the potential is not known
    gathered.win_rate, -- won ÷ (won + lost), by count
    cast(gathered.average_deal_size as numeric(18, 2)) as average_deal_size, -- won_amount ÷ won deals whose amount and rate are known; null: none is
    cast(gathered.median_cycle_days as numeric(18, 6)) as median_cycle_days, -- from creation to the win; deals created after their close left out
    cast(gathered.open_deals as bigint) as open_deals, -- deals open at the period's end, or as of the build
    cast(
        fn.ratio(gathered.open_deals * gathered.average_deal_size * gathered.win_rate, gathered.median_cycle_days)
        as numeric(18, 2)
    ) as sales_velocity, -- money a day: open deals × average value × win rate ÷ median cycle
    cast(gathered.advances as bigint) as advances, -- forward moves to a new furthest stage
    cast(gathered.deals_advanced as bigint) as deals_advanced, -- deals that made one
    cast(gathered.backward_moves as bigint) as backward_moves, -- moves to an earlier stage
    cast(gathered.skips as bigint) as skips, -- moves that jumped over a stage
    cast(gathered.reopenings as bigint) as reopenings, -- closed deals that were opened again
    fn.as_of() as computed_at -- the instant that the numbers speak of
from gathered
