-- pilot: what a pilot did, beside others alike and beside what was before it
-- grain: one row a pilot that has begun, and metric
-- key: pilot, metric
-- signal: whether the programme works, before everybody is in it
-- owner: revenue operations
-- not_null: pilot, metric, starts_on, ends_on, is_running, n, n_others, verdict, text, computed_at
-- checks: verdicts: verdict in ('better', 'worse', 'no difference found', 'cannot be told')
-- gaming: dates or people chosen once numbers are known; plan.yml is under version control, and the placebo shows who was on the way up anyway
-- changed: 2026-12-01 first version
with measured as (
    select
        comparisons.pilot,
        comparisons.metric,
        comparisons.starts_on,
        comparisons.planned_ends_on,
        comparisons.ends_on,
        metric_definitions.title,
        metric_definitions.better,
        coalesce(effects.n, 0) as n,
        coalesce(effects.n_others, 0) as n_others,
        effects.before,
        effects.after,
        effects.others_before,
        effects.others_after,
        effects.difference,
        effects.low,
        effects.high,
        effects.p_value,
        placebos.difference as placebo_difference,
        placebos.p_value as placebo_p_value,
        coalesce(effects.n >= 5 and effects.n_others >= 5, false) as is_told
    from programme.comparisons
    join scores.metric_definitions
        on metric_definitions.metric = comparisons.metric
    left join programme.differences as effects
        on effects.comparison = comparisons.comparison
        and effects.kind = 'effect'
    left join programme.differences as placebos
        on placebos.comparison = comparisons.comparison
        and placebos.kind = 'placebo'
        and placebos.n >= 5
        and placebos.n_others >= 5
),
judged as (
    select
        measured.pilot,
        measured.metric,
        measured.starts_on,
        measured.planned_ends_on,
        measured.ends_on,
        measured.title,
        measured.n,
        measured.n_others,
        measured.before,
        measured.after,
        measured.others_before,
        measured.others_after,
        measured.difference,
        measured.low,
        measured.high,
        measured.p_value,
        measured.placebo_difference,
        measured.placebo_p_value,
        measured.is_told,
        case
            when not measured.is_told or measured.low is null then 'cannot be told'
            -- Who was on the way up before it began tells nothing of the pilot.
            when measured.placebo_p_value < 0.05 and sign(measured.placebo_difference) = sign(measured.difference) then 'cannot be told'
            when measured.low > 0 then case when measured.better = 'higher' then 'better' else 'worse' end
            when measured.high < 0 then case when measured.better = 'higher' then 'worse' else 'better' end
            else 'no difference found'
        end as verdict
    from measured
)
select
    judged.pilot, -- as plan.yml names it
    judged.metric, -- what it is to move, or must not harm
    judged.starts_on, -- its first day
    judged.planned_ends_on as ends_on, -- its last day
    judged.ends_on < judged.planned_ends_on as is_running, -- true: it is not over; an effect is rarely seen before its fourth week
    cast(judged.n as bigint) as n, -- people who take part and have a value before and after
    cast(judged.n_others as bigint) as n_others, -- others alike who have both
    case when judged.is_told then judged.before end as before, -- mean of the pilots in as many days before; null: fewer than five on a side
    case when judged.is_told then judged.after end as after, -- mean of the pilots since
    case when judged.is_told then judged.others_before end as others_before, -- mean of the others before
    case when judged.is_told then judged.others_after end as others_after, -- mean of the others since
    case when judged.is_told then judged.difference end as did, -- difference in differences: the pilots' mean change less the others', by person
    case when judged.is_told then judged.low end as low, -- lower bound of Welch's 95 % interval
    case when judged.is_told then judged.high end as high, -- its upper bound
    case when judged.is_told then judged.p_value end as p_value, -- of the permutation test
    case when judged.is_told then judged.placebo_difference end as placebo_did, -- the same difference in as many days before it began, when there was nothing to see
    case when judged.is_told then judged.placebo_p_value end as placebo_p_value, -- its p: below 0.05 the two groups were on different ways anyway
    judged.verdict, -- better, worse, no difference found, cannot be told
    case
        when not judged.is_told then 'Cannot be told: ' || cast(judged.n as string) || ' who take part and ' || cast(judged.n_others as string)
            || ' others have a value before and after; it takes five of each.'
        when judged.low is null then 'Cannot be told: nobody differs from anybody.'
        when judged.verdict = 'cannot be told' then 'Cannot be told: those who take part were on another way than the others before it began (p '
            || fn.digits(cast(judged.placebo_p_value as numeric(38, 9)), 4) || ').'
        else judged.title || ': those who take part changed by ' || fn.digits(cast(judged.difference as numeric(38, 9)), 2)
            || ' more than the others (' || fn.digits(cast(judged.low as numeric(38, 9)), 2) || ' to ' || fn.digits(cast(judged.high as numeric(38, 9)), 2)
            || ', p ' || fn.digits(cast(judged.p_value as numeric(38, 9)), 4) || ', ' || cast(judged.n as string) || ' and ' || cast(judged.n_others as string) || ' people)'
            || case when judged.verdict = 'no difference found' then '; that may be chance.' else ': ' || judged.verdict || '.' end
    end as text, -- the same in a sentence
    fn.as_of() as computed_at -- the instant that the numbers speak of
from judged
