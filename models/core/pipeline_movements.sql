-- pipeline_movements: what became, within each period, of every deal that was to close in it
-- grain: one row a deal and period, deleted ones and copies of another source's left out; of a running period, up to the build
-- key: source, deal_id, period
-- signal: where the pipeline of a quarter came from, and where it went
-- owner: sales operations
-- not_null: source, deal_id, period, measured_at, has_rate, start_amount, created_amount, pulled_in_amount, won_amount, lost_amount, slipped_amount, edits, end_amount, movement
-- checks: adds_up: start_amount + created_amount + pulled_in_amount - won_amount - lost_amount - slipped_amount + edits = end_amount
--    comes_in_once: start_amount = 0 or (created_amount = 0 and pulled_in_amount = 0)
-- gaming: close dates pushed over the quarter's end; each push stands here as slipped, with its amount
-- changed: 2026-11-22 first version
--    2026-11-22 the deals as they stood at both ends of a period are a table of their own
--    2026-11-22 a deal whose beginning the CRM has forgotten was there since it was made
with converted as (
    -- One rate for the whole period, that of its first day: what a currency did is no movement of a deal.
    select
        pipeline_snapshots.period,
        pipeline_snapshots.measured_at,
        pipeline_snapshots.source,
        pipeline_snapshots.deal_id,
        pipeline_snapshots.moment,
        pipeline_snapshots.is_closed,
        pipeline_snapshots.is_won,
        pipeline_snapshots.is_due,
        pipeline_snapshots.currency = fn.currency() or fn.prorate(pipeline_snapshots.amount, rates.worth, rates.units) is not null as has_rate,
        case
            when pipeline_snapshots.currency = fn.currency() then fn.cents(pipeline_snapshots.amount)
            when rates.worth is null then cast(0 as numeric(38, 2))
            else coalesce(fn.cents(fn.prorate(pipeline_snapshots.amount, rates.worth, rates.units)), cast(0 as numeric(38, 2)))
        end as amount
    from core.pipeline_snapshots
    left join core.rates
        on rates.source = pipeline_snapshots.source
        and rates.currency = pipeline_snapshots.currency
        and pipeline_snapshots.starts_on >= rates.valid_from
        and pipeline_snapshots.starts_on < rates.until_on
),
first_visits as (
    select
        stage_visits.source,
        stage_visits.deal_id,
        min(stage_visits.entered_at) as began_at
    from core.stage_visits
    group by
        stage_visits.source,
        stage_visits.deal_id
),
compared as (
    select
        converted.period,
        converted.source,
        converted.deal_id,
        min(converted.measured_at) as measured_at,
        min(case when converted.has_rate then 1 else 0 end) = 1 as has_rate,
        max(case when converted.moment = 'start' and converted.is_due then 1 else 0 end) as was_in,
        max(case when converted.moment = 'end' and converted.is_closed then 1 else 0 end) as is_closed,
        max(case when converted.moment = 'end' and converted.is_won then 1 else 0 end) as is_won,
        max(case when converted.moment = 'end' and converted.is_due then 1 else 0 end) as is_due,
        sum(case when converted.moment = 'start' and converted.is_due then converted.amount else cast(0 as numeric(38, 2)) end) as start_amount,
        sum(case when converted.moment = 'end' then converted.amount else cast(0 as numeric(38, 2)) end) as last_amount,
        sum(case when converted.moment = 'end' and converted.is_due and not converted.is_closed then converted.amount else cast(0 as numeric(38, 2)) end) as end_amount
    from converted
    group by
        converted.period,
        converted.source,
        converted.deal_id
),
judged as (
    select
        compared.period,
        compared.source,
        compared.deal_id,
        compared.measured_at,
        compared.has_rate,
        compared.was_in,
        cast(compared.start_amount as numeric(38, 2)) as start_amount,
        cast(compared.last_amount as numeric(38, 2)) as last_amount,
        cast(compared.end_amount as numeric(38, 2)) as end_amount,
        -- Where the CRM has forgotten how it began, the deal was there since it was made; imported history may lie before that.
        fn.smaller(deals.created_at, first_visits.began_at) >= periods.starts_at as is_new,
        case
            when compared.is_won = 1 then 'won'
            when compared.is_closed = 1 then 'lost'
            when compared.is_due = 1 then 'stayed'
            else 'slipped'
        end as movement
    from compared
    join plan.periods
        on periods.period = compared.period
    join first_visits
        on first_visits.source = compared.source
        and first_visits.deal_id = compared.deal_id
    join staging.deals
        on deals.source = compared.source
        and deals.deal_id = compared.deal_id
    -- In at the beginning, in at the end, won on the way, or lost when it was due: else it was never in this period's pipeline.
    where compared.was_in = 1
        or compared.is_due = 1
        or compared.is_won = 1
)
select
    judged.source, -- the source's name in merit.yml
    judged.deal_id, -- the deal
    judged.period, -- fiscal year and quarter
    judged.measured_at, -- the period's last instant, or the build's
    deal_owner_spans.rep_id, -- the rep who owned it then; null: nobody on the roster
    judged.movement, -- what became of it: stayed, won, lost, or slipped (its close date left the period)
    judged.has_rate, -- false: another currency than the company's and no rate of the period's first day; all amounts are 0
    judged.start_amount, -- open at the beginning, to close in the period
    case when judged.was_in = 0 and judged.is_new then judged.last_amount else cast(0 as numeric(38, 2)) end as created_amount, -- made within the period
    case when judged.was_in = 0 and not judged.is_new then judged.last_amount else cast(0 as numeric(38, 2)) end as pulled_in_amount, -- there before, to close later or closed, and came into the period
    case when judged.movement = 'won' then judged.last_amount else cast(0 as numeric(38, 2)) end as won_amount, -- as it stood just before the win
    case when judged.movement = 'lost' then judged.last_amount else cast(0 as numeric(38, 2)) end as lost_amount, -- as it stood just before the loss
    case when judged.movement = 'slipped' then judged.last_amount else cast(0 as numeric(38, 2)) end as slipped_amount, -- open, to close in another period or at no date
    case when judged.was_in = 1 then cast(judged.last_amount - judged.start_amount as numeric(38, 2)) else cast(0 as numeric(38, 2)) end as edits, -- what was added to or taken from the amount of a deal that was in at the beginning
    judged.end_amount -- open at the end, to close in the period: counted by itself, so that the sum is a proof
from judged
left join core.deal_owner_spans
    on deal_owner_spans.source = judged.source
    and deal_owner_spans.deal_id = judged.deal_id
    and judged.measured_at >= deal_owner_spans.starts_at
    and judged.measured_at < deal_owner_spans.until_at
