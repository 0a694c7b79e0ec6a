-- metric_gaps: metrics of which nothing can be said of a rep, since what they are made from was not read
-- grain: one row a rep, period and metric that can't be told
-- key: rep_id, period, metric
-- signal: whether nothing happened, or nothing is known
-- owner: revenue operations
-- present: rep_id, period, metric, reason, detail
-- checks: reasons: reason in ('stream left out', 'stream stale', 'unknown reference')
-- games: a stream switched off in a bad quarter; what it feeds is unknown then, and holds the payout line
-- changed: 2026-11-30 first version
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
)
select
    told.rep_id, -- the company's own id of the person
    told.period, -- fiscal year and quarter
    told.metric, -- the metric's name
    told.reason, -- stream left out, stream stale or unknown reference
    told.detail -- what is missing, in words
from told
where told.place = 1
