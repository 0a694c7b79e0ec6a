-- exclusions: records that count for nothing, with the reason: confirmed flags, test deals, listed ones
-- key: source, record_type, record_id
create table plan.exclusions (
    source varchar not null, -- the source's name in merit.yml
    record_type varchar not null, -- deal, activity, renewal, forecast, document … as the evidence names it
    record_id varchar not null, -- the CRM's id
    reason varchar not null -- for people
);
