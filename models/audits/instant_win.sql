-- instant_win: deals that were won within minutes of being created
-- grain: one row a won deal
-- key: source, rep_id, record_id
-- signal: deals that were written down when they were over, with no history to measure
-- owner: revenue operations
-- severity: high
-- test: share
-- span: period
-- parameters: least: 3
--    minutes: 60
-- not_null: source, rep_id, occurred_at, record_type, record_id, is_suspect, detail
-- gaming: waiting an hour, which sales_cycle_days shows; a user who is not on the roster, whom unmatched_users shows
-- changed: 2026-11-30 first version
--    2026-12-01 deals that a user outside the roster created are left out
select
    closed_deals.source, -- the source's name in merit.yml
    closed_deals.rep_id, -- who owned the deal at the close
    closed_deals.closed_at as occurred_at, -- when it was won
    'deal' as record_type, -- the record is a deal
    closed_deals.deal_id as record_id, -- the CRM's id of it
    closed_deals.closed_at
        <= fn.add_minutes(closed_deals.created_at, cast(fn.as_number(settings.value) as bigint))
        -- What a shop or another system wrote down was nobody's hand.
        and (deals.created_by is null or creators.rep_id is not null) as is_suspect, -- true: won within minutes of its creation by somebody on the roster
    'won ' || fn.digits(closed_deals.cycle_days, 2) || ' days after it was created' as detail -- the win, in words
from core.closed_deals
join core.deals
    on deals.source = closed_deals.source
    and deals.deal_id = closed_deals.deal_id
left join core.rep_users as creators
    on creators.source = deals.source
    and creators.user_id = deals.created_by
join core.rep_assignments
    on rep_assignments.rep_id = closed_deals.rep_id
    and closed_deals.closed_at >= rep_assignments.starts_at
    and closed_deals.closed_at < rep_assignments.ends_at
join plan.settings
    on settings.period = rep_assignments.period
    and settings.metric = 'instant_win'
    and settings.name = 'minutes'
where closed_deals.is_won
