-- kudos: thanks between colleagues, and spot awards given by leaders
-- key: source, kudos_id
create table staging.kudos (
    source varchar not null, -- the source's name in merit.yml
    kudos_id varchar not null, -- the system's id
    user_key varchar not null, -- who is thanked: e-mail in lower case, or the roster's rep_id, or user_id at the source
    from_key varchar, -- who thanks, likewise; null: nobody says
    kind varchar not null, -- kudos or spot
    text varchar, -- what for, as everybody may read it
    points bigint, -- that a spot award gives; null: none. No money: what is paid goes through payouts
    given_at timestamp with time zone not null -- when
);
