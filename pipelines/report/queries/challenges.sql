select challenges.challenge, challenges.entrant, challenges.entrant_name, challenges.is_team, challenges.metric, challenges.starts_on, challenges.ends_on,
    challenges.state, challenges.value, challenges.goal, challenges.percent_of_goal, challenges.rank, challenges.has_lasted
from marts.challenges
order by challenges.starts_on desc, challenges.challenge, challenges.rank, challenges.entrant
