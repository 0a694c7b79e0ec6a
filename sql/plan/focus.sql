-- focus: what a team looks at for a while
-- key: team, starts_on, metric
create table plan.focus (
    team varchar not null, -- a team of the roster
    starts_on date not null, -- first day
    ends_on date not null, -- last day
    metric varchar not null, -- name of a model in models/metrics
    kind varchar not null -- behaviour or outcome
);
