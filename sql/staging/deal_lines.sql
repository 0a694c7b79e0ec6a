-- deal_lines: what is sold in a deal, line by line, so that recurring and one-time money are told apart
-- key: source, line_id
create table staging.deal_lines (
    source varchar not null, -- the source's name in merit.yml
    line_id varchar not null, -- the CRM's id
    deal_id varchar not null, -- the deal
    product varchar, -- as the CRM says it
    quantity numeric(38, 9), -- how many
    amount numeric(38, 9), -- of the whole line over its term, in the deal's currency
    is_recurring boolean, -- true: paid again each term; null: the CRM doesn't say
    term_starts_on date, -- first day that is paid for; null: the deal's own term
    term_ends_on date, -- its last day
    is_deleted boolean not null -- true: taken off the deal
);
