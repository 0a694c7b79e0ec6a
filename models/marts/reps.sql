-- reps: everybody who was ever on the roster, with the latest role and team
-- grain: one row a rep
-- key: rep_id
-- signal: the person behind an id
-- owner: revenue operations
-- not_null: rep_id, name, role, first_on, is_active, computed_at
-- form: view
-- changed: 2026-12-01 first version
select
    reps.rep_id, -- the company's own id of the person
    reps.name, -- as statements show it
    reps.role, -- a role of plan.yml, the latest
    reps.team, -- the latest; null: none
    reps.region, -- the latest; null: none
    reps.territory, -- the latest; null: none
    reps.shift, -- the latest; null: none
    reps.first_on, -- first day on the roster
    reps.last_on, -- last day of the latest stretch; null: still there
    reps.is_active, -- true: on the roster on the build's day
    fn.as_of() as computed_at -- the instant that the numbers speak of
from core.reps
