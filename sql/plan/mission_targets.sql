-- mission_targets: what a day's missions may ask for beside records to mend
-- key: period, mission
create table plan.mission_targets (
    period varchar not null, -- plan.periods.period
    mission varchar not null, -- what to do, as people read it
    metric varchar not null, -- name of a model in models/metrics
    unlocked_by varchar, -- a learning module that has to be completed first; null: none
    points bigint not null -- for doing it
);
