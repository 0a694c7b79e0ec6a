select rep_users.rep_id, rep_users.user_key
from plan.rep_users
where rep_users.user_key like '%@%'
order by rep_users.rep_id, rep_users.user_key
