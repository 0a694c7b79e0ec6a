select coaching_coverage.rep_id, coaching_coverage.period, coaching_coverage.sessions, coaching_coverage.actions_agreed, coaching_coverage.actions_done,
    coaching_coverage.actions_overdue, coaching_coverage.last_held_on
from marts.coaching_coverage
where coaching_coverage.topic = 'all topics'
order by coaching_coverage.rep_id, coaching_coverage.period
