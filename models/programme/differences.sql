-- differences: by how much the pilots' changes differ from the others', with Welch's interval and a permutation's p
-- grain: one row a comparison and kind
-- key: comparison, kind
-- signal: difference in differences by person
-- owner: revenue operations
-- not_null: comparison, kind, n, n_others
-- gaming: none of its own
-- changed: 2026-12-01 first version
with sides as (
    select
        person_changes.comparison,
        person_changes.kind,
        person_changes.is_pilot,
        count(*) as people,
        fn.ratio(fn.total(sum(fn.addend(person_changes.before))), count(*)) as before,
        fn.ratio(fn.total(sum(fn.addend(person_changes.after))), count(*)) as after,
        fn.ratio(fn.total(sum(fn.addend(person_changes.change))), count(*)) as mean
    from programme.person_changes
    group by
        person_changes.comparison,
        person_changes.kind,
        person_changes.is_pilot
),
spreads as (
    select
        sides.comparison,
        sides.kind,
        sides.is_pilot,
        sides.people,
        sides.before,
        sides.after,
        sides.mean,
        fn.ratio(
            fn.total(sum(fn.addend((person_changes.change - sides.mean) * (person_changes.change - sides.mean)))),
            sides.people - 1
        ) as variance
    from sides
    join programme.person_changes
        on person_changes.comparison = sides.comparison
        and person_changes.kind = sides.kind
        and person_changes.is_pilot = sides.is_pilot
    group by
        sides.comparison,
        sides.kind,
        sides.is_pilot,
        sides.people,
        sides.before,
        sides.after,
        sides.mean
),
paired as (
    select
        pilots.comparison,
        pilots.kind,
        pilots.people as n,
        others.people as n_others,
        pilots.before,
        pilots.after,
        others.before as others_before,
        others.after as others_after,
        pilots.mean - others.mean as difference,
        fn.ratio(pilots.variance, pilots.people) as pilots_error,
        fn.ratio(others.variance, others.people) as others_error
    from spreads as pilots
    join spreads as others
        on others.comparison = pilots.comparison
        and others.kind = pilots.kind
        and not others.is_pilot
    where pilots.is_pilot
),
tested as (
    select
        paired.comparison,
        paired.kind,
        paired.n,
        paired.n_others,
        paired.before,
        paired.after,
        paired.others_before,
        paired.others_after,
        paired.difference,
        sqrt(paired.pilots_error + paired.others_error) as standard_error,
        fn.ratio(
            (paired.pilots_error + paired.others_error) * (paired.pilots_error + paired.others_error),
            fn.ratio(paired.pilots_error * paired.pilots_error, paired.n - 1) + fn.ratio(paired.others_error * paired.others_error, paired.n_others - 1)
        ) as df
    from paired
),
digits as (
    select 0 as digit union all select 1 union all select 2 union all select 3 union all select 4
    union all select 5 union all select 6 union all select 7 union all select 8 union all select 9
),
draws as (
    select 100 * hundreds.digit + 10 * tens.digit + ones.digit as draw
    from digits as hundreds
    cross join digits as tens
    cross join digits as ones
    where 100 * hundreds.digit + 10 * tens.digit + ones.digit < 999
),
-- The order of a draw follows from the names alone: two builds draw the same.
drawn as (
    select
        person_changes.comparison,
        person_changes.kind,
        draws.draw,
        person_changes.change,
        row_number() over (
            partition by person_changes.comparison, person_changes.kind, draws.draw
            order by fn.short_hash(person_changes.comparison || cast(draws.draw as string) || person_changes.rep_id), person_changes.rep_id
        ) as place
    from programme.person_changes
    cross join draws
),
redrawn as (
    select
        drawn.comparison,
        drawn.kind,
        drawn.draw,
        abs(
            fn.ratio(fn.total(sum(fn.addend(case when drawn.place <= tested.n then drawn.change else 0 end))), tested.n)
            - fn.ratio(fn.total(sum(fn.addend(case when drawn.place <= tested.n then 0 else drawn.change end))), tested.n_others)
        ) >= abs(tested.difference) - 0.000000001 as is_as_far
    from drawn
    join tested
        on tested.comparison = drawn.comparison
        and tested.kind = drawn.kind
    group by
        drawn.comparison,
        drawn.kind,
        drawn.draw,
        tested.n,
        tested.n_others,
        tested.difference
),
permuted as (
    select
        redrawn.comparison,
        redrawn.kind,
        fn.ratio(1 + sum(case when redrawn.is_as_far then 1 else 0 end), 1 + count(*)) as p_value
    from redrawn
    group by
        redrawn.comparison,
        redrawn.kind
)
select
    tested.comparison, -- the pilot and the metric
    tested.kind, -- effect, or placebo
    cast(tested.n as bigint) as n, -- people who take part and have both windows
    cast(tested.n_others as bigint) as n_others, -- others alike who have both windows
    tested.before, -- mean of the pilots in the earlier window
    tested.after, -- mean of the pilots in the later window
    tested.others_before, -- mean of the others in the earlier window
    tested.others_after, -- mean of the others in the later window
    tested.difference, -- mean change of the pilots less mean change of the others
    tested.difference - fn.t_975(tested.df) * tested.standard_error as low, -- lower bound of Welch's 95 % interval; null: no spread to tell it by
    tested.difference + fn.t_975(tested.df) * tested.standard_error as high, -- its upper bound
    tested.df, -- degrees of freedom after Welch and Satterthwaite
    permuted.p_value -- the share of 999 random divisions into as many pilots and others, and this one, that differ as much
from tested
left join permuted
    on permuted.comparison = tested.comparison
    and permuted.kind = tested.kind
