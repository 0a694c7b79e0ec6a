-- as_of: the instant that this build speaks of, one row
create table plan.as_of (
    as_of_at timestamp with time zone not null, -- nothing later counts
    today_on date not null, -- its calendar date in the reporting zone
    time_zone varchar not null, -- the reporting zone, IANA name
    currency varchar not null -- the company's, ISO 4217
);
