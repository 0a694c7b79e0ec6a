-- learning_retention: what stayed of a module, where its test was taken more than once
-- grain: one row a rep and module that was completed with a score
-- key: rep_id, module
-- signal: what is learned once and forgotten helps nobody
-- owner: sales enablement
-- not_null: rep_id, module, tests, first_score, last_score, first_on, last_on, why
-- checks: in_order: first_on <= last_on
--    tested: tests >= 1
-- gaming: the same test by heart; modules with questions that change tell more
-- changed: 2026-12-01 first version
with tests as (
    select
        rep_identifiers.rep_id,
        learning.module,
        learning.score,
        learning.completed_at,
        row_number() over (partition by rep_identifiers.rep_id, learning.module order by learning.completed_at, learning.source, learning.learning_id) as place,
        count(*) over (partition by rep_identifiers.rep_id, learning.module) as places
    from staging.learning
    join core.rep_identifiers
        on rep_identifiers.source = learning.source
        and rep_identifiers.user_key = learning.user_key
    where learning.score is not null
        and learning.completed_at <= fn.as_of()
),
sides as (
    select
        tests.rep_id,
        tests.module,
        max(tests.places) as times_tested,
        max(case when tests.place = 1 then tests.score end) as first_score,
        max(case when tests.place = tests.places then tests.score end) as last_score,
        min(tests.completed_at) as first_at,
        max(tests.completed_at) as last_at
    from tests
    group by
        tests.rep_id,
        tests.module
)
select
    sides.rep_id, -- the company's own id of the person
    sides.module, -- as the learning system names it
    cast(sides.times_tested as bigint) as tests, -- times that it was completed with a score
    cast(sides.first_score as numeric(18, 6)) as first_score, -- 0..1
    cast(sides.last_score as numeric(18, 6)) as last_score, -- 0..1
    fn.day(sides.first_at) as first_on, -- the day of the first
    fn.day(sides.last_at) as last_on, -- the day of the last
    case when sides.times_tested > 1 then round(fn.ratio(sides.last_score, sides.first_score), 6) end as retained, -- last ÷ first: 1 is all of it, more is more; null: one test says nothing of what stays
    case
        when sides.times_tested = 1 then 'one test, so nothing is known of what stayed'
        else cast(sides.times_tested as string) || ' tests: ' || fn.digits(sides.first_score, 2) || ' at first, ' || fn.digits(sides.last_score, 2) || ' '
            || cast(fn.whole_days(fn.day(sides.first_at), fn.day(sides.last_at)) as string) || ' days later'
    end as why -- in a sentence
from sides
