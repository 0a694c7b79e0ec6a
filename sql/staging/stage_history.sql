-- stage_history: how a pipeline was set up earlier: a stage's place, probability and name, from when to when
-- key: source, pipeline_id, stage_id, valid_from
create table staging.stage_history (
    source varchar not null, -- the source's name in merit.yml
    pipeline_id varchar not null, -- 'default' where the CRM has one pipeline
    stage_id varchar not null, -- as deals name it
    valid_from timestamp with time zone not null, -- from when on it was so
    valid_to timestamp with time zone, -- not any more from then on; null: still
    label varchar not null, -- for people
    position bigint not null, -- 1 is the first
    probability numeric(38, 9), -- 0..1
    is_closed boolean not null, -- won or lost
    is_won boolean not null -- closed and won
);
