-- pilot_reps: who takes part in a pilot
-- key: pilot, rep_id
create table plan.pilot_reps (
    pilot varchar not null, -- plan.pilots.pilot
    rep_id varchar not null -- plan.reps.rep_id
);
