select stage_durations.rep_id, stage_durations.period, stage_durations.stage, min(stage_durations.position) as position,
    sum(stage_durations.visits) as visits, sum(stage_durations.mean_days * stage_durations.visits) as days
from marts.stage_durations
group by stage_durations.rep_id, stage_durations.period, stage_durations.stage
order by stage_durations.rep_id, stage_durations.period, position, stage_durations.stage
