-- flag_decisions: what stewards decided on flags, the last decision on each
-- key: flag_id
create table plan.flag_decisions (
    flag_id varchar not null, -- rule, and a hash of the rep and the day or period that it speaks of
    decision varchar not null, -- confirmed, dismissed or reopened
    decided_on date not null, -- the day of the decision
    decided_by varchar not null, -- the name of the key that signed it
    reason varchar not null -- for people
);
