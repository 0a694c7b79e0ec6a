-- deals: opportunities, one row each, as they are now
-- key: source, deal_id
create table staging.deals (
    source varchar not null, -- the source's name in merit.yml
    deal_id varchar not null, -- the CRM's id
    name varchar, -- the deal's name
    account_id varchar, -- the account it is sold to
    owner_id varchar, -- user_id of today's owner
    pipeline_id varchar not null, -- 'default' where the CRM has one pipeline
    stage_id varchar, -- today's stage
    amount numeric(38, 9), -- in currency; null is unknown, not 0
    currency varchar, -- ISO 4217; null: the company's currency
    close_on date, -- expected, or when closed the actual, close date in the company's calendar
    closed_at timestamp with time zone, -- since when it is won, or lost, where the source keeps no history of stages and says so; null: open, or the history says it
    deal_type varchar, -- new business, renewal, expansion … as the CRM says it
    lead_source varchar, -- as the CRM says it
    next_step varchar, -- what the rep wrote down to do next
    forecast_category varchar, -- as the CRM says it
    term_starts_on date, -- of the contract sold; null where the CRM has no such field
    term_ends_on date, -- its last day
    created_by varchar, -- user_id
    created_at timestamp with time zone not null, -- when the deal is said to have been created
    seen_at timestamp with time zone, -- when the CRM's own clock first had the row, where it tells
    changed_at timestamp with time zone, -- last change
    is_deleted boolean not null, -- true: deleted, archived or merged away
    url varchar -- the record's page at the CRM
);
