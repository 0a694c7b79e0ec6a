-- deal_fields: further fields of a deal that a plan may name: an amount field of the company's own, a field that must be filled
-- key: source, deal_id, field
create table staging.deal_fields (
    source varchar not null, -- the source's name in merit.yml
    deal_id varchar not null, -- the deal
    field varchar not null, -- its name at the CRM
    value varchar -- text form: plain decimal, YYYY-MM-DD, instant in UTC with Z; null: empty today
);
