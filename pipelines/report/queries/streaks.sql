select streaks.rep_id, streaks.streak, streaks.days, streaks.best, streaks.starts_on, streaks.why
from marts.streaks
where streaks.is_current
order by streaks.rep_id, streaks.days desc, streaks.streak
