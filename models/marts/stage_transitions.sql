-- stage_transitions: each move of a deal from one stage to another
-- grain: one row a move
-- key: source, deal_id, transition_number
-- signal: pipeline motion, forward and back
-- owner: sales management
-- not_null: source, deal_id, transition_number, moved_at, moved_on, from_stage, to_stage, direction, skipped, is_advance, is_skip, is_backward, is_reopening, is_reentry, is_tied, is_truncated, is_deleted, computed_at
-- form: view
-- changed: 2026-11-22 first version
select
    stage_transitions.source, -- the source's name in merit.yml
    stage_transitions.deal_id, -- the deal
    stage_transitions.transition_number, -- 1 is the first move of the deal
    stage_transitions.moved_at, -- when
    fn.day(stage_transitions.moved_at) as moved_on, -- its date in the reporting zone
    stage_transitions.rep_id, -- the owner at that time; null: nobody on the roster
    stage_transitions.owner_id, -- user_id of the owner at that time
    stage_transitions.pipeline_id, -- the pipeline that the deal was in then
    stage_transitions.from_stage, -- the stage it left
    stage_transitions.to_stage, -- the stage it entered
    stage_transitions.from_position, -- the place in the pipeline that it came from; null: unknown
    stage_transitions.to_position, -- the place in the pipeline that it came to; null: lost or unknown
    stage_transitions.steps, -- stages forward (below 0: back); null: lost or unknown
    stage_transitions.direction, -- forward, backward, reentry, lost or unknown
    stage_transitions.skipped, -- stages jumped over by a move forward
    stage_transitions.is_advance, -- true: forward, to where the deal had never been
    stage_transitions.is_skip, -- true: at least one stage was jumped over
    stage_transitions.is_backward, -- true: to an earlier stage
    stage_transitions.is_reopening, -- true: the deal was closed, and is open again
    stage_transitions.is_reentry, -- true: the deal had been in that stage before
    stage_transitions.changed_by, -- user_id of who moved it, null when the CRM doesn't say
    stage_transitions.changed_through, -- user, import, integration, automation, merge; null when the CRM doesn't say
    stage_transitions.is_tied, -- true: another move of the deal has the same instant
    stage_transitions.is_truncated, -- true: the CRM has forgotten how the deal's history began, or who owned it then
    stage_transitions.is_deleted, -- true: the deal is deleted, archived or merged away
    fn.as_of() as computed_at -- the instant that the numbers speak of
from core.stage_transitions
