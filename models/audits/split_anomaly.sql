-- split_anomaly: credit for won deals that was written after the close, or that does not sum to 100
-- grain: one row a rep's credit for a won deal
-- key: source, rep_id, record_id
-- signal: money moved between people when the deal was over
-- owner: finance
-- severity: look
-- test: share
-- span: period
-- parameters: least: 4
-- not_null: source, rep_id, occurred_at, record_type, record_id, is_suspect, detail
-- gaming: agreeing on it before the close; that is what splits are for
-- changed: 2026-11-30 first version
--    2026-12-01 four deals: three are corrected by chance in one quarter of twenty
select
    deal_credits.source, -- the source's name in merit.yml
    deal_credits.rep_id, -- who was credited
    deal_credits.closed_at as occurred_at, -- when the deal was won
    'deal' as record_type, -- the record is a deal
    deal_credits.deal_id as record_id, -- the CRM's id of it
    deal_credits.is_changed_after_close or deal_credits.is_scaled as is_suspect, -- true: written or changed after the close, or not summing to 100
    'credited by ' || deal_credits.basis || case
        when deal_credits.is_changed_after_close then ', changed after the close'
        else ''
    end || case
        when deal_credits.is_scaled then ', of shares that did not sum to 100'
        else ''
    end as detail -- the credit, in words
from core.deal_credits
join core.closed_deals
    on closed_deals.source = deal_credits.source
    and closed_deals.deal_id = deal_credits.deal_id
join core.rep_assignments
    on rep_assignments.rep_id = deal_credits.rep_id
    and deal_credits.closed_at >= rep_assignments.starts_at
    and deal_credits.closed_at < rep_assignments.ends_at
where closed_deals.is_won
