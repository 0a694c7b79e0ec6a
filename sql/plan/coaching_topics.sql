-- coaching_topics: which topic, module or play helps with which metric
-- key: period, metric, topic
create table plan.coaching_topics (
    period varchar not null, -- plan.periods.period
    metric varchar not null, -- name of a model in models/metrics
    topic varchar not null, -- as sessions and modules call it
    below double, -- from where on it is needed; null: the role's floor
    module varchar, -- a learning module; null: none
    play varchar -- the address of a play; null: none
);
