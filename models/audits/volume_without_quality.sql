-- volume_without_quality: far more calls and emails than the quarter before, and fewer that something came of
-- grain: one row a rep, period and role measured in both this period and the one before
-- key: source, rep_id, record_id, occurred_at
-- signal: activity for its own sake
-- owner: sales management
-- severity: look
-- test: figures
-- span: period
-- parameters: least: 1
--    volume_up: 0.5
--    quality_down: 0.1
--    samples: 20
-- not_null: source, rep_id, occurred_at, record_type, record_id, is_suspect, detail, measure, usual, threshold
-- gaming: raising the volume slowly; the touch rate itself is scored
-- changed: 2026-11-30 first version
--    2026-12-01 beyond what chance does to a share, and against what the others of the role did
with ordered as (
    select
        measures.rep_id,
        measures.role,
        measures.period,
        measures.samples,
        measures.value,
        periods.ends_at,
        lag(measures.period) over earlier as period_before,
        lag(measures.samples) over earlier as samples_before,
        lag(measures.value) over earlier as value_before
    from scores.measures
    join plan.periods
        on periods.period = measures.period
    where measures.metric = 'qualified_touch_rate'
    window earlier as (
        partition by measures.rep_id, measures.role
        order by periods.starts_on
    )
),
-- What the others of the role did from one period to the next is no one person's
-- doing: a new dialler makes everybody call more.
beside as (
    select
        ordered.rep_id,
        ordered.role,
        ordered.period,
        ordered.ends_at,
        ordered.period_before,
        ordered.samples,
        ordered.samples_before,
        cast(round(ordered.value * ordered.samples) as bigint) as hits,
        cast(round(ordered.value_before * ordered.samples_before) as bigint) as hits_before,
        fn.larger(
            coalesce(fn.ratio(sum(ordered.samples) over peers - ordered.samples, sum(ordered.samples_before) over peers - ordered.samples_before), 1),
            cast(1 as double)
        ) as growth
    from ordered
    where ordered.samples_before > 0
        and ordered.samples > 0
        and ordered.value is not null
        and ordered.value_before is not null
    window peers as (partition by ordered.role, ordered.period)
)
select
    'merit' as source, -- no CRM's: the values are Merit's own
    beside.rep_id, -- whose values they are
    fn.just_before(beside.ends_at) as occurred_at, -- the end of the period
    'metric' as record_type, -- a metric's value
    'qualified_touch_rate' as record_id, -- the metric
    beside.samples >= beside.samples_before * beside.growth * (1 + fn.as_number(volume.value))
        -- Worse by more than chance makes of so few: the best that the share now may be against the worst that it may have been.
        and fn.wilson_high(beside.hits, cast(beside.samples as bigint))
            <= fn.wilson_low(beside.hits_before, cast(beside.samples_before as bigint)) * (1 - fn.as_number(quality.value)) as is_suspect, -- true: more, and worse
    cast(beside.samples as string) || ' calls and emails after ' || cast(beside.samples_before as string)
        || ' in ' || beside.period_before || ', and a smaller share that something came of' as detail, -- both periods, in words
    cast(beside.samples as double) as measure, -- calls and emails of the period
    cast(beside.samples_before as double) as usual, -- of the period before
    cast(beside.samples_before * beside.growth * (1 + fn.as_number(volume.value)) as double) as threshold, -- from so many on, where the others of the role did as they did
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
join plan.settings as samples
    on samples.period = beside.period
    and samples.metric = 'volume_without_quality'
    and samples.name = 'samples'
where beside.samples_before >= cast(fn.as_number(samples.value) as bigint)
    and beside.samples >= cast(fn.as_number(samples.value) as bigint)
