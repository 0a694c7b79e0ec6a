-- volume_without_quality: far more calls and emails than in the quarters before, most of which nothing came of
-- grain: one row a rep, period and role measured in this period and in one of the four before
-- key: source, rep_id, record_id, occurred_at
-- signal: activity for its own sake
-- owner: sales management
-- severity: look
-- test: figures
-- span: period
-- parameters: least: 1
--    volume_up: 0.25
--    quality_down: 0.1
--    added: 50
--    samples: 20
-- not_null: source, rep_id, occurred_at, record_type, record_id, is_suspect, detail, measure, usual, threshold
-- gaming: raising the volume slowly; the touch rate itself is scored
-- changed: 2026-11-30 first version
--    2026-12-01 beyond what chance does to a share, and against what the others of the role did
--    2026-12-01 against the own last four periods by days worked, and from so many on that nothing came of: a quarter more calls and a worse month happen to everybody
with counted as (
    select
        measures.rep_id,
        measures.role,
        measures.period,
        periods.starts_on,
        periods.ends_at,
        rep_periods.days - rep_periods.leave_days as days,
        measures.samples,
        coalesce(measures.value * measures.samples, 0) as hits
    from scores.measures
    join plan.periods
        on periods.period = measures.period
    join core.rep_periods
        on rep_periods.rep_id = measures.rep_id
        and rep_periods.period = measures.period
        and rep_periods.role = measures.role
    where measures.metric = 'qualified_touch_rate'
),
ordered as (
    select
        counted.rep_id,
        counted.role,
        counted.period,
        counted.ends_at,
        counted.days,
        counted.samples,
        counted.hits,
        sum(counted.days) over earlier as days_before,
        sum(counted.samples) over earlier as samples_before,
        sum(counted.hits) over earlier as hits_before
    from counted
    window earlier as (
        partition by counted.rep_id, counted.role
        order by counted.starts_on
        rows between 4 preceding and 1 preceding
    )
),
-- What is usual for the person in so many days.
expected as (
    select
        ordered.rep_id,
        ordered.role,
        ordered.period,
        ordered.ends_at,
        ordered.samples,
        ordered.samples_before,
        cast(round(ordered.hits) as bigint) as hits,
        cast(round(ordered.hits_before) as bigint) as hits_before,
        fn.ratio(cast(ordered.samples_before as double) * ordered.days, ordered.days_before) as usual
    from ordered
    where ordered.samples_before > 0
        and ordered.samples > 0
        and ordered.days > 0
        and ordered.days_before > 0
),
-- What the others of the role did from one period to the next is no one person's
-- doing: a new dialler makes everybody call more.
beside as (
    select
        expected.rep_id,
        expected.role,
        expected.period,
        expected.ends_at,
        expected.samples,
        expected.samples_before,
        expected.hits,
        expected.hits_before,
        expected.usual,
        expected.usual * fn.larger(
            coalesce(fn.ratio(sum(expected.samples) over peers - expected.samples, sum(expected.usual) over peers - expected.usual), 1),
            cast(1 as double)
        ) as as_the_others
    from expected
    window peers as (partition by expected.role, expected.period)
)
select
    'merit' as source, -- no CRM's: the values are Merit's own
    beside.rep_id, -- whose values they are
    fn.just_before(beside.ends_at) as occurred_at, -- the end of the period
    'metric' as record_type, -- a metric's value
    'qualified_touch_rate' as record_id, -- the metric
    beside.samples >= beside.as_the_others * (1 + fn.as_number(volume.value))
        -- Worse by more than chance makes of so few: the best that the share now may be against the worst that it may have been.
        and fn.wilson_high(beside.hits, cast(beside.samples as bigint))
            <= fn.wilson_low(beside.hits_before, cast(beside.samples_before as bigint)) * (1 - fn.as_number(quality.value))
        -- So many more that nothing came of than the own share before lets expect.
        and beside.samples - beside.hits
            >= beside.as_the_others * (1 - fn.ratio(beside.hits_before, beside.samples_before)) + fn.as_number(added.value) as is_suspect, -- true: more, worse, and by many
    cast(beside.samples as string) || ' calls and emails where ' || cast(cast(round(beside.usual) as bigint) as string)
        || ' were usual in as many days, and a smaller share that something came of' as detail, -- both, in words
    cast(beside.samples as double) as measure, -- calls and emails of the period
    beside.usual as usual, -- in as many days of the four periods before
    cast(beside.as_the_others * (1 + fn.as_number(volume.value)) as double) as threshold, -- from so many on, where the others of the role did as they did
    cast(null as double) as p_value -- none
from beside
join plan.settings as volume
    on volume.period = beside.period
    and volume.metric = 'volume_without_quality'
    and volume.name = 'volume_up'
join plan.settings as quality
    on quality.period = beside.period
    and quality.metric = 'volume_without_quality'
    and quality.name = 'quality_down'
join plan.settings as added
    on added.period = beside.period
    and added.metric = 'volume_without_quality'
    and added.name = 'added'
join plan.settings as samples
    on samples.period = beside.period
    and samples.metric = 'volume_without_quality'
    and samples.name = 'samples'
where beside.samples_before >= cast(fn.as_number(samples.value) as bigint)
    and beside.samples >= cast(fn.as_number(samples.value) as bigint)
