-- person_changes: what changed for each person of a comparison, and in the same span before it
-- grain: one row a comparison, kind and person
-- key: comparison, kind, rep_id
-- signal: a person is one observation, however many weeks there are
-- owner: revenue operations
-- not_null: comparison, kind, rep_id, is_pilot, before, after, change
-- checks: kinds: kind in ('effect', 'placebo')
-- gaming: none of its own
-- changed: 2026-12-01 first version
with moved as (
    select
        comparison_people.comparison,
        'effect' as kind,
        comparison_people.rep_id,
        comparison_people.is_pilot,
        before.value as before,
        after.value as after
    from programme.comparison_people
    join programme.window_values as before
        on before.window_id = comparison_people.comparison || ':before'
        and before.rep_id = comparison_people.rep_id
    join programme.window_values as after
        on after.window_id = comparison_people.comparison || ':after'
        and after.rep_id = comparison_people.rep_id
    union all
    select
        comparison_people.comparison,
        'placebo' as kind,
        comparison_people.rep_id,
        comparison_people.is_pilot,
        before.value as before,
        after.value as after
    from programme.comparison_people
    join programme.window_values as before
        on before.window_id = comparison_people.comparison || ':placebo'
        and before.rep_id = comparison_people.rep_id
    join programme.window_values as after
        on after.window_id = comparison_people.comparison || ':before'
        and after.rep_id = comparison_people.rep_id
)
select
    moved.comparison, -- the pilot and the metric
    moved.kind, -- effect: from before to after; placebo: as long a span earlier, when there was nothing yet
    moved.rep_id, -- the company's own id of the person
    moved.is_pilot, -- true: takes part
    moved.before, -- the value of the earlier window
    moved.after, -- the value of the later window
    moved.after - moved.before as change -- after less before
from moved
where moved.before is not null
    and moved.after is not null
