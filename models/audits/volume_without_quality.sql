-- volume_without_quality: far more calls and emails than the quarter before, and fewer that something came of
-- grain: one row a rep, period and role measured in both this period and the one before
-- key: source, rep_id, record_id, occurred_at
-- signal: activity for its own sake
-- owner: sales management
-- severity: look
-- test: figures
-- window: period
-- parameters: least: 1
--    volume_up: 0.5
--    quality_down: 0.1
--    samples: 20
-- present: source, rep_id, occurred_at, record_type, record_id, is_suspect, detail, measure, usual, threshold
-- games: raising the volume slowly; the touch rate itself is scored
-- changed: 2026-11-30 first version
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
)
select
    'merit' as source, -- no CRM's: the values are Merit's own
    ordered.rep_id, -- whose values they are
    fn.just_before(ordered.ends_at) as occurred_at, -- the end of the period
    'metric' as record_type, -- a metric's value
    'qualified_touch_rate' as record_id, -- the metric
    ordered.samples >= ordered.samples_before * (1 + fn.as_number(volume.value))
        and ordered.value <= ordered.value_before * (1 - fn.as_number(quality.value)) as is_suspect, -- true: more, and worse
    cast(ordered.samples as string) || ' calls and emails after ' || cast(ordered.samples_before as string)
        || ' in ' || ordered.period_before || ', and a smaller share that something came of' as detail, -- both periods, in words
    cast(ordered.samples as double) as measure, -- calls and emails of the period
    cast(ordered.samples_before as double) as usual, -- of the period before
    cast(ordered.samples_before * (1 + fn.as_number(volume.value)) as double) as threshold, -- from so many on
    cast(null as double) as p_value -- none
from ordered
join plan.settings as volume
    on volume.period = ordered.period
    and volume.metric = 'volume_without_quality'
    and volume.name = 'volume_up'
join plan.settings as quality
    on quality.period = ordered.period
    and quality.metric = 'volume_without_quality'
    and quality.name = 'quality_down'
join plan.settings as samples
    on samples.period = ordered.period
    and samples.metric = 'volume_without_quality'
    and samples.name = 'samples'
where ordered.samples_before >= cast(fn.as_number(samples.value) as bigint)
    and ordered.samples >= cast(fn.as_number(samples.value) as bigint)
    and ordered.value is not null
    and ordered.value_before is not null
