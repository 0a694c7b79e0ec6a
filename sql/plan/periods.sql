-- periods: the fiscal quarters that are scored, with the plan in force
-- key: period
create table plan.periods (
    period varchar not null, -- 2026-Q1: fiscal year and quarter
    starts_on date not null, -- first day
    ends_on date not null, -- last day
    starts_at timestamp with time zone not null, -- midnight of the first day in the reporting zone
    ends_at timestamp with time zone not null, -- midnight after the last day: not in the period any more
    days bigint not null, -- calendar days
    plan_version varchar not null, -- the version of plan.yml in force on the last day
    plan_hash varchar not null, -- SHA-256 of that version's text
    minimum_weight numeric(9, 4), -- of 100 that has to be scored for a tier; null: any
    below_minimum_weight varchar -- unpaid or hold: what becomes of the line below it
);
