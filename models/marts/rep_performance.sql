-- rep_performance: outcomes, pipeline motion and sales velocity of each rep
-- grain: one row a rep and period
-- key: rep_id, period
-- signal: what the behaviours led to
-- owner: sales management
-- not_null: rep_id, period, role, name, won_deals, lost_deals, won_amount, won_deals_by_close_date, won_amount_by_close_date, deals_without_new_arr, deals_without_rate, quota_measure, open_deals, worked_deals, advances, deals_advanced, backward_moves, skips, reopenings, computed_at
-- changed: 2026-11-22 first version
--    2026-11-22 deals created after their close are left out of the cycle, copies of another source's deals of the moves
--    2026-11-22 deals that a steward took out count nowhere here, as in the metrics
--    2026-11-22 the average leaves out deals of an unknown amount, a potential of 0 is not known, and who was in two roles is in the mean of both: all as metrics and scores have it
--    2026-12-01 new, renewed and total yearly revenue apart; quota in its own measure; both closing dates; rates of the deals that the metrics count
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
        rep_assignments.rep_id,
        rep_assignments.period,
        sum(case when closed_deals.is_won then 1 else 0 end) as won_deals,
        sum(case when closed_deals.is_won then 0 else 1 end) as lost_deals,
        sum(case when closed_deals.is_won then closed_deals.company_amount else cast(0 as numeric(28, 2)) end) as won_amount,
        sum(case when closed_deals.is_won and not closed_deals.has_rate then 1 else 0 end) as deals_without_rate
    from core.closed_deals
    join core.rep_assignments
        on rep_assignments.rep_id = closed_deals.rep_id
        and closed_deals.closed_at >= rep_assignments.starts_at
        and closed_deals.closed_at < rep_assignments.ends_at
    join core.counted_deals
        on counted_deals.source = closed_deals.source
        and counted_deals.deal_id = closed_deals.deal_id
    where not counted_deals.is_excluded
    group by
        rep_assignments.rep_id,
        rep_assignments.period
),
-- The same deals by the close date that the CRM's own reports go by.
dated as (
    select
        rep_assignments.rep_id,
        rep_assignments.period,
        count(*) as won_deals,
        sum(closed_deals.company_amount) as won_amount
    from core.closed_deals
    join core.rep_assignments
        on rep_assignments.rep_id = closed_deals.rep_id
        and coalesce(closed_deals.close_on, fn.day(closed_deals.closed_at)) >= rep_assignments.starts_on
        and coalesce(closed_deals.close_on, fn.day(closed_deals.closed_at)) <= rep_assignments.ends_on
    join core.counted_deals
        on counted_deals.source = closed_deals.source
        and counted_deals.deal_id = closed_deals.deal_id
    where closed_deals.is_won
        and not counted_deals.is_excluded
    group by
        rep_assignments.rep_id,
        rep_assignments.period
),
-- What the metrics of these names are made of, so that one word has one value.
measured as (
    select
        rep_assignments.rep_id,
        rep_assignments.period,
        metric_closings.metric,
        closed_deals.is_won,
        closed_deals.has_rate and closed_deals.amount is not null as has_worth,
        closed_deals.company_amount as amount,
        fn.days(metric_closings.begun_at, closed_deals.closed_at) as cycle_days,
        row_number() over (
            partition by rep_assignments.rep_id, rep_assignments.period, metric_closings.metric, closed_deals.is_won, metric_closings.begun_at <= closed_deals.closed_at
            order by fn.days(metric_closings.begun_at, closed_deals.closed_at), closed_deals.source, closed_deals.deal_id
        ) as place,
        count(*) over (
            partition by rep_assignments.rep_id, rep_assignments.period, metric_closings.metric, closed_deals.is_won, metric_closings.begun_at <= closed_deals.closed_at
        ) as places,
        -- A deal that was written down after its close tells nothing of its length.
        metric_closings.begun_at <= closed_deals.closed_at as has_length
    from core.metric_closings
    join core.closed_deals
        on closed_deals.source = metric_closings.source
        and closed_deals.deal_id = metric_closings.deal_id
    join core.rep_assignments
        on rep_assignments.rep_id = closed_deals.rep_id
        and closed_deals.closed_at >= rep_assignments.starts_at
        and closed_deals.closed_at < rep_assignments.ends_at
    join core.counted_deals
        on counted_deals.source = closed_deals.source
        and counted_deals.deal_id = closed_deals.deal_id
    where not counted_deals.is_excluded
),
rates as (
    select
        measured.rep_id,
        measured.period,
        fn.ratio(
            sum(case when measured.metric = 'win_rate' and measured.is_won then 1 else 0 end),
            sum(case when measured.metric = 'win_rate' then 1 else 0 end)
        ) as win_rate,
        sum(case when measured.metric = 'win_rate' then 1 else 0 end) as closed_for_win_rate,
        fn.ratio(
            sum(case when measured.metric = 'average_deal_size' and measured.is_won and measured.has_worth then measured.amount else cast(0 as numeric(28, 2)) end),
            sum(case when measured.metric = 'average_deal_size' and measured.is_won and measured.has_worth then 1 else 0 end)
        ) as average_deal_size,
        fn.ratio(
            sum(case
                when measured.metric = 'sales_cycle_days' and measured.is_won and measured.has_length
                    and 2 * measured.place between measured.places and measured.places + 2
                    then measured.cycle_days
            end),
            sum(case
                when measured.metric = 'sales_cycle_days' and measured.is_won and measured.has_length
                    and 2 * measured.place between measured.places and measured.places + 2
                    then 1
            end)
        ) as median_cycle_days
    from measured
    group by
        measured.rep_id,
        measured.period
),
credited as (
    select
        rep_assignments.rep_id,
        rep_assignments.period,
        sum(credited_wins.amount) as amount,
        sum(credited_wins.total_arr) as total_arr,
        sum(credited_wins.new_arr) as new_arr,
        sum(credited_wins.renewed_arr) as renewed_arr,
        count(credited_wins.amount_unknown_reason) as unknown_amounts,
        count(credited_wins.total_unknown_reason) as unknown_totals,
        count(credited_wins.new_unknown_reason) as unknown_new,
        count(credited_wins.renewed_unknown_reason) as unknown_renewed
    from core.credited_wins
    join core.rep_assignments
        on rep_assignments.rep_id = credited_wins.rep_id
        and credited_wins.closed_at >= rep_assignments.starts_at
        and credited_wins.closed_at < rep_assignments.ends_at
    group by
        rep_assignments.rep_id,
        rep_assignments.period
),
quota_measures as (
    select
        settings.period,
        max(settings.value) as quota_measure
    from plan.settings
    where settings.metric = 'quota_attainment'
        and settings.name = 'quota_measure'
    group by settings.period
),
moves as (
    select
        rep_assignments.rep_id,
        rep_assignments.period,
        sum(case when stage_transitions.is_advance then 1 else 0 end) as advances,
        count(distinct case when stage_transitions.is_advance then stage_transitions.source || ' ' || stage_transitions.deal_id end) as deals_advanced,
        sum(case when stage_transitions.is_backward then 1 else 0 end) as backward_moves,
        sum(case when stage_transitions.is_skip then 1 else 0 end) as skips,
        sum(case when stage_transitions.is_reopening then 1 else 0 end) as reopenings
    from core.stage_transitions
    join core.rep_assignments
        on rep_assignments.rep_id = stage_transitions.rep_id
        and stage_transitions.moved_at >= rep_assignments.starts_at
        and stage_transitions.moved_at < rep_assignments.ends_at
    join core.counted_deals
        on counted_deals.source = stage_transitions.source
        and counted_deals.deal_id = stage_transitions.deal_id
    where not counted_deals.is_excluded
    group by
        rep_assignments.rep_id,
        rep_assignments.period
),
standing as (
    select
        deals_at_period_end.rep_id,
        deals_at_period_end.period,
        count(*) as open_deals
    from core.deals_at_period_end
    join core.counted_deals
        on counted_deals.source = deals_at_period_end.source
        and counted_deals.deal_id = deals_at_period_end.deal_id
    where not deals_at_period_end.is_closed
        and not counted_deals.is_excluded
    group by
        deals_at_period_end.rep_id,
        deals_at_period_end.period
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
        coalesce(closed.won_deals, 0) as won_deals,
        coalesce(closed.lost_deals, 0) as lost_deals,
        coalesce(closed.won_amount, cast(0 as numeric(28, 2))) as won_amount,
        coalesce(dated.won_deals, 0) as won_deals_by_close_date,
        coalesce(dated.won_amount, cast(0 as numeric(28, 2))) as won_amount_by_close_date,
        case when coalesce(credited.unknown_amounts, 0) = 0 then cast(coalesce(credited.amount, 0) as numeric(38, 9)) end as credited_amount,
        case when coalesce(credited.unknown_totals, 0) = 0 then cast(coalesce(credited.total_arr, 0) as numeric(38, 9)) end as total_won_arr,
        case when coalesce(credited.unknown_new, 0) = 0 then cast(coalesce(credited.new_arr, 0) as numeric(38, 9)) end as new_arr,
        case when coalesce(credited.unknown_renewed, 0) = 0 then cast(coalesce(credited.renewed_arr, 0) as numeric(38, 9)) end as renewed_arr,
        coalesce(credited.unknown_new, 0) as deals_without_new_arr,
        coalesce(quota_measures.quota_measure, 'amount') as quota_measure,
        coalesce(closed.deals_without_rate, 0) as deals_without_rate,
        rates.win_rate,
        rates.average_deal_size,
        rates.median_cycle_days,
        coalesce(standing.open_deals, 0) as open_deals,
        coalesce(standing.open_deals, 0) + coalesce(rates.closed_for_win_rate, 0) as worked_deals,
        coalesce(moves.advances, 0) as advances,
        coalesce(moves.deals_advanced, 0) as deals_advanced,
        coalesce(moves.backward_moves, 0) as backward_moves,
        coalesce(moves.skips, 0) as skips,
        coalesce(moves.reopenings, 0) as reopenings
    from people
    left join potentials
        on potentials.period = people.period
        and potentials.role = people.role
    left join closed
        on closed.rep_id = people.rep_id
        and closed.period = people.period
    left join dated
        on dated.rep_id = people.rep_id
        and dated.period = people.period
    left join rates
        on rates.rep_id = people.rep_id
        and rates.period = people.period
    left join quota_measures
        on quota_measures.period = people.period
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
),
attained as (
    select
        gathered.rep_id,
        gathered.period,
        case gathered.quota_measure
            when 'arr' then gathered.total_won_arr
            when 'new_arr' then gathered.new_arr
            else gathered.credited_amount
        end as sold
    from gathered
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
    cast(gathered.won_amount as numeric(28, 2)) as won_amount, -- sum of the amounts of deals won, in the company's currency, by when they were won
    cast(gathered.won_deals_by_close_date as bigint) as won_deals_by_close_date, -- deals won whose close date is in the period, as the CRM's reports count them
    cast(gathered.won_amount_by_close_date as numeric(28, 2)) as won_amount_by_close_date, -- sum of their amounts; marts.won_reconciliation tells why it differs from won_amount
    cast(round(gathered.credited_amount, 2) as numeric(28, 2)) as credited_amount, -- amount credited in the period, by splits and team roles; null: an amount is not known
    cast(round(gathered.new_arr, 2) as numeric(28, 2)) as new_arr, -- new yearly recurring revenue credited, as the metric closed_won_arr counts it; null: of a deal it is not known
    cast(round(gathered.renewed_arr, 2) as numeric(28, 2)) as renewed_arr, -- what renewals keep of what was due; null: of a deal it is not known
    cast(round(gathered.total_won_arr, 2) as numeric(28, 2)) as total_won_arr, -- yearly recurring revenue of all deals won, renewals in full; null: of a deal it is not known
    cast(gathered.deals_without_new_arr as bigint) as deals_without_new_arr, -- credited deals of which nobody knows what is new
    cast(gathered.deals_without_rate as bigint) as deals_without_rate, -- won deals in another currency, in no sum
    cast(gathered.quota as numeric(28, 2)) as quota, -- in the company's currency; null: none given
    gathered.quota_from, -- quotas.csv, or the CRMs that it is the sum of
    gathered.quota_measure, -- what it is a quota of: amount, arr (total_won_arr) or new_arr
    fn.ratio(attained.sold, gathered.quota) as quota_attainment, -- what is credited in the quota's own measure ÷ quota; null: not known
    cast(gathered.potential as numeric(28, 2)) as territory_potential, -- what the territory could give; where it is not said, the quota; null: not known, as is 0
    gathered.potential_from as territory_potential_from, -- quotas.csv, or the CRMs that it is the sum of
    cast(
        fn.ratio(gathered.new_arr, gathered.potential) * gathered.mean_potential as numeric(28, 2)
    ) as territory_adjusted_arr, -- new_arr ÷ territory potential × the mean potential of the role: as if all territories were alike; null: the potential is not known
    gathered.win_rate, -- won ÷ (won + lost), by count, of the deals that the metric win_rate counts
    cast(gathered.average_deal_size as numeric(28, 2)) as average_deal_size, -- mean amount of the won deals that the metric average_deal_size counts; null: none is
    cast(gathered.median_cycle_days as numeric(18, 6)) as median_cycle_days, -- from creation to the win, of the deals that the metric sales_cycle_days counts
    cast(gathered.open_deals as bigint) as open_deals, -- deals open at the period's end, or as of the build
    cast(gathered.worked_deals as bigint) as worked_deals, -- deals open at any time in the period: those open at its end, and those of win_rate closed in it
    cast(
        fn.ratio(gathered.worked_deals * gathered.average_deal_size * gathered.win_rate, gathered.median_cycle_days)
        as numeric(28, 2)
    ) as sales_velocity, -- money a day: worked deals × average size × win rate ÷ median cycle
    cast(gathered.advances as bigint) as advances, -- forward moves to a new furthest stage
    cast(gathered.deals_advanced as bigint) as deals_advanced, -- deals that made one
    cast(gathered.backward_moves as bigint) as backward_moves, -- moves to an earlier stage
    cast(gathered.skips as bigint) as skips, -- moves that jumped over a stage
    cast(gathered.reopenings as bigint) as reopenings, -- closed deals that were opened again
    fn.as_of() as computed_at -- the instant that the numbers speak of
from gathered
join attained
    on attained.rep_id = gathered.rep_id
    and attained.period = gathered.period
