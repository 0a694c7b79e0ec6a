-- stage_visits: each stay of a deal in a stage, with its length
-- grain: one row a stay
-- key: source, deal_id, visit_number
-- signal: where deals stand still
-- owner: sales management
-- not_null: source, deal_id, visit_number, pipeline_id, stage_id, stage, is_closed, is_won, entered_at, is_there_still, stay_in_stage, direction, skipped, is_reentry, is_reopening, is_tied, is_truncated, is_deleted, computed_at
-- form: view
-- changed: 2026-11-22 first version
select
    stage_visits.source, -- the source's name in merit.yml
    stage_visits.deal_id, -- the deal
    stage_visits.visit_number, -- 1 is the first stay of the deal
    stage_visits.pipeline_id, -- the pipeline that the deal was in then
    stage_visits.stage_id, -- the stage, as the CRM names it
    stage_visits.stage, -- its label for people
    stage_visits.position, -- its place in the pipeline, from 1; null: lost or unknown
    stage_visits.is_closed, -- won or lost
    stage_visits.is_won, -- won
    stage_visits.entered_at, -- first instant of the stay
    stage_visits.exited_at, -- first instant of the next one; null: still there
    stage_visits.days, -- length of the stay; null: still there
    case
        when stage_visits.exited_at is null then fn.days(stage_visits.entered_at, fn.as_of())
    end as age_in_stage_days, -- of a stay that goes on; null: it is over
    stage_visits.exited_at is null as is_there_still, -- true: the deal is in this stage
    stage_visits.stay_in_stage, -- 1 is the deal's first stay in this stage
    stage_visits.direction, -- first, forward, backward, reentry, lost or unknown
    stage_visits.skipped, -- stages jumped over by a move forward
    stage_visits.is_reentry, -- true: the deal had been in this stage before
    stage_visits.is_reopening, -- true: it was closed, and is open again
    stage_visits.is_tied, -- true: another move has the same instant
    stage_visits.is_truncated, -- true: the CRM has forgotten how the deal's history began
    stage_visits.is_deleted, -- true: the deal is deleted, archived or merged away
    fn.as_of() as computed_at -- the instant that the numbers speak of
from core.stage_visits
