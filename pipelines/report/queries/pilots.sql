select pilot.pilot, pilot.metric, pilot.starts_on, pilot.ends_on, pilot.is_running, pilot.did, pilot.low, pilot.high, pilot.placebo_p_value, pilot.verdict, pilot.text
from marts.pilot
order by pilot.starts_on, pilot.pilot, pilot.metric
