-- deals_at_period_end: the deals that were open at a period's end or closed within it, with the owner of then
-- grain: one row a deal and period, copies of another source's deals left out; of a running period, as of the build
-- key: source, deal_id, period
-- signal: what a rep answers for at the end of a period
-- owner: revenue operations
-- not_null: source, deal_id, period, measured_at, measured_on, rep_id, owner_id, stage, is_closed, entered_at, promised_at, is_young, is_truncated
-- checks: in_it_by_then: entered_at <= measured_at
-- gaming: deals handed on in the last hours of a period; the owner spans show each hand
-- changed: 2026-11-22 first version
--    2026-11-22 a deal that goes from one closed stage to another closes once
--    2026-11-22 tells which deals closed before they were a day old
with standing as (
    -- Which stay it was in comes first: of all stays of all owners' deals, few are looked at.
    select
        stage_visits.source,
        stage_visits.deal_id,
        measured_periods.period,
        measured_periods.starts_at,
        measured_periods.measured_at,
        measured_periods.measured_on,
        stage_visits.stage,
        stage_visits.is_closed,
        stage_visits.entered_at,
        -- What the close date said a day before the close: setting it right while closing earns nothing.
        case
            when stage_visits.is_closed then fn.add_days(stage_visits.entered_at, -1)
            else measured_periods.measured_at
        end as promised_at,
        stage_visits.visit_number,
        stage_visits.is_truncated
    from core.measured_periods
    join core.stage_visits
        on stage_visits.entered_at <= measured_periods.measured_at
        and coalesce(stage_visits.exited_at, fn.add_days(fn.as_of(), 1)) > measured_periods.measured_at
    join core.counted_deals
        on counted_deals.source = stage_visits.source
        and counted_deals.deal_id = stage_visits.deal_id
    where not stage_visits.is_closed
        or stage_visits.entered_at >= measured_periods.starts_at
)
select
    standing.source, -- the source's name in merit.yml
    standing.deal_id, -- the deal
    standing.period, -- fiscal year and quarter
    standing.measured_at, -- the period's last instant, or the build's
    standing.measured_on, -- the day of that
    rep_assignments.rep_id, -- the rep who owned it then
    deal_owner_spans.owner_id, -- user_id of the rep
    standing.stage, -- the stage it was in then
    standing.is_closed, -- true: closed within the period; false: open
    standing.entered_at, -- when it came into that stage
    standing.promised_at, -- the instant whose close date is held to be its promise
    standing.is_closed and (standing.visit_number = 1 or deals.created_at > standing.promised_at) as is_young, -- true: closed before it was a day old, as far as its history tells
    standing.is_truncated or coalesce(standing.measured_at < deal_owner_spans.forgotten_until, false) as is_truncated -- true: the CRM has forgotten how the deal's history began, or who owned it then
from standing
join core.deals
    on deals.source = standing.source
    and deals.deal_id = standing.deal_id
join core.deal_owner_spans
    on deal_owner_spans.source = standing.source
    and deal_owner_spans.deal_id = standing.deal_id
    and deal_owner_spans.starts_at <= standing.measured_at
    and deal_owner_spans.until_at > standing.measured_at
join core.rep_assignments
    on rep_assignments.rep_id = deal_owner_spans.rep_id
    and rep_assignments.period = standing.period
    and standing.measured_on >= rep_assignments.starts_on
    and standing.measured_on <= rep_assignments.ends_on
-- From one won stage to another a deal stays won: it closed in the period of the first.
where not (standing.is_closed and coalesce(deals.closed_at < standing.starts_at, false))
