-- holidays: days on which nobody has to work, beside Saturdays and Sundays
-- key: source, region, day_on
create table staging.holidays (
    source varchar not null, -- the source's name in merit.yml
    region varchar not null, -- a region of the roster; 'all': everybody
    day_on date not null, -- the day
    name varchar -- for people
);
