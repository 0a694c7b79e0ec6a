select tiers.period, tiers.role, tiers.tier, tiers.from_score, tiers.multiplier
from plan.tiers
order by tiers.period, tiers.role, tiers.from_score, tiers.tier
