-- stages: the steps a deal can be in, as the CRM has them set up today
-- key: source, pipeline_id, stage_id
create table staging.stages (
    source varchar not null, -- the source's name in merit.yml
    pipeline_id varchar not null, -- 'default' where the CRM has one pipeline
    stage_id varchar not null, -- as deals name it (Salesforce: the stage's name; HubSpot: its id)
    label varchar not null, -- for people
    position bigint not null, -- 1 is the first; a deal moves forward when it grows
    probability numeric(38, 9), -- 0..1
    is_closed boolean not null, -- won or lost
    is_won boolean not null -- closed and won
);
