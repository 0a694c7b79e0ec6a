select coaching_map.rep_id, coaching_map.metric, coaching_map.topic, coaching_map.module, coaching_map.play, coaching_map.is_learned, coaching_map.why
from marts.coaching_map
order by coaching_map.rep_id, coaching_map.metric, coaching_map.topic
