-- coaching: sessions in which somebody was coached
-- key: source, session_id
create table staging.coaching (
    source varchar not null, -- the source's name in merit.yml
    session_id varchar not null, -- the system's id
    user_key varchar not null, -- who was coached: e-mail in lower case, or the roster's rep_id, or user_id at the source
    coach_key varchar, -- who coached, likewise
    topic varchar, -- what it was about
    metric varchar, -- name of a model in models/metrics that it is to better
    planned_at timestamp with time zone, -- when it was to take place
    held_at timestamp with time zone, -- when it took place; null: not held
    duration_seconds bigint -- how long
);
