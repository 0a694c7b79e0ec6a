-- unmatched_names: names in the plan that no record of a source has, with what there is instead
-- grain: one row a period, metric, parameter, name and source that lacks it
-- key: period, metric, name, value, source
-- signal: a misspelt stage is no result of 0
-- owner: revenue operations
-- not_null: period, metric, name, value, source, kind, is_known_elsewhere, are_others_known, known
-- checks: kinds: kind in ('stage', 'move', 'subtype', 'lead source', 'forecast category', 'deal field')
-- gaming: a name that matches nothing, to make a weak metric unknown; the payout line is held until it is mended
-- changed: 2026-12-01 first version
with asked as (
    select
        settings.period,
        settings.metric,
        settings.name,
        settings.value,
        metric_names.kind,
        case when metric_names.kind = 'deal field' then settings.value else fn.word(settings.value) end as word
    from scores.metric_names
    join plan.settings
        on settings.metric = metric_names.metric
        and settings.name = metric_names.name
    -- Where another way is named, this one need not be there.
    where not exists (
            select 1
            from plan.settings as others
            where others.period = settings.period
                and others.metric = settings.metric
                and others.name = metric_names.unless_name
        )
        -- What a parameter may say beside names of fields.
        and not (metric_names.kind = 'deal field' and settings.value in ('owner', 'creator', 'amount'))
),
-- Which sources have records of the kind at all.
having_records as (
    select stages.source, 'stage' as kind from staging.stages group by stages.source
    union all
    select stages.source, 'move' as kind from staging.stages group by stages.source
    union all
    select deals.source, 'lead source' as kind from staging.deals group by deals.source
    union all
    select deals.source, 'deal field' as kind from staging.deals group by deals.source
    union all
    select activities.source, 'subtype' as kind from staging.activities group by activities.source
    union all
    select forecasts.source, 'forecast category' as kind from staging.forecasts group by forecasts.source
),
words as (
    select known_names.source, known_names.kind, known_names.word
    from core.known_names
    group by known_names.source, known_names.kind, known_names.word
),
looked_up as (
    select
        asked.period,
        asked.metric,
        asked.name,
        asked.value,
        asked.kind,
        having_records.source,
        words.word is not null as is_known,
        max(case when words.word is null then 0 else 1 end) over (
            partition by asked.period, asked.metric, asked.name, asked.value
        ) = 1 as is_known_anywhere,
        max(case when words.word is null then 0 else 1 end) over (
            partition by asked.period, asked.metric, asked.name, having_records.source
        ) = 1 as are_others_known
    from asked
    join having_records
        on having_records.kind = asked.kind
    left join words
        on words.source = having_records.source
        and words.kind = asked.kind
        and words.word = asked.word
),
ranked as (
    select
        known_names.source,
        known_names.kind,
        known_names.name,
        row_number() over (
            partition by known_names.source, known_names.kind
            order by known_names.records desc, known_names.name
        ) as place
    from core.known_names
),
listed as (
    select
        ranked.source,
        ranked.kind,
        string_agg(ranked.name, ', ' order by ranked.place) as names
    from ranked
    where ranked.place <= 12
    group by
        ranked.source,
        ranked.kind
)
select
    looked_up.period, -- fiscal year and quarter
    looked_up.metric, -- the metric whose parameter it is
    looked_up.name, -- the parameter
    looked_up.value, -- the name that matches nothing
    looked_up.source, -- the source that has no such record
    looked_up.kind, -- stage, move, subtype, lead source, forecast category or deal field
    looked_up.is_known_anywhere as is_known_elsewhere, -- true: another source has it
    looked_up.are_others_known, -- true: the source has another of the parameter's names, so it does not go without
    coalesce(listed.names, 'none') as known -- the dozen that most of the source's records have
from looked_up
left join listed
    on listed.source = looked_up.source
    and listed.kind = case when looked_up.kind = 'move' then 'stage' else looked_up.kind end
where not looked_up.is_known
