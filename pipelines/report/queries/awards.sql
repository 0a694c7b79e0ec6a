select awards.rep_id, awards.kind, awards.name, awards.points, awards.earned_at, awards.is_withdrawn, awards.reason, awards.why
from marts.awards
order by awards.rep_id, awards.earned_at desc, awards.award_id
