select unmatched_users.source, unmatched_users.user_id, unmatched_users.name, unmatched_users.team, unmatched_users.is_active,
    unmatched_users.deals, unmatched_users.activities
from core.unmatched_users
order by unmatched_users.deals desc, unmatched_users.activities desc, unmatched_users.source, unmatched_users.user_id
