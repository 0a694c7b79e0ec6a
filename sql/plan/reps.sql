-- reps: the roster; who is in the programme, as what, from when to when; leave with dates is a row of its own
-- key: rep_id, valid_from
create table plan.reps (
    rep_id varchar not null, -- the company's own id of the person
    name varchar not null, -- as statements show it
    role varchar not null, -- a role of plan.yml: ae, sdr, csm, partner
    team varchar, -- for pools and boards
    region varchar, -- for fairness and boards
    territory varchar, -- for normalisation
    shift varchar, -- for boards
    valid_from date not null, -- first day of this row
    valid_to date, -- last day; null: still
    bonus_target numeric(18, 3), -- for a whole period, in currency
    currency varchar not null, -- ISO 4217
    leave_days bigint not null, -- days of leave within this row, taken off in proration
    time_zone varchar -- IANA name, for days of the person's own; null: the reporting zone
);
