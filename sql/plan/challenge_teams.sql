-- challenge_teams: which teams compete in a challenge
-- key: challenge, team
create table plan.challenge_teams (
    challenge varchar not null, -- plan.challenges.challenge
    team varchar not null -- a team of the roster
);
