-- quotas: quota and territory potential by rep and period
-- key: rep_id, period
create table plan.quotas (
    rep_id varchar not null, -- the company's own id of the person
    period varchar not null, -- plan.periods.period
    quota numeric(18, 2), -- in the company's currency
    potential numeric(18, 2) -- what the territory could give; null: quota stands in
);
