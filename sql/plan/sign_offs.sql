-- sign_offs: the scores that a manager has signed off
-- key: sign_off_id
create table plan.sign_offs (
    sign_off_id varchar not null, -- a hash of the rep, the period, the role and what was signed off
    signed_on date not null, -- the day of the signature
    signed_by varchar not null, -- the name of the key that signed
    reason varchar not null -- for people
);
