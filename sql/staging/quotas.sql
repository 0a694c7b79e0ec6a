-- quotas: what a person is to sell in a period, and what the territory could give
-- key: source, quota_id
create table staging.quotas (
    source varchar not null, -- the source's name in merit.yml
    quota_id varchar not null, -- the CRM's id, or made of (user, first day) where it has none
    user_key varchar not null, -- whose: user_id at the source, or e-mail in lower case, or the roster's rep_id
    starts_on date not null, -- first day of the period
    ends_on date not null, -- its last day
    quota numeric(38, 9), -- null: none
    potential numeric(38, 9), -- what the territory could give; null: quota stands in
    currency varchar, -- ISO 4217; null: the company's currency
    changed_at timestamp with time zone -- its last change: of several rows of one person, days and currency the last one counts
);
