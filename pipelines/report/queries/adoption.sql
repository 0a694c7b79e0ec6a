select adoption.team, adoption.week_on, adoption.is_told, adoption.people, adoption.consistent_share, adoption.low, adoption.high, adoption.verdict, adoption.text
from marts.adoption
order by adoption.team, adoption.week_on
