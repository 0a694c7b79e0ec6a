-- settings: the parameters of metrics, one row each; a list has a row for each item
-- key: period, metric, name, value
create table plan.settings (
    period varchar not null, -- plan.periods.period
    metric varchar not null, -- name of a model in models/metrics
    name varchar not null, -- the parameter
    value varchar not null -- text form
);
