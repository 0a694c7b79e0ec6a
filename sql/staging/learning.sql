-- learning: modules that a person was given to learn, and how far they came
-- key: source, learning_id
create table staging.learning (
    source varchar not null, -- the source's name in merit.yml
    learning_id varchar not null, -- the learning system's id, or made of (person, module) where it has none
    user_key varchar not null, -- who: e-mail in lower case, or the roster's rep_id, or user_id at the source
    module varchar not null, -- the module's name or id, as the plan's map of topics says it
    topic varchar, -- what it is about
    assigned_at timestamp with time zone, -- when it was given
    due_on date, -- last day for it; null: no deadline
    completed_at timestamp with time zone, -- when it was done; null: not yet
    score numeric(38, 9), -- 0..1 of the test at its end; null: there is none
    is_required boolean not null -- false: of one's own accord
);
