-- streams: which staging tables each source fills, and up to when
-- key: source, name
create table plan.streams (
    source varchar not null, -- the source's name in merit.yml
    name varchar not null, -- a staging table
    state varchar not null, -- fresh, stale (read less far than the source's other streams) or left out (the source gives no rows for it)
    read_until timestamp with time zone -- everything that changed up to then was read; null: the source does not say
);
