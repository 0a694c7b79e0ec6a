-- metrics: what each role is measured by in each period
-- key: period, role, metric
create table plan.metrics (
    period varchar not null, -- plan.periods.period
    role varchar not null, -- a role of plan.yml
    metric varchar not null, -- name of a model in models/metrics
    weight numeric(9, 4) not null, -- of 100
    floor_value double not null, -- attainment 0
    target_value double not null, -- attainment 100
    cap numeric(9, 4) not null, -- highest attainment, 120 by default
    min_samples bigint not null, -- fewer evidence rows: shown, not scored; of a sum everything counts from the first row
    when_missing varchar not null, -- redistribute, zero or hold: what a ratio, mean or median without enough records does
    normalise_by varchar -- potential: the value is held against what the territory could give; null: as it is
);
