-- streaks: which working days in a row are counted
-- key: period, streak
create table plan.streaks (
    period varchar not null, -- plan.periods.period
    streak varchar not null, -- as people read it
    metric varchar not null, -- name of a model in models/metrics
    per_day bigint not null -- how many records a day needs
);
