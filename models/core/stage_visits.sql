-- stage_visits: each stay of a deal in a stage, in order
-- grain: one row a stay
-- key: source, deal_id, visit_number
-- signal: where deals go, where they stand still and where they turn back
-- owner: revenue operations
-- not_null: source, deal_id, visit_number, pipeline_id, pipeline_version, stage_id, stage, is_closed, is_won, entered_at, direction, skipped, is_new_furthest, is_reentry, is_reopening, is_owner_forgotten, is_tied, is_truncated, is_deleted
-- checks: left_after_it_was_entered: exited_at is null or exited_at >= entered_at
--    directions: direction in ('first', 'forward', 'backward', 'reentry', 'lost', 'other pipeline', 'unknown')
--    skips_are_forward: skipped = 0 or direction = 'forward'
--    furthest_is_forward: not is_new_furthest or direction in ('first', 'forward')
-- gaming: stages walked through in one minute; the days of each stay show it, and ties are marked
-- changed: 2026-11-22 first version
--    2026-11-22 judged by the pipeline as it was at the time, where the CRM tells
--    2026-12-01 judged by the pipeline that the deal was in then; coming from another one is a direction of its own
with remembered as (
    select
        stage_changes.source,
        stage_changes.deal_id
    from core.stage_changes
    group by
        stage_changes.source,
        stage_changes.deal_id
),
entries as (
    select
        stage_changes.source,
        stage_changes.deal_id,
        stage_changes.change_id,
        stage_changes.stage_id,
        stage_changes.changed_at as entered_at,
        stage_changes.ordinal,
        stage_changes.changed_by,
        stage_changes.changed_through,
        stage_changes.is_truncated
    from core.stage_changes
    union all
    -- A deal without any history has been in today's stage since it was made, as far as anybody knows; in a closed one since it closed.
    select
        deals.source,
        deals.deal_id,
        cast(null as string) as change_id,
        deals.stage_id,
        case
            when stages.is_closed and coalesce(deals.closed_at, fn.midnight(deals.close_on)) <= fn.as_of()
                then coalesce(deals.closed_at, fn.midnight(deals.close_on))
            else deals.created_at
        end as entered_at,
        0 as ordinal,
        deals.created_by as changed_by,
        cast(null as string) as changed_through,
        true as is_truncated
    from staging.deals
    left join remembered
        on remembered.source = deals.source
        and remembered.deal_id = deals.deal_id
    left join core.stages
        on stages.source = deals.source
        and stages.pipeline_id = deals.pipeline_id
        and stages.stage_id = deals.stage_id
    where remembered.deal_id is null
        and deals.stage_id is not null
        and deals.created_at <= fn.as_of()
),
-- How often it had been there is counted on the few columns that this takes.
counted as (
    select
        entries.source,
        entries.deal_id,
        entries.change_id,
        entries.stage_id,
        entries.entered_at,
        entries.ordinal,
        entries.changed_by,
        entries.changed_through,
        entries.is_truncated,
        row_number() over (
            partition by entries.source, entries.deal_id, entries.stage_id
            order by entries.entered_at, entries.ordinal, entries.change_id
        ) as stay_in_stage
    from entries
),
-- The pipelines of a deal that went from one to another; all other deals are in today's.
moved as (
    select
        deal_value_spans.source,
        deal_value_spans.deal_id
    from core.deal_value_spans
    where deal_value_spans.field = 'pipeline'
        and deal_value_spans.change_number > 1
    group by
        deal_value_spans.source,
        deal_value_spans.deal_id
),
pipeline_spans as (
    select
        deal_value_spans.source,
        deal_value_spans.deal_id,
        deal_value_spans.value as pipeline_id,
        case
            when deal_value_spans.change_number = 1 then cast('1900-01-01T00:00:00Z' as timestamp with time zone)
            else deal_value_spans.starts_at
        end as starts_at,
        deal_value_spans.until_at
    from moved
    join core.deal_value_spans
        on deal_value_spans.source = moved.source
        and deal_value_spans.deal_id = moved.deal_id
    where deal_value_spans.field = 'pipeline'
        and deal_value_spans.value is not null
),
moved_stays as (
    select
        entries.source,
        entries.deal_id,
        entries.change_id,
        entries.stage_id,
        entries.entered_at,
        coalesce(
            lead(entries.entered_at) over (
                partition by entries.source, entries.deal_id
                order by entries.entered_at, entries.ordinal, entries.change_id
            ),
            fn.add_days(fn.as_of(), 1)
        ) as until_at
    from entries
    join moved
        on moved.source = entries.source
        and moved.deal_id = entries.deal_id
),
known_stages as (
    select
        pipeline_version_stages.source,
        pipeline_version_stages.pipeline_id,
        pipeline_version_stages.stage_id
    from core.pipeline_version_stages
    group by
        pipeline_version_stages.source,
        pipeline_version_stages.pipeline_id,
        pipeline_version_stages.stage_id
),
-- A stay is judged by the pipeline of its first instant; where that one has no such stage, by the one that
-- the deal came into during the stay and that has it: a CRM may write the stage before the pipeline.
candidates as (
    select
        moved_stays.source,
        moved_stays.deal_id,
        moved_stays.change_id,
        pipeline_spans.pipeline_id,
        pipeline_spans.starts_at >= moved_stays.entered_at as is_new,
        row_number() over (
            partition by moved_stays.source, moved_stays.deal_id, moved_stays.change_id, moved_stays.entered_at
            order by case when known_stages.stage_id is null then 1 else 0 end, pipeline_spans.starts_at, pipeline_spans.until_at desc
        ) as place
    from moved_stays
    join pipeline_spans
        on pipeline_spans.source = moved_stays.source
        and pipeline_spans.deal_id = moved_stays.deal_id
        and pipeline_spans.until_at > moved_stays.entered_at
        and (pipeline_spans.starts_at <= moved_stays.entered_at or pipeline_spans.starts_at < moved_stays.until_at)
    left join known_stages
        on known_stages.source = moved_stays.source
        and known_stages.pipeline_id = pipeline_spans.pipeline_id
        and known_stages.stage_id = moved_stays.stage_id
),
own_pipelines as (
    select
        candidates.source,
        candidates.deal_id,
        candidates.change_id,
        candidates.pipeline_id,
        candidates.is_new
    from candidates
    where candidates.place = 1
),
-- Each stay stands on the pipeline of every pipeline that its deal was in, so that what it did on one is told by that one.
pipelines as (
    select
        pipeline_spans.source,
        pipeline_spans.deal_id,
        pipeline_spans.pipeline_id
    from pipeline_spans
    group by
        pipeline_spans.source,
        pipeline_spans.deal_id,
        pipeline_spans.pipeline_id
    union all
    select
        deals.source,
        deals.deal_id,
        deals.pipeline_id
    from staging.deals
    left join moved
        on moved.source = deals.source
        and moved.deal_id = deals.deal_id
    where moved.deal_id is null
),
placed as (
    select
        counted.source,
        counted.deal_id,
        counted.change_id,
        pipelines.pipeline_id,
        own_pipelines.pipeline_id as own_pipeline_id,
        own_pipelines.is_new as is_new_pipeline,
        coalesce(pipeline_versions.pipeline_version, 1) as pipeline_version,
        -- The visit is judged by the version of its first instant; a pipeline that nobody set up has none.
        coalesce(counted.entered_at >= pipeline_versions.from_at and counted.entered_at < pipeline_versions.until_at, true)
        and coalesce(own_pipelines.pipeline_id = pipelines.pipeline_id, true) as is_then,
        counted.stage_id,
        counted.stay_in_stage,
        coalesce(pipeline_version_stages.label, counted.stage_id) as stage,
        pipeline_version_stages.stage_id is not null as is_known,
        pipeline_version_stages.position,
        coalesce(pipeline_version_stages.is_closed, false) as is_closed,
        coalesce(pipeline_version_stages.is_won, false) as is_won,
        coalesce(pipeline_version_stages.is_lost, false) as is_lost,
        counted.entered_at,
        counted.ordinal,
        counted.changed_by,
        counted.changed_through,
        counted.is_truncated,
        deals.is_deleted or merged_records.record_id is not null as is_deleted
    from counted
    join staging.deals
        on deals.source = counted.source
        and deals.deal_id = counted.deal_id
    left join core.merged_records
        on merged_records.source = counted.source
        and merged_records.record_type = 'deal'
        and merged_records.record_id = counted.deal_id
    join pipelines
        on pipelines.source = counted.source
        and pipelines.deal_id = counted.deal_id
    left join own_pipelines
        on own_pipelines.source = counted.source
        and own_pipelines.deal_id = counted.deal_id
        and own_pipelines.change_id = counted.change_id
    left join core.pipeline_versions
        on pipeline_versions.source = counted.source
        and pipeline_versions.pipeline_id = pipelines.pipeline_id
    left join core.pipeline_version_stages
        on pipeline_version_stages.source = counted.source
        and pipeline_version_stages.pipeline_id = pipelines.pipeline_id
        and pipeline_version_stages.pipeline_version = pipeline_versions.pipeline_version
        and pipeline_version_stages.stage_id = counted.stage_id
),
-- Where it came from and how far it had been, each by the stages of one version of its pipeline.
followed as (
    select
        placed.source,
        placed.deal_id,
        row_number() over stays as visit_number,
        placed.change_id,
        placed.pipeline_id,
        placed.pipeline_version,
        placed.is_then,
        placed.stage_id,
        placed.stay_in_stage,
        placed.stage,
        placed.position,
        placed.is_closed,
        placed.is_won,
        placed.is_lost,
        placed.entered_at,
        lead(placed.entered_at) over stays as exited_at,
        lag(placed.stage_id) over stays as previous_stage_id,
        lag(placed.stage) over stays as previous_stage,
        lag(placed.is_closed) over stays as previous_is_closed,
        -- It came from another pipeline: with the stage, or from a stage that this one does not have.
        coalesce(
            lag(placed.own_pipeline_id) over stays <> placed.own_pipeline_id
            and (placed.is_new_pipeline or not lag(placed.is_known) over stays),
            false
        ) as is_from_other,
        last_value(placed.position ignore nulls) over earlier as previous_position,
        max(placed.position) over earlier as furthest_before,
        placed.changed_by,
        placed.changed_through,
        coalesce(
            lag(placed.entered_at) over stays = placed.entered_at
            or lead(placed.entered_at) over stays = placed.entered_at,
            false
        ) as is_tied,
        placed.is_truncated,
        placed.is_deleted
    from placed
    window
        stays as (
            partition by placed.source, placed.deal_id, placed.pipeline_id, placed.pipeline_version
            order by placed.entered_at, placed.ordinal, placed.change_id
        ),
        earlier as (
            partition by placed.source, placed.deal_id, placed.pipeline_id, placed.pipeline_version
            order by placed.entered_at, placed.ordinal, placed.change_id
            rows between unbounded preceding and 1 preceding
        )
),
-- What a deal left behind in another pipeline is what it was there.
left_behind as (
    select
        followed.source,
        followed.deal_id,
        followed.visit_number,
        followed.stage,
        followed.is_closed
    from followed
    join moved
        on moved.source = followed.source
        and moved.deal_id = followed.deal_id
    where followed.is_then
)
select
    followed.source, -- the source's name in merit.yml
    followed.deal_id, -- the deal
    followed.visit_number, -- 1 is the first stay of the deal
    followed.change_id, -- the CRM's id of the history row that began it; null: no history
    followed.pipeline_id, -- the pipeline that the deal was in then; where the CRM keeps no history of it, today's
    followed.pipeline_version, -- of its pipeline, by which the visit is judged: that of its first instant
    followed.stage_id, -- the stage
    followed.stage, -- its label for people
    followed.position, -- its position in the pipeline; null: lost, or a stage that the pipeline did not have then
    followed.is_closed, -- won or lost
    followed.is_won, -- won
    followed.entered_at, -- first instant of the stay
    followed.exited_at, -- first instant of the next one; null: still there
    fn.days(followed.entered_at, followed.exited_at) as days, -- length of the stay; null: still there
    followed.stay_in_stage, -- 1 is the deal's first stay in this stage
    followed.previous_stage_id, -- where it came from; null: its first stage
    coalesce(case when followed.is_from_other then left_behind.stage end, followed.previous_stage) as previous_stage, -- label of that
    followed.previous_position, -- the position it stood at last before; a lost visit in between does not change it
    followed.furthest_before, -- the highest position it had reached before
    case
        when followed.visit_number = 1 then 'first'
        when followed.is_lost then 'lost'
        when followed.is_from_other then 'other pipeline'
        when followed.position is null or followed.previous_position is null then 'unknown'
        when followed.position > followed.previous_position then 'forward'
        when followed.position < followed.previous_position then 'backward'
        else 'reentry'
    end as direction, -- first, forward, backward, reentry (back to the position it had stood at), lost, other pipeline (it came from one), or unknown
    coalesce(
        case
            when followed.position > followed.previous_position and not followed.is_from_other
                then followed.position - followed.previous_position - 1
        end,
        0
    ) as skipped, -- stages jumped over by a move forward
    coalesce(
        followed.position > followed.furthest_before and not followed.is_from_other,
        followed.visit_number = 1 and followed.position is not null
    ) as is_new_furthest, -- true: the deal had never been so far
    followed.stay_in_stage > 1 as is_reentry, -- true: the deal had been in this stage before
    coalesce(case when followed.is_from_other then left_behind.is_closed else followed.previous_is_closed end and not followed.is_closed, false) as is_reopening, -- true: it was closed, and is open again
    deal_owner_spans.owner_id, -- user_id of the owner when it began
    deal_owner_spans.rep_id, -- the rep who is that user; null: nobody on the roster
    coalesce(followed.entered_at < deal_owner_spans.forgotten_until, false) as is_owner_forgotten, -- true: the CRM had forgotten who owned it then
    followed.changed_by, -- user_id of who moved it, null when the CRM doesn't say
    followed.changed_through, -- user, import, integration, automation, merge; null when the CRM doesn't say
    followed.is_tied, -- true: another move has the same instant
    followed.is_truncated, -- true: the CRM has forgotten how the deal's history began
    followed.is_deleted -- true: the deal is deleted, archived or merged away
from followed
left join left_behind
    on left_behind.source = followed.source
    and left_behind.deal_id = followed.deal_id
    and left_behind.visit_number = followed.visit_number - 1
left join core.deal_owner_spans
    on deal_owner_spans.source = followed.source
    and deal_owner_spans.deal_id = followed.deal_id
    and followed.entered_at >= deal_owner_spans.starts_at
    and followed.entered_at < deal_owner_spans.until_at
where followed.is_then
