-- outlook: what the running quarter may bring: won so far, and open deals by the win rate of their stage
-- grain: one row the company, and each team and person that has a deal in it
-- key: subject_kind, subject
-- signal: where the quarter will end if deals go as deals went, beside what people say
-- owner: sales management
-- not_null: subject_kind, subject, period, won_deals, open_deals, open_deals_told, open_deals_without_amount, overdue_deals, text, computed_at
-- checks: kinds: subject_kind in ('company', 'team', 'rep')
--    in_order: low_amount is null or (low_amount <= expected_amount and expected_amount <= high_amount)
--    some_of_them: open_deals_told <= open_deals and overdue_deals <= open_deals
-- gaming: deals held in early stages or dated into the next quarter; overdue ones count as the quarter's
-- changed: 2026-12-01 first version
with running as (
    select
        periods.period,
        periods.starts_on,
        periods.ends_on
    from plan.periods
    where periods.starts_at <= fn.as_of()
        and periods.ends_at > fn.as_of()
),
dealt as (
    select
        deals.rep_id,
        deals.team,
        running.period,
        deals.is_won and not deals.is_open as is_won,
        deals.is_open,
        deals.is_open and deals.close_on < fn.today() as is_overdue,
        deals.company_amount,
        stage_win_rates.win_rate,
        stage_win_rates.source || ' ' || stage_win_rates.pipeline_id || ' ' || stage_win_rates.stage_id as stage_key,
        fn.ratio(stage_win_rates.high - stage_win_rates.low, 2 * 1.959963984540054) as rate_spread
    from marts.deals
    join core.deals as standing
        on standing.source = deals.source
        and standing.deal_id = deals.deal_id
    cross join running
    left join marts.stage_win_rates
        on stage_win_rates.source = deals.source
        and stage_win_rates.pipeline_id = deals.pipeline_id
        and stage_win_rates.stage_id = standing.stage_id
        and stage_win_rates.is_told
    where not deals.is_excluded
        and (
            (deals.is_open and deals.close_on <= running.ends_on)
            or (deals.is_won and not deals.is_open and deals.closed_on >= running.starts_on and deals.closed_on <= running.ends_on)
        )
),
subjects as (
    select 'company' as subject_kind, 'everybody' as subject, dealt.period, dealt.is_won, dealt.is_open, dealt.is_overdue, dealt.company_amount, dealt.win_rate, dealt.stage_key, dealt.rate_spread
    from dealt
    union all
    select 'team' as subject_kind, dealt.team as subject, dealt.period, dealt.is_won, dealt.is_open, dealt.is_overdue, dealt.company_amount, dealt.win_rate, dealt.stage_key, dealt.rate_spread
    from dealt
    where dealt.team is not null
    union all
    select 'rep' as subject_kind, dealt.rep_id as subject, dealt.period, dealt.is_won, dealt.is_open, dealt.is_overdue, dealt.company_amount, dealt.win_rate, dealt.stage_key, dealt.rate_spread
    from dealt
    where dealt.rep_id is not null
),
-- All deals of a stage share what is not known of its rate.
by_stage as (
    select
        subjects.subject_kind,
        subjects.subject,
        subjects.period,
        subjects.stage_key,
        sum(case when subjects.is_won then 1 else 0 end) as won_deals,
        sum(case when subjects.is_won then subjects.company_amount end) as won_amount,
        sum(case when subjects.is_open then 1 else 0 end) as open_deals,
        sum(case when subjects.is_open and subjects.win_rate is not null and subjects.company_amount is not null then 1 else 0 end) as open_deals_told,
        sum(case when subjects.is_open and subjects.company_amount is null then 1 else 0 end) as open_deals_without_amount,
        sum(case when subjects.is_overdue then 1 else 0 end) as overdue_deals,
        sum(case when subjects.is_open then subjects.company_amount end) as open_amount,
        sum(case when subjects.is_open and subjects.win_rate is null then subjects.company_amount end) as untold_amount,
        sum(case when subjects.is_open and subjects.win_rate is not null then subjects.company_amount end) as told_amount,
        sum(case when subjects.is_open then fn.times(subjects.company_amount, cast(subjects.win_rate as numeric(38, 9))) end) as expected_amount,
        max(subjects.rate_spread) as rate_spread,
        fn.total(
            sum(
                case
                    when subjects.is_open
                        then fn.addend(0.001 * cast(subjects.company_amount as double) * 0.001 * cast(subjects.company_amount as double) * subjects.win_rate * (1 - subjects.win_rate))
                end
            )
        ) as chance_variance
    from subjects
    group by
        subjects.subject_kind,
        subjects.subject,
        subjects.period,
        subjects.stage_key
),
summed as (
    select
        by_stage.subject_kind,
        by_stage.subject,
        by_stage.period,
        sum(by_stage.won_deals) as won_deals,
        coalesce(sum(by_stage.won_amount), cast(0 as numeric(28, 2))) as won_amount,
        sum(by_stage.open_deals) as open_deals,
        sum(by_stage.open_deals_told) as open_deals_told,
        sum(by_stage.open_deals_without_amount) as open_deals_without_amount,
        sum(by_stage.overdue_deals) as overdue_deals,
        coalesce(sum(by_stage.open_amount), cast(0 as numeric(28, 2))) as open_amount,
        coalesce(sum(by_stage.untold_amount), cast(0 as numeric(28, 2))) as untold_amount,
        coalesce(sum(by_stage.told_amount), cast(0 as numeric(28, 2))) as told_amount,
        coalesce(sum(by_stage.expected_amount), cast(0 as numeric(28, 2))) as expected_amount,
        -- In thousands, as squares of amounts are large.
        1000 * sqrt(
            coalesce(fn.total(sum(fn.addend(by_stage.chance_variance))), 0)
            + coalesce(
                fn.total(
                    sum(
                        fn.addend(
                            0.001 * cast(by_stage.told_amount as double) * by_stage.rate_spread * 0.001 * cast(by_stage.told_amount as double) * by_stage.rate_spread
                        )
                    )
                ),
                0
            )
        ) as spread
    from by_stage
    group by
        by_stage.subject_kind,
        by_stage.subject,
        by_stage.period
),
bounded as (
    select
        summed.subject_kind,
        summed.subject,
        summed.period,
        summed.won_deals,
        summed.won_amount,
        summed.open_deals,
        summed.open_deals_told,
        summed.open_deals_without_amount,
        summed.overdue_deals,
        summed.open_amount,
        summed.untold_amount,
        summed.won_amount + summed.expected_amount as expected_amount,
        summed.won_amount + fn.larger(cast(0 as numeric(38, 9)), summed.expected_amount - cast(1.959963984540054 * summed.spread as numeric(38, 9))) as low_amount,
        summed.won_amount + fn.smaller(summed.told_amount, summed.expected_amount + cast(1.959963984540054 * summed.spread as numeric(38, 9))) as high_amount
    from summed
)
select
    bounded.subject_kind, -- company, team or rep
    bounded.subject, -- everybody, the team as the roster has it today, or the company's own id of the person
    bounded.period, -- the quarter that runs
    cast(bounded.won_deals as bigint) as won_deals, -- won in it so far
    cast(bounded.won_amount as numeric(28, 2)) as won_amount, -- sum of the amounts of deals won, in the company's currency: of those in won_deals that have one
    cast(bounded.open_deals as bigint) as open_deals, -- planned to close in it, or overdue
    cast(bounded.open_deals_told as bigint) as open_deals_told, -- of them, those with an amount, in a stage that has a rate
    cast(bounded.open_deals_without_amount as bigint) as open_deals_without_amount, -- of them, those without an amount or a rate of exchange: nothing of them is in any sum
    cast(bounded.overdue_deals as bigint) as overdue_deals, -- of them, those whose close date is over
    cast(bounded.open_amount as numeric(28, 2)) as open_amount, -- of the open deals
    cast(bounded.untold_amount as numeric(28, 2)) as untold_amount, -- of that, in stages of which fewer than 30 deals have closed: not in expected_amount
    case when bounded.open_deals = 0 or bounded.open_deals_told > 0 then cast(bounded.expected_amount as numeric(28, 2)) end as expected_amount, -- won so far, and each open amount by the win rate of its stage; null: no open deal has both
    case when bounded.open_deals = 0 or bounded.open_deals_told > 0 then cast(bounded.low_amount as numeric(28, 2)) end as low_amount, -- lower bound of its 95 % interval: deals' chance, and what is not known of the rates
    case when bounded.open_deals = 0 or bounded.open_deals_told > 0 then cast(bounded.high_amount as numeric(28, 2)) end as high_amount, -- its upper bound; no more than everything that is told
    case
        when bounded.open_deals = 0 then 'Nothing is open: what is won so far is what there is.'
        when bounded.open_deals_told = 0 then 'None of ' || cast(bounded.open_deals as string) || ' open deals has an amount and a stage of which 30 deals have closed: no outlook.'
        else cast(bounded.open_deals_told as string) || ' of ' || cast(bounded.open_deals as string) || ' open deals are in it; '
            || fn.digits(bounded.expected_amount, 2) || ' expected, between ' || fn.digits(bounded.low_amount, 2) || ' and ' || fn.digits(bounded.high_amount, 2) || '.'
    end as text, -- the same in a sentence
    fn.as_of() as computed_at -- the instant that the numbers speak of
from bounded
