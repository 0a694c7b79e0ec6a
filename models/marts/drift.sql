-- drift: whether a period's values, gaps and volumes are like those of the four periods before
-- grain: one row a period that is over and what was compared: the values or gaps of a role's metric, or the records of a stream
-- key: drift_id
-- signal: a metric that no longer measures what it did, or a stream that broke off, before money is paid by it
-- owner: revenue operations
-- not_null: drift_id, period, kind, subject, now_count, past_count, verdict, is_accepted, stops_publishing, why
-- checks: kinds: kind in ('values', 'gaps', 'volume')
--    verdicts: verdict in ('stable', 'look', 'drifted', 'cannot be told')
--    accepted_in_reviews_csv: not stops_publishing
-- gaming: a slow change over many periods, of which no single one is unlike the four before; a drift that is accepted stays listed with the reason
-- changed: 2026-12-01 first version
with rules as (
    select
        settings.period,
        max(case when settings.name = 'then' then settings.value end) = 'stop' as is_stopping,
        max(case when settings.name = 'values' then cast(fn.as_number(settings.value) as double) end) as most_unlike,
        max(case when settings.name = 'gaps' then cast(fn.as_number(settings.value) as double) end) as most_gaps,
        max(case when settings.name = 'volume' then cast(fn.as_number(settings.value) as double) end) as most_times
    from plan.settings
    where settings.metric = 'drift'
    group by settings.period
),
numbered as (
    select
        periods.period,
        periods.starts_at,
        periods.ends_at,
        row_number() over (order by periods.starts_on) as number
    from plan.periods
    where periods.ends_at <= fn.as_of()
),
-- Each period, and the four before it.
windows as (
    select
        numbered.period,
        looked_at.period as of_period,
        looked_at.starts_at,
        looked_at.ends_at,
        looked_at.number = numbered.number as is_now
    from numbered
    join numbered as looked_at
        on looked_at.number between numbered.number - 4 and numbered.number
    where numbered.number > 4
),
measured as (
    select
        windows.period,
        windows.is_now,
        metric_values.role,
        metric_values.metric,
        metric_values.rep_id,
        windows.of_period,
        metric_values.value
    from windows
    join scores.metric_values
        on metric_values.period = windows.of_period
),
gaps as (
    select
        measured.period,
        measured.role,
        measured.metric,
        sum(case when measured.is_now then 1 else 0 end) as now_count,
        sum(case when measured.is_now then 0 else 1 end) as past_count,
        sum(case when measured.is_now and measured.value is null then 1 else 0 end) as now_gaps,
        sum(case when not measured.is_now and measured.value is null then 1 else 0 end) as past_gaps
    from measured
    group by
        measured.period,
        measured.role,
        measured.metric
),
placed as (
    select
        measured.period,
        measured.role,
        measured.metric,
        measured.value,
        row_number() over (
            partition by measured.period, measured.role, measured.metric
            order by measured.value, measured.of_period, measured.rep_id
        ) as place,
        count(*) over (partition by measured.period, measured.role, measured.metric) as places
    from measured
    where not measured.is_now
        and measured.value is not null
),
-- Up to where a fifth, two fifths … of the past values reach. The fifth ends nowhere.
edges as (
    select
        placed.period,
        placed.role,
        placed.metric,
        max(case when 5 * placed.place <= placed.places then placed.value end) as first_edge,
        max(case when 5 * placed.place <= 2 * placed.places then placed.value end) as second_edge,
        max(case when 5 * placed.place <= 3 * placed.places then placed.value end) as third_edge,
        max(case when 5 * placed.place <= 4 * placed.places then placed.value end) as fourth_edge
    from placed
    group by
        placed.period,
        placed.role,
        placed.metric
),
binned as (
    select
        measured.period,
        measured.role,
        measured.metric,
        case
            when measured.value <= edges.first_edge then 1
            when measured.value <= edges.second_edge then 2
            when measured.value <= edges.third_edge then 3
            when measured.value <= edges.fourth_edge then 4
            else 5
        end as bin,
        sum(case when measured.is_now then 1 else 0 end) as now_count,
        sum(case when measured.is_now then 0 else 1 end) as past_count
    from measured
    join edges
        on edges.period = measured.period
        and edges.role = measured.role
        and edges.metric = measured.metric
    where measured.value is not null
    group by
        measured.period,
        measured.role,
        measured.metric,
        bin
),
shares as (
    select
        binned.period,
        binned.role,
        binned.metric,
        sum(binned.now_count) over measure as now_count,
        sum(binned.past_count) over measure as past_count,
        -- Half a value more in each bin: the logarithm of none is not finite.
        fn.ratio(binned.now_count + 0.5, sum(binned.now_count) over measure + 0.5 * count(*) over measure) as now_share,
        fn.ratio(binned.past_count + 0.5, sum(binned.past_count) over measure + 0.5 * count(*) over measure) as past_share
    from binned
    window measure as (partition by binned.period, binned.role, binned.metric)
),
stabilities as (
    select
        shares.period,
        shares.role,
        shares.metric,
        shares.now_count,
        shares.past_count,
        count(*) as bins,
        sum((shares.now_share - shares.past_share) * ln(fn.ratio(shares.now_share, shares.past_share))) as stability
    from shares
    group by
        shares.period,
        shares.role,
        shares.metric,
        shares.now_count,
        shares.past_count
),
records as (
    select rep_activities.source, 'activities: ' || rep_activities.kind as subject, rep_activities.occurred_at
    from core.rep_activities
    union all
    select stage_changes.source, 'moves of deals' as subject, stage_changes.changed_at as occurred_at
    from core.stage_changes
    union all
    select deals.source, 'deals created' as subject, deals.created_at as occurred_at
    from core.deals
    where not deals.is_deleted
),
volumes as (
    select
        windows.period,
        records.source || ', ' || records.subject as subject,
        sum(case when windows.is_now then 1 else 0 end) as now_count,
        sum(case when windows.is_now then 0 else 1 end) as past_count,
        count(distinct case when not windows.is_now then windows.of_period end) as periods
    from windows
    join records
        on records.occurred_at >= windows.starts_at
        and records.occurred_at < windows.ends_at
    group by
        windows.period,
        records.source || ', ' || records.subject
),
judged as (
    select
        stabilities.period,
        'values' as kind,
        stabilities.role || ', ' || stabilities.metric as subject,
        stabilities.now_count,
        stabilities.past_count,
        stabilities.stability as measure,
        rules.most_unlike as threshold,
        -- Alike samples are that unlike once in 1,000 and in 100 times: chi-square of bins - 1 degrees, by Yurdakul.
        case
            when stabilities.now_count < 8 or stabilities.past_count < 20 then 'cannot be told'
            when stabilities.stability >= rules.most_unlike
                and stabilities.stability >= 18.466827 * (fn.ratio(1, stabilities.now_count) + fn.ratio(1, stabilities.past_count)) then 'drifted'
            when stabilities.stability >= 0.4 * rules.most_unlike
                and stabilities.stability >= 13.276704 * (fn.ratio(1, stabilities.now_count) + fn.ratio(1, stabilities.past_count)) then 'look'
            else 'stable'
        end as verdict,
        'population stability of ' || cast(stabilities.now_count as string) || ' values against ' || cast(stabilities.past_count as string) || ' of the four periods before' as why
    from stabilities
    join rules
        on rules.period = stabilities.period
    union all
    select
        gaps.period,
        'gaps' as kind,
        gaps.role || ', ' || gaps.metric as subject,
        gaps.now_count,
        gaps.past_count,
        fn.ratio(gaps.now_gaps, gaps.now_count) - fn.ratio(gaps.past_gaps, gaps.past_count) as measure,
        rules.most_gaps as threshold,
        case
            when gaps.now_count < 8 or gaps.past_count < 20 then 'cannot be told'
            when fn.ratio(gaps.now_gaps, gaps.now_count) - fn.ratio(gaps.past_gaps, gaps.past_count) >= rules.most_gaps then 'drifted'
            when fn.ratio(gaps.now_gaps, gaps.now_count) - fn.ratio(gaps.past_gaps, gaps.past_count) >= 0.5 * rules.most_gaps then 'look'
            else 'stable'
        end as verdict,
        cast(gaps.now_gaps as string) || ' of ' || cast(gaps.now_count as string) || ' people have no value; it was '
        || cast(gaps.past_gaps as string) || ' of ' || cast(gaps.past_count as string) as why
    from gaps
    join rules
        on rules.period = gaps.period
    union all
    select
        volumes.period,
        'volume' as kind,
        volumes.subject,
        volumes.now_count,
        volumes.past_count,
        fn.ratio(4 * volumes.now_count, volumes.past_count) as measure,
        rules.most_times as threshold,
        case
            when volumes.periods < 4 or volumes.past_count < 80 then 'cannot be told'
            when 4 * volumes.now_count * rules.most_times <= volumes.past_count or 4 * volumes.now_count >= volumes.past_count * rules.most_times then 'drifted'
            when 4 * volumes.now_count * sqrt(rules.most_times) <= volumes.past_count or 4 * volumes.now_count >= volumes.past_count * sqrt(rules.most_times) then 'look'
            else 'stable'
        end as verdict,
        cast(volumes.now_count as string) || ' records; they were ' || fn.digits(fn.number(fn.ratio(volumes.past_count, 4)), 1) || ' a period' as why
    from volumes
    join rules
        on rules.period = volumes.period
)
select
    judged.period || ' ' || judged.kind || ': ' || judged.subject as drift_id, -- what reviews.csv names when it is accepted
    judged.period, -- a fiscal quarter that is over
    judged.kind, -- values (their distribution), gaps (people without a value) or volume (records)
    judged.subject, -- role and metric, or source and stream
    cast(judged.now_count as bigint) as now_count, -- values, people or records of the period
    cast(judged.past_count as bigint) as past_count, -- of the four periods before, together
    judged.measure, -- values: population stability index, five bins; gaps: share without a value, more than before; volume: times the mean of the four
    judged.threshold, -- from where on it has drifted
    judged.verdict, -- stable, look, drifted, or cannot be told: fewer than 8 values now, or 20 before, or 80 records before
    exclusions.record_id is not null as is_accepted, -- true: reviews.csv says why it is right
    exclusions.reason as accepted_because, -- null: nobody has accepted it
    judged.verdict = 'drifted' and rules.is_stopping and exclusions.record_id is null as stops_publishing, -- true: the plan says stop, and nobody has accepted it
    judged.why -- in words
from judged
join rules
    on rules.period = judged.period
left join plan.exclusions
    on exclusions.record_type = 'drift'
    and exclusions.record_id = judged.period || ' ' || judged.kind || ': ' || judged.subject
