select rep_scorecards.rep_id, rep_scorecards.period, rep_scorecards.role, rep_scorecards.name, rep_scorecards.team, rep_scorecards.region,
    rep_scorecards.score, rep_scorecards.tier, rep_scorecards.weight_used, rep_scorecards.weight_planned, rep_scorecards.is_held,
    rep_scorecards.is_running, rep_scorecards.plan_version, rep_scorecards.days, rep_scorecards.leave_days
from marts.rep_scorecards
order by rep_scorecards.rep_id, rep_scorecards.period, rep_scorecards.role
