-- metric_gaps: metrics of which nothing can be said of a rep, since what they are made from was not read
-- grain: one row a rep, period and metric that can't be told
-- key: rep_id, period, metric
-- signal: whether nothing happened, or nothing is known
-- owner: revenue operations
-- not_null: rep_id, period, metric, reason, detail
-- checks: reasons: reason in ('stream left out', 'stream stale', 'unknown reference')
-- gaming: a stream switched off in a bad quarter; what it feeds is unknown then, and holds the payout line
-- changed: 2026-11-30 first version
--    2026-12-01 a name in the plan that no record of a CRM has is an unknown reference
with people as (
    select
        rep_periods.rep_id,
        rep_periods.period
    from core.rep_periods
    group by
        rep_periods.rep_id,
        rep_periods.period
),
with_users as (
    select users.source
    from staging.users
    group by users.source
),
matched as (
    select
        rep_users.rep_id,
        rep_users.source
    from core.rep_users
    group by
        rep_users.rep_id,
        rep_users.source
),
-- A source with users tells of those whom it knows; one without, such as files, of everybody.
reaching as (
    select
        people.rep_id,
        people.period,
        metric_streams.metric,
        streams.source,
        streams.name,
        streams.state,
        streams.read_until,
        with_users.source is null or matched.source is not null as is_reached
    from people
    cross join scores.metric_streams
    join plan.streams
        on streams.name = metric_streams.stream
    left join with_users
        on with_users.source = streams.source
    left join matched
        on matched.rep_id = people.rep_id
        and matched.source = streams.source
),
by_stream as (
    select
        reaching.rep_id,
        reaching.period,
        reaching.metric,
        reaching.name,
        sum(case when reaching.is_reached and reaching.state <> 'left out' then 1 else 0 end) as given,
        sum(case when reaching.state <> 'left out' then 1 else 0 end) as given_to_anybody,
        max(case when reaching.is_reached and reaching.state = 'stale' and reaching.read_until < periods.ends_at then reaching.source end) as stale_source
    from reaching
    join plan.periods
        on periods.period = reaching.period
    group by
        reaching.rep_id,
        reaching.period,
        reaching.metric,
        reaching.name
),
-- What a demo is, demos_held says, also for what comes of it.
unnamed as (
    select
        unmatched_names.period,
        unmatched_names.metric,
        unmatched_names.source,
        unmatched_names.kind,
        unmatched_names.value,
        unmatched_names.known
    from scores.unmatched_names
    where not unmatched_names.are_others_known
    union all
    select
        unmatched_names.period,
        'demo_to_proposal' as metric,
        unmatched_names.source,
        unmatched_names.kind,
        unmatched_names.value,
        unmatched_names.known
    from scores.unmatched_names
    where not unmatched_names.are_others_known
        and unmatched_names.metric = 'demos_held'
),
told as (
    select
        by_stream.rep_id,
        by_stream.period,
        by_stream.metric,
        case
            when by_stream.given_to_anybody = 0 then 'stream left out'
            when by_stream.given = 0 then 'unknown reference'
            else 'stream stale'
        end as reason,
        case
            when by_stream.given_to_anybody = 0 then 'no source gives ' || by_stream.name
            when by_stream.given = 0 then 'no user of a source that gives ' || by_stream.name || ' is this person'
            else by_stream.stale_source || ' has not read ' || by_stream.name || ' as far as its other streams'
        end as detail,
        row_number() over (
            partition by by_stream.rep_id, by_stream.period, by_stream.metric
            order by by_stream.given_to_anybody, by_stream.given, by_stream.name
        ) as place
    from by_stream
    where by_stream.given = 0
        or by_stream.stale_source is not null
    union all
    -- A name that no record of a CRM has is no result of 0.
    select
        people.rep_id,
        people.period,
        unnamed.metric,
        'unknown reference' as reason,
        'no ' || unnamed.kind || ' of ' || unnamed.source || ' is called ' || unnamed.value || '; there are: ' || unnamed.known as detail,
        100 + row_number() over (
            partition by people.rep_id, people.period, unnamed.metric
            order by unnamed.source, unnamed.kind, unnamed.value
        ) as place
    from people
    join matched
        on matched.rep_id = people.rep_id
    join unnamed
        on unnamed.period = people.period
        and unnamed.source = matched.source
),
first_told as (
    select
        told.rep_id,
        told.period,
        told.metric,
        told.reason,
        told.detail,
        row_number() over (
            partition by told.rep_id, told.period, told.metric
            order by told.place
        ) as place
    from told
)
select
    first_told.rep_id, -- the company's own id of the person
    first_told.period, -- fiscal year and quarter
    first_told.metric, -- the metric's name
    first_told.reason, -- stream left out, stream stale or unknown reference
    first_told.detail -- what is missing, in words
from first_told
where first_told.place = 1
