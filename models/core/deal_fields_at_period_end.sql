-- deal_fields_at_period_end: what the tracked fields of a deal said at a period's end
-- grain: one row a deal and period of core.deals_at_period_end that has a tracked value
-- key: source, deal_id, period
-- signal: what the CRM said then, not what it says today
-- owner: revenue operations
-- not_null: source, deal_id, period, tracks_amount, tracks_close_on, tracks_next_step, tracks_forecast_category, pushes
-- checks: pushes_of_a_close_date: pushes >= 0 and (tracks_close_on or pushes = 0)
-- gaming: fields filled on the last evening of a period; their spans show since when they are
-- changed: 2026-11-22 first version
--    2026-11-22 what is written at the close or after it, or by the CRM itself, is no push; a first date set at the close is the promise of a young deal alone
with looked_up as (
    -- A tracked field has the value that it had then; before its first one, none, unless the CRM has forgotten it.
    select
        deals_at_period_end.source,
        deals_at_period_end.deal_id,
        deals_at_period_end.period,
        deal_value_spans.field,
        deal_value_spans.change_number,
        case
            when deal_value_spans.starts_at <= deals_at_period_end.measured_at or deal_value_spans.is_truncated
                then deal_value_spans.value
        end as value,
        deal_value_spans.until_at > deals_at_period_end.measured_at
            and (deal_value_spans.starts_at <= deals_at_period_end.measured_at or deal_value_spans.change_number = 1) as is_then,
        deal_value_spans.value as promise,
        -- A deal that closed before it was a day old is held to the first close date that it had; what is written after the close is no promise.
        deal_value_spans.until_at > deals_at_period_end.promised_at
            and (
                deal_value_spans.starts_at <= deals_at_period_end.promised_at
                or deal_value_spans.change_number = 1
                and (
                    deal_value_spans.is_truncated
                    or deals_at_period_end.is_young
                    and deal_value_spans.starts_at <= deals_at_period_end.entered_at
                )
            ) as is_promise,
        -- A date that was cleared in between was pushed, too. CRMs set the close date right by themselves when a deal closes.
        deal_value_spans.value > deal_value_spans.last_value_given
            and deal_value_spans.starts_at <= deals_at_period_end.measured_at
            and not deal_value_spans.is_automatic
            and (not deals_at_period_end.is_closed or deal_value_spans.starts_at < deals_at_period_end.entered_at) as is_push
    from core.deals_at_period_end
    join core.deal_value_spans
        on deal_value_spans.source = deals_at_period_end.source
        and deal_value_spans.deal_id = deals_at_period_end.deal_id
)
select
    looked_up.source, -- the source's name in merit.yml
    looked_up.deal_id, -- the deal
    looked_up.period, -- fiscal year and quarter
    max(case when looked_up.field = 'amount' then 1 else 0 end) = 1 as tracks_amount, -- true: the CRM keeps the amount's history
    max(case when looked_up.field = 'amount' and looked_up.is_then then looked_up.value end) as amount, -- the amount then, as text
    max(case when looked_up.field = 'close_on' then 1 else 0 end) = 1 as tracks_close_on, -- true: it keeps the close date's
    max(case when looked_up.field = 'close_on' and looked_up.is_then then looked_up.value end) as close_on, -- the close date then, as text
    max(case when looked_up.field = 'close_on' and looked_up.is_promise then looked_up.promise end) as promised_on, -- the close date that is held to be its promise, as text
    cast(sum(case when looked_up.field = 'close_on' and looked_up.is_push then 1 else 0 end) as bigint) as pushes, -- how often people had moved the close date later while the deal was open
    max(case when looked_up.field = 'next_step' then 1 else 0 end) = 1 as tracks_next_step, -- true: it keeps the next step's history
    max(case when looked_up.field = 'next_step' and looked_up.is_then then looked_up.value end) as next_step, -- the next step then
    max(case when looked_up.field = 'forecast_category' then 1 else 0 end) = 1 as tracks_forecast_category, -- true: it keeps the forecast category's history
    max(case when looked_up.field = 'forecast_category' and looked_up.is_then then looked_up.value end) as forecast_category -- the forecast category then
from looked_up
-- The oldest value tells that the field is tracked, most others tell nothing of then.
where looked_up.is_then
    or looked_up.is_promise
    or looked_up.is_push
    or looked_up.change_number = 1
group by
    looked_up.source,
    looked_up.deal_id,
    looked_up.period
