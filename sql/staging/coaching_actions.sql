-- coaching_actions: what was agreed in a coaching session, and whether it was done
-- key: source, action_id
create table staging.coaching_actions (
    source varchar not null, -- the source's name in merit.yml
    action_id varchar not null, -- the system's id
    session_id varchar, -- the session in which it was agreed
    user_key varchar not null, -- who is to do it: e-mail in lower case, or the roster's rep_id, or user_id at the source
    action varchar, -- what is to be done
    agreed_at timestamp with time zone not null, -- when it was agreed
    due_on date, -- last day for it; null: no deadline
    done_at timestamp with time zone -- when it was done; null: not yet
);
