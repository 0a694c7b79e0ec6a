-- pilot_metrics: what a pilot is to move, and what it must not harm
-- key: pilot, metric
create table plan.pilot_metrics (
    pilot varchar not null, -- plan.pilots.pilot
    metric varchar not null -- name of a model in models/metrics
);
