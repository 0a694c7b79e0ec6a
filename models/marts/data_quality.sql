-- data_quality: what came and was not believed, not known or not counted, with what it touches and what to do
-- grain: one row a value, or an unknown name
-- key: kind, source, table_name, record_id, column_name, value, reason
-- signal: whether the numbers beside this table stand on all that the CRMs hold
-- owner: revenue operations
-- not_null: kind, source, table_name, record_id, column_name, value, reason, records, touches, what_to_do, computed_at
-- checks: kinds: kind in ('rejected value', 'set aside', 'future stamp', 'unknown stage', 'unknown pipeline', 'unknown owner', 'unknown account', 'unknown currency', 'unknown person', 'user without a rep', 'pipeline without a won stage', 'stage unlike its history', 'born closed')
-- changed: 2026-12-01 first version
with pipelines_of_deals as (
    select
        deals.source,
        deals.pipeline_id,
        count(*) as deals_in_it
    from core.deals
    where not deals.is_deleted
    group by
        deals.source,
        deals.pipeline_id
),
won_stages as (
    select
        stages.source,
        stages.pipeline_id,
        sum(case when stages.is_won then 1 else 0 end) as won_stages
    from core.stages
    group by
        stages.source,
        stages.pipeline_id
),
findings as (
    select
        case
            when rejects.found_in = 'lake' then 'rejected value'
            when rejects.effect = 'none' then 'future stamp'
            else 'set aside'
        end as kind,
        rejects.source,
        rejects.table_name,
        rejects.record_key as record_id,
        rejects.column_name,
        substr(rejects.value, 1, 100) as value,
        rejects.reason,
        1 as records,
        case rejects.effect
            when 'no record' then 'the whole record: no number counts it'
            when 'none' then 'the as-of, which it does not move'
            else 'every number that is made of ' || rejects.table_name || '.' || rejects.column_name
        end as touches,
        case
            when rejects.found_in = 'lake' then 'correct the value at the source, or the form in which it is exported'
            when rejects.effect = 'none' then 'correct the date at the source'
            else 'correct the value at the source'
        end as what_to_do
    from staging.rejects
    union all
    select
        'unknown ' || unknown_references.kind as kind,
        unknown_references.source,
        case unknown_references.kind when 'stage' then 'stages' when 'pipeline' then 'stages' when 'owner' then 'users' when 'account' then 'accounts' else 'rates' end as table_name,
        unknown_references.reference as record_id,
        unknown_references.kind as column_name,
        unknown_references.reference as value,
        'no list of the source has it' as reason,
        unknown_references.records,
        case unknown_references.kind
            when 'stage' then 'moves into and out of it count neither forward nor back: stage_advances, stage_to_stage_days'
            when 'pipeline' then 'moves in it count neither forward nor back: stage_advances, stage_to_stage_days, win_rate'
            when 'owner' then 'its records are credited to nobody on the roster'
            when 'account' then 'what is told of an account is told of less: renewals, expansion, activities'
            else 'amounts in it are in no sum'
        end as touches,
        case unknown_references.kind
            when 'stage' then 'give the stage back to its pipeline at the source, or drop a file of stages that names it'
            when 'pipeline' then 'let the integration user read the pipeline, or drop a file of stages that names it'
            when 'owner' then 'let the integration user read all users, or name the id in roster.csv'
            when 'account' then 'let the integration user read all accounts'
            else 'give a rate, at the source or in a file of rates'
        end as what_to_do
    from core.unknown_references
    union all
    select
        'unknown person' as kind,
        unknown_people.source,
        unknown_people.table_name,
        unknown_people.user_key as record_id,
        'user_key' as column_name,
        unknown_people.user_key as value,
        'nobody on the roster goes by it' as reason,
        unknown_people.records,
        case unknown_people.table_name
            when 'kudos' then 'no award is given for it: awards, recognition_feed'
            else 'it counts for nobody: every number that is made of ' || unknown_people.table_name
        end as touches,
        'correct the name in the file, or name the person in roster.csv under crm_users' as what_to_do
    from core.unknown_people
    union all
    select
        'user without a rep' as kind,
        unmatched_users.source,
        'users' as table_name,
        unmatched_users.user_id as record_id,
        'rep_id' as column_name,
        coalesce(unmatched_users.name, unmatched_users.user_id) as value,
        'the roster does not name this user' as reason,
        unmatched_users.deals + unmatched_users.activities as records,
        'its records are credited to nobody on the roster' as touches,
        'name the user in roster.csv, or give its records to somebody' as what_to_do
    from core.unmatched_users
    where unmatched_users.deals + unmatched_users.activities > 0
    union all
    -- A list of stages may come without saying which of them is won: of HubSpot's, what has no probability.
    select
        'pipeline without a won stage' as kind,
        pipelines_of_deals.source,
        'stages' as table_name,
        pipelines_of_deals.pipeline_id as record_id,
        'is_won' as column_name,
        pipelines_of_deals.pipeline_id as value,
        'none of its stages is won' as reason,
        pipelines_of_deals.deals_in_it as records,
        'no deal of it can be won: closed_won_arr, win_rate and all that counts wins' as touches,
        'mark the won stage at the source, by a probability of 100 %, or in the file of stages' as what_to_do
    from pipelines_of_deals
    join won_stages
        on won_stages.source = pipelines_of_deals.source
        and won_stages.pipeline_id = pipelines_of_deals.pipeline_id
    where won_stages.won_stages = 0
    union all
    -- The two are read at different moments, and history may be incomplete; numbers by stage then differ from those by moves.
    select
        'stage unlike its history' as kind,
        deals.source,
        'deals' as table_name,
        deals.deal_id as record_id,
        'stage_id' as column_name,
        deals.stage_id as value,
        'the last stage of its history is ' || stage_visits.stage_id as reason,
        1 as records,
        'what is open, won or lost goes by the stage of today; moves and stays go by the history' as touches,
        'read the source again with `merit read --full`; if it stays so, ask the source' as what_to_do
    from core.deals
    join core.stage_visits
        on stage_visits.source = deals.source
        and stage_visits.deal_id = deals.deal_id
    where stage_visits.exited_at is null
        and stage_visits.stage_id <> deals.stage_id
        and not deals.is_deleted
    union all
    select
        'born closed' as kind,
        deals.source,
        'deals' as table_name,
        deals.deal_id as record_id,
        'closed_at' as column_name,
        cast(deals.closed_at as string) as value,
        'its oldest known row is closed already: it was closed by then, not then' as reason,
        1 as records,
        'closed_won_arr, win_rate and all that counts closings: it counts on its close date, where that is earlier' as touches,
        'exclude it in reviews.csv if it was won and paid elsewhere' as what_to_do
    from core.deals
    where deals.is_born_closed
        and not deals.is_deleted
)
select
    findings.kind, -- born closed, rejected value, set aside, future stamp, unknown stage, pipeline, owner, account, currency or person, user without a rep, pipeline without a won stage, or stage unlike its history
    findings.source, -- the source's name in merit.yml
    findings.table_name, -- the lake's or the staging table
    findings.record_id, -- the record, or the name that is unknown
    findings.column_name, -- the column
    findings.value, -- as it came, its first 100 characters
    findings.reason, -- why it is not believed, not known or not counted
    cast(sum(findings.records) as bigint) as records, -- records that it is about
    max(findings.touches) as touches, -- which numbers it makes smaller
    max(findings.what_to_do) as what_to_do, -- what mends it
    fn.as_of() as computed_at -- the instant that the numbers speak of
from findings
group by
    findings.kind,
    findings.source,
    findings.table_name,
    findings.record_id,
    findings.column_name,
    findings.value,
    findings.reason
