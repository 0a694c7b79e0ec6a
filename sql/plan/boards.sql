-- boards: which metrics take turns on each board
-- key: period, board, place
create table plan.boards (
    period varchar not null, -- plan.periods.period
    board varchar not null, -- as people read it
    place bigint not null, -- the metric's turn, from 1 on
    turns bigint not null, -- how many metrics take turns
    metric varchar not null, -- name of a model in models/metrics
    span varchar not null, -- week or month: how long one turn is
    cohort_parts bigint not null, -- 1: by role, 2: by role and region, 3: by role, region and shift
    at_least bigint not null -- with fewer people nobody is ranked
);
