-- unknown_people: whom the files name and nobody on the roster is
-- grain: one row a table and person that is unknown
-- key: source, table_name, user_key
-- signal: thanks, courses, sessions and forecasts that count for nobody
-- owner: revenue operations
-- not_null: source, table_name, user_key, records
-- gaming: a name that is misspelt on purpose; it is listed here until the roster names it
-- changed: 2026-12-01 first version
with named as (
    select kudos.source, 'kudos' as table_name, kudos.user_key
    from staging.kudos
    union all
    select forecasts.source, 'forecasts' as table_name, forecasts.user_key
    from staging.forecasts
    union all
    select learning.source, 'learning' as table_name, learning.user_key
    from staging.learning
    union all
    select coaching.source, 'coaching' as table_name, coaching.user_key
    from staging.coaching
    union all
    select coaching_actions.source, 'coaching_actions' as table_name, coaching_actions.user_key
    from staging.coaching_actions
    union all
    select contributions.source, 'contributions' as table_name, contributions.user_key
    from staging.contributions
)
select
    named.source, -- the source's name in merit.yml
    named.table_name, -- the staging table
    named.user_key, -- as the file names the person
    count(*) as records -- rows about this person
from named
left join core.rep_identifiers
    on rep_identifiers.source = named.source
    and rep_identifiers.user_key = named.user_key
where named.user_key is not null
    and rep_identifiers.rep_id is null
group by
    named.source,
    named.table_name,
    named.user_key
