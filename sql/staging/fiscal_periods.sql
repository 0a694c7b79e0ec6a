-- fiscal_periods: the company's own fiscal calendar where the CRM keeps one: years that begin in any month, 4-4-5, custom years
-- key: source, period_id
create table staging.fiscal_periods (
    source varchar not null, -- the source's name in merit.yml
    period_id varchar not null, -- the CRM's id
    kind varchar not null, -- year, quarter, month or week
    fiscal_year bigint not null, -- that it belongs to, as the company counts: 2026
    number bigint not null, -- 1 is the first of its kind in the year
    label varchar, -- as the company calls it
    starts_on date not null, -- first day
    ends_on date not null -- last day
);
