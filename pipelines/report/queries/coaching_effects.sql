select coaching_effect.topic, coaching_effect.metric, coaching_effect.sessions, coaching_effect.people, coaching_effect.change, coaching_effect.low, coaching_effect.high,
    coaching_effect.verdict, coaching_effect.why
from marts.coaching_effect
order by coaching_effect.topic, coaching_effect.metric
