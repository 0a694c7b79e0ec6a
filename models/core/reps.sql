-- reps: everybody who was ever on the roster, as the roster says it last
-- grain: one row a rep
-- key: rep_id
-- signal: the person behind an id
-- owner: revenue operations
-- not_null: rep_id, name, role, first_on, is_active
-- checks: in_order: last_on is null or last_on >= first_on
-- changed: 2026-12-01 first version
with ranked as (
    select
        reps.rep_id,
        reps.name,
        reps.role,
        reps.team,
        reps.region,
        reps.territory,
        reps.shift,
        reps.valid_from,
        reps.valid_to,
        row_number() over (
            partition by reps.rep_id
            -- What begins after the build's day is not so yet; where nothing else is known, it stands in.
            order by case when reps.valid_from <= fn.today() then 0 else 1 end, reps.valid_from desc
        ) as place
    from plan.reps
)
select
    ranked.rep_id, -- the company's own id of the person
    max(case when ranked.place = 1 then ranked.name end) as name, -- as statements show it
    max(case when ranked.place = 1 then ranked.role end) as role, -- the latest
    max(case when ranked.place = 1 then ranked.team end) as team, -- the latest; null: none
    max(case when ranked.place = 1 then ranked.region end) as region, -- the latest; null: none
    max(case when ranked.place = 1 then ranked.territory end) as territory, -- the latest; null: none
    max(case when ranked.place = 1 then ranked.shift end) as shift, -- the latest; null: none
    min(ranked.valid_from) as first_on, -- first day on the roster
    max(case when ranked.place = 1 then ranked.valid_to end) as last_on, -- last day of the latest row; null: still there
    max(case
        when ranked.valid_from <= fn.today() and (ranked.valid_to is null or ranked.valid_to >= fn.today()) then 1
        else 0
    end) = 1 as is_active -- true: on the roster on the build's day
from ranked
group by ranked.rep_id
