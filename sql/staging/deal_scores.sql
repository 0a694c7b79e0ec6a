-- deal_scores: each score that a deal or the lead it came from was given, so that the score of a day is known later
-- key: source, score_id
create table staging.deal_scores (
    source varchar not null, -- the source's name in merit.yml
    score_id varchar not null, -- the CRM's id of the history row, or made of (deal, instant) where it has none
    deal_id varchar not null, -- the deal
    scored_at timestamp with time zone not null, -- when it took this score; it holds until the next
    ordinal bigint not null, -- order among scores of one instant; higher is later
    score numeric(38, 9) -- as the CRM counts; null: taken away
);
