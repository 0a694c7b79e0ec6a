-- deals: every deal as it is now, the deleted ones too
-- grain: one row a deal
-- key: source, deal_id
-- signal: what is being sold, by whom, and how it stands
-- owner: revenue operations
-- not_null: source, deal_id, pipeline_id, currency, is_closed, is_won, is_in_company_currency, is_born_closed, created_at, is_deleted
-- checks: closed_has_an_instant: is_closed = (closed_at is not null)
--    won_is_closed: is_closed or not is_won
-- gaming: deals deleted to hide a loss; they stay here, marked
-- changed: 2026-11-22 first version
with standing as (
    select
        stage_visits.source,
        stage_visits.deal_id,
        stage_visits.stage_id,
        stage_visits.entered_at
    from core.stage_visits
    where stage_visits.exited_at is null
)
select
    deals.source, -- the source's name in merit.yml
    deals.deal_id, -- the CRM's id
    deals.name, -- the deal's name
    coalesce(merged_records.into_id, deals.account_id) as account_id, -- the account it is sold to, or the one that it was merged into
    deals.owner_id, -- user_id of today's owner
    rep_users.rep_id, -- the rep who is that user; null: nobody on the roster
    deals.pipeline_id, -- 'default' where the CRM has one pipeline
    deals.stage_id, -- today's stage
    coalesce(stages.label, deals.stage_id) as stage, -- its label for people
    stages.position, -- its position in the pipeline; null: lost, or a stage that the pipeline does not have today
    coalesce(stages.is_closed, false) as is_closed, -- won or lost
    coalesce(stages.is_won, false) as is_won, -- won
    deals.amount, -- in currency; null is unknown, not 0
    coalesce(deals.currency, fn.currency()) as currency, -- ISO 4217
    coalesce(deals.currency = fn.currency(), true) as is_in_company_currency, -- false: it takes a dated rate of core.rates to sum it, and there may be none
    deals.close_on, -- expected, or when closed the actual, close date
    case
        when not coalesce(stages.is_closed, false) then null
        when deal_closings.is_born_closed and deals.close_on < fn.day(deal_closings.entered_at) then fn.midnight(deals.close_on)
        else coalesce(deals.closed_at, deal_closings.entered_at, standing.entered_at, deals.changed_at, deals.created_at)
    end as closed_at, -- since when it is won, or lost, without a break; born closed: by its close date, where that is earlier; null: open
    coalesce(stages.is_closed and deal_closings.is_born_closed, false) as is_born_closed, -- true: its oldest known row is closed already: it was closed by then, not then
    deals.deal_type, -- new business, renewal, expansion … as the CRM says it
    deals.lead_source, -- as the CRM says it
    deals.next_step, -- what the rep wrote down to do next
    deals.forecast_category, -- as the CRM says it
    deals.term_starts_on, -- of the contract sold
    deals.term_ends_on, -- its last day
    case
        when deals.term_ends_on >= deals.term_starts_on
            then fn.whole_days(deals.term_starts_on, deals.term_ends_on) + 1
    end as term_days, -- both ends counted; null: no term known
    deals.created_by, -- user_id
    deals.created_at, -- when the deal is said to have been created
    deals.seen_at, -- when the CRM's own clock first had the row, where it tells
    deals.changed_at, -- last change
    deals.is_deleted or merged_deals.record_id is not null as is_deleted, -- true: deleted, archived or merged away
    case when deals.url like '/%' then coalesce(sources.address || deals.url, deals.url) else deals.url end as url -- the record's page at the CRM; a path where merit.yml tells no address of the source
from staging.deals
left join core.stages
    on stages.source = deals.source
    and stages.pipeline_id = deals.pipeline_id
    and stages.stage_id = deals.stage_id
left join standing
    on standing.source = deals.source
    and standing.deal_id = deals.deal_id
    and standing.stage_id = deals.stage_id
left join core.deal_closings
    on deal_closings.source = deals.source
    and deal_closings.deal_id = deals.deal_id
left join core.rep_users
    on rep_users.source = deals.source
    and rep_users.user_id = deals.owner_id
left join plan.sources
    on sources.source = deals.source
left join core.merged_records
    on merged_records.source = deals.source
    and merged_records.record_type = 'account'
    and merged_records.record_id = deals.account_id
left join core.merged_records as merged_deals
    on merged_deals.source = deals.source
    and merged_deals.record_type = 'deal'
    and merged_deals.record_id = deals.deal_id
