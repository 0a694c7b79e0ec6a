-- stage_transitions: each move of a deal from one stage to another, with its owner at that time
-- grain: one row a move
-- key: source, deal_id, transition_number
-- signal: pipeline motion, forward and back
-- owner: revenue operations
-- not_null: source, deal_id, transition_number, change_id, moved_at, from_stage_id, from_stage, to_stage_id, to_stage, direction, skipped, is_advance, is_skip, is_backward, is_reopening, is_reentry, is_tied, is_truncated, is_deleted
-- checks: advances_go_forward: not is_advance or direction = 'forward'
--    moves_go_somewhere: from_stage_id <> to_stage_id
-- gaming: ping-pong between two stages; only a new furthest stage is an advance
-- form: view
-- changed: 2026-11-22 first version
select
    stage_visits.source, -- the source's name in merit.yml
    stage_visits.deal_id, -- the deal
    stage_visits.visit_number - 1 as transition_number, -- 1 is the first move of the deal
    stage_visits.change_id, -- the CRM's id of the history row
    stage_visits.entered_at as moved_at, -- when
    stage_visits.pipeline_id, -- the pipeline that the deal was in then
    stage_visits.previous_stage_id as from_stage_id, -- the stage it left
    stage_visits.previous_stage as from_stage, -- its label
    stage_visits.stage_id as to_stage_id, -- the stage it entered
    stage_visits.stage as to_stage, -- its label
    stage_visits.previous_position as from_position, -- the position it had stood at; null: unknown
    stage_visits.position as to_position, -- the position it stands at; null: lost or unknown
    stage_visits.position - stage_visits.previous_position as steps, -- positions up (or, below 0, down); null: lost or unknown
    stage_visits.direction, -- forward, backward, reentry, lost, other pipeline or unknown
    stage_visits.skipped, -- stages jumped over by a move forward
    stage_visits.direction = 'forward' and stage_visits.is_new_furthest as is_advance, -- true: forward, to where the deal had never been
    stage_visits.skipped > 0 as is_skip, -- true: at least one stage was jumped over
    stage_visits.direction = 'backward' as is_backward, -- true: to an earlier stage
    stage_visits.is_reentry, -- true: the deal had been in that stage before
    stage_visits.is_reopening, -- true: the deal was closed, and is open again
    stage_visits.owner_id, -- user_id of the owner at that time
    stage_visits.rep_id, -- the rep who is that user; null: nobody on the roster
    stage_visits.changed_by, -- user_id of who moved it, null when the CRM doesn't say
    stage_visits.changed_through, -- user, import, integration, automation, merge; null when the CRM doesn't say
    stage_visits.is_tied, -- true: another move of the deal has the same instant
    stage_visits.is_truncated or stage_visits.is_owner_forgotten as is_truncated, -- true: the CRM has forgotten how the deal's history began, or who owned it then
    stage_visits.is_deleted -- true: the deal is deleted, archived or merged away
from core.stage_visits
where stage_visits.visit_number > 1
