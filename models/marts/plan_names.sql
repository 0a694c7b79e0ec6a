-- plan_names: names in plan.yml and merit.yml that no record of a CRM has, and types of deals whose class nobody has said
-- grain: one row a name and source that lacks it, or a type of a source without a class
-- key: place, source, name
-- signal: a misspelt name is found before it is paid on
-- owner: revenue operations
-- not_null: place, source, name, kind, finding, deals, is_serious, computed_at
-- changed: 2026-12-01 first version
with newest as (
    select max(periods.period) as period
    from plan.periods
),
-- What a demo is, demos_held says, also for what comes of it.
measured as (
    select metrics.metric
    from plan.metrics
    join newest
        on newest.period = metrics.period
    group by metrics.metric
    union distinct
    select 'demos_held' as metric
    from plan.metrics
    join newest
        on newest.period = metrics.period
    where metrics.metric = 'demo_to_proposal'
),
classed as (
    select
        deal_classes.source,
        fn.word(deal_classes.deal_type) as word,
        min(deal_classes.deal_type) as deal_type
    from plan.deal_classes
    group by
        deal_classes.source,
        fn.word(deal_classes.deal_type)
),
typed as (
    select
        deal_classes.source,
        deal_classes.basis,
        coalesce(deal_classes.deal_type, '(none)') as deal_type,
        count(*) as deals
    from core.deal_classes
    where not deal_classes.is_known
    group by
        deal_classes.source,
        deal_classes.basis,
        coalesce(deal_classes.deal_type, '(none)')
),
types as (
    select
        known_names.source,
        string_agg(known_names.name, ', ' order by known_names.records desc, known_names.name) as names
    from core.known_names
    where known_names.kind = 'deal type'
    group by known_names.source
),
findings as (
    select
        'plan.yml, parameters: ' || unmatched_names.metric || ': ' || unmatched_names.name as place,
        unmatched_names.source,
        unmatched_names.value as name,
        unmatched_names.kind,
        'no ' || unmatched_names.kind || ' of ' || unmatched_names.source || ' is called ' || unmatched_names.value || '; there are: ' || unmatched_names.known as finding,
        0 as deals,
        not unmatched_names.are_others_known as is_serious
    from scores.unmatched_names
    join newest
        on newest.period = unmatched_names.period
    join measured
        on measured.metric = unmatched_names.metric
    -- Of several names by which sources call a thing, one is enough for each of them.
    where not (unmatched_names.are_others_known and unmatched_names.is_known_elsewhere)
    union all
    select
        'merit.yml, deal_classes: ' || classed.source as place,
        classed.source,
        classed.deal_type as name,
        'deal type' as kind,
        'no deal of ' || classed.source || ' has the type ' || classed.deal_type || '; there are: ' || coalesce(types.names, 'none') as finding,
        0 as deals,
        false as is_serious
    from classed
    left join core.known_names
        on known_names.source = classed.source
        and known_names.kind = 'deal type'
        and known_names.word = classed.word
    left join types
        on types.source = classed.source
    where known_names.word is null
        and classed.word <> ''
    union all
    select
        'merit.yml, deal_classes: ' || typed.source as place,
        typed.source,
        typed.deal_type as name,
        'deal type' as kind,
        cast(typed.deals as string)
        || case
            when typed.basis = 'no type' then ' further deals of customers of ' || typed.source || ' have no type: say under deal_classes what "" is'
            else ' deals of ' || typed.source || ' have the type ' || typed.deal_type || ', of which nobody has said whether it is new, expansion, renewal or other'
        end as finding,
        typed.deals,
        true as is_serious
    from typed
)
select
    findings.place, -- the file and the setting
    findings.source, -- the source's name in merit.yml
    findings.name, -- the name, or the type
    findings.kind, -- stage, move, subtype, lead source, forecast category, deal field or deal type
    findings.finding, -- what is the matter and what there is, for people
    cast(findings.deals as bigint) as deals, -- deals of the type; 0: it is no type that deals have
    findings.is_serious, -- true: a value is unknown for it; false: other names of the setting match
    fn.as_of() as computed_at -- the instant that the finding speaks of
from findings
