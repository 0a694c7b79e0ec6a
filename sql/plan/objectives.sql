-- objectives: from where to where the metric of an objective is to go in a quarter
-- key: period, okr, metric
create table plan.objectives (
    period varchar not null, -- plan.periods.period
    okr varchar not null, -- plan.okrs.okr
    metric varchar not null, -- name of a model in models/metrics
    baseline_period varchar not null, -- the quarter from which it starts
    target_value double, -- where it is to come; null: a change is said
    target_change double -- of the baseline's value: 0.2 is a fifth more; null: a value is said
);
