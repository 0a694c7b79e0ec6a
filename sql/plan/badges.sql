-- badges: what is earned by reaching something within a span
-- key: period, badge
create table plan.badges (
    period varchar not null, -- plan.periods.period
    badge varchar not null, -- as people read it
    metric varchar not null, -- name of a model in models/metrics
    span varchar not null, -- week, month or quarter
    from_value double, -- from which on it is earned; null: the own goal
    points bigint not null -- for the points ledger, which is no money
);
