select missions.rep_id, missions.place, missions.kind, missions.name, missions.record_name, missions.why, missions.gain_points, missions.points, missions.target,
    missions.done, missions.done_at, missions.url
from marts.missions
where missions.is_today
order by missions.rep_id, missions.place
