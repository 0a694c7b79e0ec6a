-- surveys: answers to surveys, of customers about the people they deal with and of reps about the programme
-- key: source, answer_id
create table staging.surveys (
    source varchar not null, -- the source's name in merit.yml
    answer_id varchar not null, -- the system's id, one for each question answered
    survey varchar not null, -- which survey
    question varchar not null, -- which question of it
    user_key varchar, -- whom it is about or who answered: e-mail in lower case, or the roster's rep_id, or user_id at the source; null: anonymous
    is_by_customer boolean not null, -- true: a customer answered
    account_id varchar, -- the customer's account
    answered_at timestamp with time zone not null, -- when
    score numeric(38, 9), -- the answer as a number; null: there is none
    scale_max numeric(38, 9) -- the best score that can be given
);
