-- pilots: groups that try something first
-- key: pilot
create table plan.pilots (
    pilot varchar not null, -- as people read it
    starts_on date not null, -- its first day
    ends_on date not null, -- its last day
    matches_region boolean not null -- true: others are alike in role and region; false: in role
);
