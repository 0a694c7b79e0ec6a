select periods.period, periods.starts_on, periods.ends_on, periods.plan_version, periods.plan_hash, periods.starts_at, periods.ends_at
from plan.periods
order by periods.starts_on
