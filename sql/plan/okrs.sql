-- okrs: which objective each metric serves, as plan.yml maps it
-- key: period, okr, metric
create table plan.okrs (
    period varchar not null, -- plan.periods.period
    okr varchar not null, -- the objective, in a sentence
    kpi varchar, -- the figure that leadership looks at
    metric varchar not null -- name of a model in models/metrics
);
