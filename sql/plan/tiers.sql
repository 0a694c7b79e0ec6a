-- tiers: from which score on a tier holds, up to the next one's beginning
-- key: period, role, tier
create table plan.tiers (
    period varchar not null, -- plan.periods.period
    role varchar not null, -- a role of plan.yml
    tier varchar not null, -- bronze, silver, gold
    from_score numeric(9, 2) not null, -- the tier is [from_score, next tier's from_score)
    multiplier numeric(9, 4) not null -- of the bonus target
);
