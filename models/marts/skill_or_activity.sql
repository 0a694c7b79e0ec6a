-- skill_or_activity: whether somebody does less than the others, or makes less of it
-- grain: one row a rep, period, role and rate
-- key: rep_id, period, role, metric
-- signal: coaching a skill does not help where there is too little to do it with, and more of it does not help where nothing comes of it
-- owner: sales management
-- not_null: rep_id, period, role, metric, attempts, successes, peers, verdict, text, computed_at
-- checks: verdicts: verdict in ('activity', 'skill', 'both', 'neither', 'cannot be told')
--    nothing_from_nothing: successes <= attempts
-- gaming: many attempts that are none; audits.volume_without_quality flags what rose without its quality
-- changed: 2026-12-01 first version
with worked as (
    select
        working_days.rep_id,
        working_days.period,
        working_days.role,
        count(*) as days
    from core.working_days
    group by
        working_days.rep_id,
        working_days.period,
        working_days.role
),
tried as (
    select
        measures.rep_id,
        measures.period,
        measures.role,
        measures.metric,
        cast(round(measures.denominator, 0) as bigint) as attempts,
        cast(round(measures.numerator, 0) as bigint) as successes,
        worked.days,
        fn.ratio(measures.denominator, worked.days) as volume
    from scores.measures
    join worked
        on worked.rep_id = measures.rep_id
        and worked.period = measures.period
        and worked.role = measures.role
    where measures.metric in ('qualified_touch_rate', 'demo_to_proposal', 'win_rate')
        and coalesce(measures.missing_reason, 'no activity') = 'no activity'
        and worked.days >= 10
),
ordered as (
    select
        tried.rep_id,
        tried.period,
        tried.role,
        tried.metric,
        tried.attempts,
        tried.successes,
        tried.days,
        tried.volume,
        row_number() over (partition by tried.period, tried.role, tried.metric order by tried.volume, tried.rep_id) as place,
        count(*) over (partition by tried.period, tried.role, tried.metric) as people,
        sum(tried.attempts) over (partition by tried.period, tried.role, tried.metric) - tried.attempts as peers_attempts,
        sum(tried.successes) over (partition by tried.period, tried.role, tried.metric) - tried.successes as peers_successes
    from tried
),
middles as (
    select
        ordered.period,
        ordered.role,
        ordered.metric,
        fn.ratio(fn.total(sum(fn.addend(ordered.volume))), count(*)) as volume
    from ordered
    where 2 * ordered.place between ordered.people and ordered.people + 2
    group by
        ordered.period,
        ordered.role,
        ordered.metric
),
-- Attempts come in bursts: how much more they spread than chance alone is taken from the role.
spreads as (
    select
        ordered.period,
        ordered.role,
        ordered.metric,
        fn.ratio(
            fn.total(sum(fn.addend(
                (ordered.attempts - middles.volume * ordered.days) * (ordered.attempts - middles.volume * ordered.days)
            ))),
            fn.total(sum(fn.addend(middles.volume * ordered.days)))
        ) as dispersion
    from ordered
    join middles
        on middles.period = ordered.period
        and middles.role = ordered.role
        and middles.metric = ordered.metric
    group by
        ordered.period,
        ordered.role,
        ordered.metric
),
compared as (
    select
        ordered.rep_id,
        ordered.period,
        ordered.role,
        ordered.metric,
        ordered.attempts,
        ordered.successes,
        ordered.volume,
        ordered.people - 1 as peers,
        middles.volume as middle_volume,
        fn.ratio(ordered.successes, ordered.attempts) as conversion,
        fn.ratio(ordered.peers_successes, ordered.peers_attempts) as peers_conversion,
        fn.wilson_low(ordered.successes, ordered.attempts) as low,
        fn.wilson_high(ordered.successes, ordered.attempts) as high,
        fn.ratio(
            fn.anscombe(ordered.attempts, middles.volume * ordered.days),
            sqrt(fn.smaller(fn.larger(coalesce(spreads.dispersion, 1), cast(1 as double)), cast(4 as double)))
        ) as volume_z
    from ordered
    join middles
        on middles.period = ordered.period
        and middles.role = ordered.role
        and middles.metric = ordered.metric
    join spreads
        on spreads.period = ordered.period
        and spreads.role = ordered.role
        and spreads.metric = ordered.metric
),
judged as (
    select
        compared.rep_id,
        compared.period,
        compared.role,
        compared.metric,
        compared.attempts,
        compared.successes,
        compared.volume,
        compared.peers,
        compared.middle_volume,
        compared.conversion,
        compared.peers_conversion,
        compared.low,
        compared.high,
        compared.volume_z,
        coalesce(compared.volume_z < -1.959963984540054 and compared.volume < 0.75 * compared.middle_volume, false) as is_little,
        coalesce(compared.high < compared.peers_conversion, false) as is_poor,
        case
            when compared.peers < 5 then 'fewer than five others are in the role'
            when compared.attempts < 10 and not coalesce(compared.volume_z < -1.959963984540054, false) then 'there were fewer than 10 attempts'
            when compared.middle_volume = 0 or compared.peers_conversion is null then 'the others have none either'
        end as untold
    from compared
)
select
    judged.rep_id, -- the company's own id of the person
    judged.period, -- fiscal year and quarter
    judged.role, -- a role of plan.yml
    judged.metric, -- the rate that the attempts end in: qualified_touch_rate, demo_to_proposal or win_rate
    judged.attempts, -- touches, demos or closed deals
    judged.successes, -- of them, what came to something
    judged.volume, -- attempts a working day
    case when judged.peers >= 5 then judged.middle_volume end as middle_volume, -- of the one in the middle of the role; null: fewer than five others
    judged.conversion, -- successes ÷ attempts; null: no attempt
    judged.low, -- lower bound of its 95 % interval
    judged.high, -- its upper bound
    case when judged.peers >= 5 then judged.peers_conversion end as peers_conversion, -- of all the others of the role together
    judged.volume_z, -- how many standard deviations the attempts lie above what is usual in the role, bursts allowed for
    cast(judged.peers as bigint) as peers, -- others of the role
    case
        when judged.untold is not null then 'cannot be told'
        when judged.is_little and judged.is_poor then 'both'
        when judged.is_little then 'activity'
        when judged.is_poor then 'skill'
        when judged.attempts < 20 then 'cannot be told'
        else 'neither'
    end as verdict, -- activity (too few attempts), skill (too little comes of them), both, neither, cannot be told
    case
        when judged.untold is not null then 'Cannot be told: ' || judged.untold || '.'
        when judged.is_little and judged.is_poor then 'Too few attempts, and less comes of them than of others''.'
        when judged.is_little then 'Too few attempts: ' || fn.digits(cast(judged.volume as numeric(38, 9)), 2) || ' a working day, '
            || fn.digits(cast(judged.middle_volume as numeric(38, 9)), 2) || ' in the middle of the role; that what is tried succeeds less often cannot be told.'
        when judged.is_poor then 'Attempts enough; of them ' || fn.digits(cast(judged.conversion as numeric(38, 9)), 2)
            || ' came to something (' || fn.digits(cast(judged.low as numeric(38, 9)), 2) || ' to ' || fn.digits(cast(judged.high as numeric(38, 9)), 2)
            || '), of the others'' ' || fn.digits(cast(judged.peers_conversion as numeric(38, 9)), 2) || '.'
        when judged.attempts < 20 then 'Cannot be told: ' || cast(judged.attempts as string) || ' attempts are too few to tell a skill by.'
        else 'Neither: no fewer attempts than usual, and no less comes of them as far as can be told.'
    end as text, -- the same in a sentence
    fn.as_of() as computed_at -- the instant that the numbers speak of
from judged
