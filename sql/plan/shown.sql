-- shown: what people were given or shown by earlier builds, from recognition/shown.jsonl
-- key: kind, id
create table plan.shown (
    kind varchar not null, -- award, action or mission
    id varchar not null, -- award_id, action_id or mission_id
    rep_id varchar not null, -- to whom
    shown_at timestamp with time zone not null, -- the as-of of the first build that showed it
    day_on date, -- the day of a mission
    place bigint, -- a mission's place of the day
    name varchar not null, -- the badge, the kind of action, the mission
    metric varchar, -- name of a model in models/metrics
    source varchar, -- of the record that an action is about
    record_type varchar, -- deal or activity
    record_id varchar, -- the CRM's id
    target double, -- of a mission that counts
    points bigint, -- that it gave, or gives
    gain_points double, -- what the score was to gain by it
    earned_at timestamp with time zone, -- when an award was earned
    span varchar, -- week, month, quarter or challenge
    starts_on date, -- the span's first day
    records varchar, -- the records that an award rested on, SOURCE TYPE ID, separated by ; 
    text varchar not null -- as it was said
);
