-- challenges: one behaviour for one to four weeks
-- key: challenge
create table plan.challenges (
    challenge varchar not null, -- as people read it
    metric varchar not null, -- name of a model in models/metrics
    starts_on date not null, -- first day
    ends_on date not null, -- last day
    goal double, -- for each person; null: what they did before, and goals' stretch more
    points bigint not null, -- for everybody who reaches the goal
    is_by_team boolean not null, -- true: the teams of plan.challenge_teams compete
    period varchar not null -- plan.periods.period, in which it begins
);
