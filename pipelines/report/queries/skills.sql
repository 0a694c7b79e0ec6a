select skill_or_activity.rep_id, skill_or_activity.period, skill_or_activity.metric, skill_or_activity.verdict, skill_or_activity.text
from marts.skill_or_activity
where skill_or_activity.verdict in ('activity', 'skill', 'both')
order by skill_or_activity.rep_id, skill_or_activity.period, skill_or_activity.metric
