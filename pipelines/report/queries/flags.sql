select flags.flag_id, flags.rule, flags.name, flags.team, flags.period, flags.severity, flags.state, flags.why, flags.suspects, flags.looked_at,
    flags.measure, flags.usual, flags.threshold, flags.score, flags.score_if_confirmed, flags.decided_by, flags.decided_on, flags.reason
from marts.flags
order by case when flags.severity = 'high' then 0 else 1 end, flags.opened_for desc, flags.flag_id
