select progress.rep_id, progress.metric, progress.unit, progress.better, progress.starts_on, progress.value, progress.goal, progress.percent_of_goal,
    progress.expected_by_now, progress.working_days, progress.days_over, personal_goals.why
from marts.progress
join marts.personal_goals
    on personal_goals.rep_id = progress.rep_id
    and personal_goals.role = progress.role
    and personal_goals.metric = progress.metric
    and personal_goals.span = progress.span
    and personal_goals.starts_on = progress.starts_on
where progress.span = 'week'
    and progress.is_running
    and progress.goal is not null
order by progress.rep_id, progress.metric, progress.role
