package hsserver

import (
	"merit/connectors/sandbox/company"
)

func (p *portal) activityState(r *record) {
	a := &p.story.Activities[r.index]
	r.activity, r.born, r.stamped, r.created, r.modified, r.deleted = a, a.CreatedAt, a.CreatedAt, a.CreatedAt, a.CreatedAt, a.DeletedAt
	if r.isDone() {
		r.modified = max(a.CreatedAt, a.CompletedAt)
	}
}

// isDone tells whether an activity has been marked done by now.
func (r *record) isDone() bool {
	return r.activity.CompletedAt != 0 && r.activity.CompletedAt <= r.at
}

// connected is HubSpot's id of the call outcome "Connected", the same in every
// portal.
const connected = "f240bbac-87c9-4f6e-bf70-924b57d47db7"

func (p *portal) activityProperties(o *object) []*property {
	list := []*property{
		idOf(p.activities),
		instantOf("hs_createdate", "Object create date/time", func(r *record) company.Instant { return r.created }),
		instantOf("hs_lastmodifieddate", "Object last modified date/time", func(r *record) company.Instant { return r.modified }),
		instantOf("hs_timestamp", "Activity date", func(r *record) company.Instant { return r.activity.OccurredAt }),
		p.ownerOf(func(r *record) int { return r.activity.Owner }),
	}
	subject := func(r *record) string { return r.activity.Subject }
	switch o.name {
	case "calls":
		return append(list, callProperties(subject)...)
	case "emails":
		return append(list, emailProperties(subject)...)
	case "meetings":
		return append(list, meetingProperties(subject)...)
	case "tasks":
		return append(list, taskProperties(subject)...)
	}
	return append(list, textOf("hs_note_body", "Note body", subject))
}

// subtype is the portal's own "Call and meeting types", which tasks, e-mails and
// notes don't have.
func subtype() *property {
	return choiceOf("hs_activity_type", "Call and meeting type", nil, func(r *record) string { return r.activity.Subtype })
}

func callProperties(subject func(*record) string) []*property {
	return []*property{
		textOf("hs_call_title", "Call Title", subject),
		subtype(),
		choiceOf("hs_call_direction", "Call direction", options("INBOUND", "OUTBOUND"), func(*record) string { return "OUTBOUND" }),
		choiceOf("hs_call_status", "Call status", options("COMPLETED", "NO_ANSWER", "QUEUED"), func(r *record) string {
			switch {
			case r.isDone():
				return "COMPLETED"
			case r.activity.OccurredAt > r.at:
				return "QUEUED"
			}
			return "NO_ANSWER"
		}).isLate(),
		choiceOf("hs_call_disposition", "Call outcome", []option{{connected, "Connected"}}, func(r *record) string {
			if r.isDone() {
				return connected
			}
			return ""
		}).isLate(),
		numberOf("hs_call_duration", "Call duration", func(r *record) int64 {
			if !r.isDone() {
				return -1
			}
			return int64(r.activity.Seconds) * msASecond
		}).isLate(),
	}
}

func emailProperties(subject func(*record) string) []*property {
	return []*property{
		textOf("hs_email_subject", "Email subject", subject),
		choiceOf("hs_email_direction", "Email direction", options("EMAIL", "INCOMING_EMAIL"), func(*record) string { return "EMAIL" }),
		choiceOf("hs_email_status", "Email send status", options("SENT", "SCHEDULED", "FAILED"), func(r *record) string {
			switch {
			case r.isDone():
				return "SENT"
			case r.activity.OccurredAt > r.at:
				return "SCHEDULED"
			}
			return "FAILED"
		}).isLate(),
	}
}

// meetingProperties: nobody has to say how a meeting went, so one that is over
// may still be SCHEDULED.
func meetingProperties(subject func(*record) string) []*property {
	return []*property{
		textOf("hs_meeting_title", "Meeting name", subject),
		subtype(),
		instantOf("hs_meeting_start_time", "Meeting start time", func(r *record) company.Instant { return r.activity.OccurredAt }),
		instantOf("hs_meeting_end_time", "Meeting end time", func(r *record) company.Instant {
			return r.activity.OccurredAt + company.Instant(r.activity.Seconds)*msASecond
		}),
		choiceOf("hs_meeting_outcome", "Meeting outcome", options("SCHEDULED", "COMPLETED", "RESCHEDULED", "NO_SHOW", "CANCELED"), func(r *record) string {
			if r.isDone() {
				return "COMPLETED"
			}
			return "SCHEDULED"
		}).isLate(),
	}
}

func taskProperties(subject func(*record) string) []*property {
	return []*property{
		textOf("hs_task_subject", "Task Title", subject),
		choiceOf("hs_task_type", "Task Type", options("TODO", "CALL", "EMAIL"), func(*record) string { return "TODO" }),
		choiceOf("hs_task_priority", "Priority", options("NONE", "LOW", "MEDIUM", "HIGH"), func(*record) string { return "NONE" }),
		choiceOf("hs_task_status", "Task Status", options("NOT_STARTED", "COMPLETED", "IN_PROGRESS", "WAITING", "DEFERRED"), func(r *record) string {
			if r.isDone() {
				return "COMPLETED"
			}
			return "NOT_STARTED"
		}).isLate(),
		instantOf("hs_task_completion_date", "Completed at", func(r *record) company.Instant {
			if r.isDone() {
				return r.activity.CompletedAt
			}
			return 0
		}).isLate(),
	}
}

func options(values ...string) []option {
	list := make([]option, len(values))
	for i, v := range values {
		list[i] = option{value: v, label: v}
	}
	return list
}
