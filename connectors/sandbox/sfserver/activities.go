package sfserver

import (
	"cmp"
	"time"

	"merit/connectors/sandbox/company"
)

// activityObjects split a story's activities as Salesforce does: calls, e-mails and
// to-dos are tasks, meetings are events, notes are notes.
func activityObjects() []object { return []object{tasks(), events(), notes()} }

func countActivities(c *company.Company) int { return len(c.Activities) }

// archivedAfter: closed activities older than a year come only with queryAll.
const archivedAfter = company.Instant(365 * dayInMilliseconds)

func ofActivity(get func(*company.Activity) value) func(*view, *record) value {
	return func(v *view, r *record) value { return get(&v.story.Activities[r.index]) }
}

// about are the fields that say whom and what an activity is about.
func about() []field {
	return []field{
		id(), deletion(),
		reference("WhoId", "Contact Lead", func(v *view, r *record) value { return v.contact(v.story.Activities[r.index].Contact) }),
		reference("WhatId", "Account Opportunity", func(v *view, r *record) value {
			a := &v.story.Activities[r.index]
			if a.Deal != company.None {
				return v.opportunity(a.Deal)
			}
			return v.account(a.Account)
		}),
		reference("AccountId", "Account", func(v *view, r *record) value { return v.account(v.story.Activities[r.index].Account) }),
		text("Subject", 255, ofActivity(func(a *company.Activity) value { return textOf(a.Subject) })),
		reference("OwnerId", "User", func(v *view, r *record) value { return v.user(v.story.Activities[r.index].Owner) }),
		picklist("Type", ofActivity(func(a *company.Activity) value { return textOf(a.Subtype) })),
		typed("date", "ActivityDate", func(v *view, r *record) value { return v.date(v.story.Activities[r.index].OccurredAt) }),
		typed("boolean", "IsArchived", func(_ *view, r *record) value { return booleanOf(r.archived) }),
		typed("boolean", "IsRecurrence", func(*view, *record) value { return booleanOf(false) }),
	}
}

func (v *view) done(a *company.Activity) bool { return a.CompletedAt != 0 && a.CompletedAt <= v.now }

func tasks() object {
	return object{
		name: "Task", label: "Task", prefix: prefixTask, ordered: true, fields: taskFields(), size: countActivities,
		load: func(v *view, index int, rows []record) []record {
			a := &v.story.Activities[index]
			if a.Kind != company.Call && a.Kind != company.Email && a.Kind != company.Task {
				return rows
			}
			r := v.activity(prefixTask, index)
			if v.done(a) && !r.deleted {
				r.modified = max(r.modified, a.CompletedAt)
			}
			r.archived = v.done(a) && a.OccurredAt < v.now-archivedAfter
			return v.visible(rows, r, a.DeletedAt)
		},
	}
}

func taskFields() []field {
	done := func(v *view, r *record) bool { return v.done(&v.story.Activities[r.index]) }
	// Only calls have the columns about a call.
	ofCall := func(get func(*company.Activity) value) func(*view, *record) value {
		return ofActivity(func(a *company.Activity) value {
			if a.Kind != company.Call {
				return value{}
			}
			return get(a)
		})
	}
	fields := append(about(),
		picklist("Status", func(v *view, r *record) value {
			if done(v, r) {
				return textOf("Completed")
			}
			return textOf("Not Started")
		}),
		picklist("Priority", func(*view, *record) value { return textOf("Normal") }),
		typed("boolean", "IsClosed", func(v *view, r *record) value { return booleanOf(done(v, r)) }),
		picklist("TaskSubtype", ofActivity(func(a *company.Activity) value {
			switch a.Kind {
			case company.Call:
				return textOf("Call")
			case company.Email:
				return textOf("Email")
			}
			return textOf("Task")
		})),
		typed("int", "CallDurationInSeconds", ofCall(func(a *company.Activity) value { return integerOf(a.Seconds) })),
		picklist("CallType", ofCall(func(*company.Activity) value { return textOf("Outbound") })),
		typed("datetime", "CompletedDateTime", func(v *view, r *record) value {
			if !done(v, r) {
				return value{}
			}
			return instantOf(v.story.Activities[r.index].CompletedAt)
		}),
	)
	return append(fields, audit()...)
}

func (v *view) activity(prefix string, index int) record {
	a := &v.story.Activities[index]
	r := v.simple(identityOf(a.ID, prefix, int64(index)), index, a.Owner, a.CreatedAt, a.DeletedAt)
	r.extra = a.Extra
	return r
}

// events have no mark of having been held: they have ended, or were deleted.
func events() object {
	end := func(a *company.Activity) company.Instant { return a.OccurredAt + company.Instant(a.Seconds)*1000 }
	fields := append(about(),
		typed("boolean", "IsAllDayEvent", func(*view, *record) value { return booleanOf(false) }),
		typed("boolean", "IsChild", func(*view, *record) value { return booleanOf(false) }),
		typed("datetime", "ActivityDateTime", ofActivity(func(a *company.Activity) value { return instantOf(a.OccurredAt) })),
		typed("datetime", "StartDateTime", ofActivity(func(a *company.Activity) value { return instantOf(a.OccurredAt) })),
		typed("datetime", "EndDateTime", ofActivity(func(a *company.Activity) value { return instantOf(end(a)) })),
		typed("int", "DurationInMinutes", ofActivity(func(a *company.Activity) value { return integerOf(a.Seconds / 60) })),
		picklist("ShowAs", func(*view, *record) value { return textOf("Busy") }),
		picklist("EventSubtype", func(*view, *record) value { return textOf("Event") }),
	)
	return object{
		name: "Event", label: "Event", prefix: prefixEvent, ordered: true, fields: append(fields, audit()...), size: countActivities,
		load: func(v *view, index int, rows []record) []record {
			a := &v.story.Activities[index]
			if a.Kind != company.Meeting {
				return rows
			}
			r := v.activity(prefixEvent, index)
			r.archived = end(a) < v.now-archivedAfter
			return v.visible(rows, r, a.DeletedAt)
		},
	}
}

func notes() object {
	fields := []field{
		id(), deletion(),
		reference("ParentId", "Account Contact Opportunity", func(v *view, r *record) value {
			a := &v.story.Activities[r.index]
			if a.Deal != company.None {
				return v.opportunity(a.Deal)
			}
			return v.account(a.Account)
		}),
		text("Title", 80, ofActivity(func(a *company.Activity) value { return textOf(a.Subject) })),
		reference("OwnerId", "User", func(v *view, r *record) value { return v.user(v.story.Activities[r.index].Owner) }),
	}
	return object{
		name: "Note", label: "Note", prefix: prefixNote, ordered: true, fields: append(fields, audit()...), size: countActivities,
		load: func(v *view, index int, rows []record) []record {
			if v.story.Activities[index].Kind != company.Note {
				return rows
			}
			return v.visible(rows, v.activity(prefixNote, index), v.story.Activities[index].DeletedAt)
		},
	}
}

// setupObjects are how the org is set up.
func setupObjects() []object { return []object{stages(), organization()} }

func stages() object {
	of := func(get func(*company.Stage) value) func(*view, *record) value {
		return func(v *view, r *record) value { return get(&v.story.Stages[r.index]) }
	}
	name := of(func(s *company.Stage) value { return textOf(s.Name) })
	fields := []field{
		id(),
		text("MasterLabel", 255, name), text("ApiName", 255, name),
		typed("boolean", "IsActive", func(*view, *record) value { return booleanOf(true) }),
		typed("int", "SortOrder", of(func(s *company.Stage) value { return integerOf(s.SortOrder) })),
		typed("boolean", "IsClosed", of(func(s *company.Stage) value { return booleanOf(s.IsClosed) })),
		typed("boolean", "IsWon", of(func(s *company.Stage) value { return booleanOf(s.IsWon) })),
		picklist("ForecastCategory", of(func(s *company.Stage) value { return textOf(categoryCode(s.Forecast)) })),
		picklist("ForecastCategoryName", of(func(s *company.Stage) value { return textOf(s.Forecast) })),
		typed("percent", "DefaultProbability", func(v *view, r *record) value {
			stages, _ := v.story.StagesAt(v.now)
			return integerAsDouble(stages[r.index].Probability)
		}),
	}
	return object{
		name: "OpportunityStage", label: "Opportunity Stage", prefix: prefixStage, ordered: true, fields: append(fields, audit()...),
		size: func(c *company.Company) int { return len(c.Stages) },
		load: func(v *view, index int, rows []record) []record {
			r := v.simple(identityOf("", prefixStage, int64(index)), index, 0, company.At(v.story.Begin), 0)
			r.modified = v.stageSetAt(index)
			return append(rows, r)
		},
	}
}

// stageSetAt is when a stage was last set up otherwise.
func (v *view) stageSetAt(index int) company.Instant {
	at := company.At(v.story.Begin)
	for _, l := range v.story.StageSetups {
		if l.Until > v.now {
			break
		}
		if after, _ := v.story.StagesAt(l.Until); after[index].Probability != l.Probabilities[index] {
			at = l.Until
		}
	}
	return at
}

func organization() object {
	fields := []field{
		id(),
		text("Name", 80, func(v *view, _ *record) value { return textOf(v.story.Name) }),
		picklist("TimeZoneSidKey", func(v *view, _ *record) value { return textOf(v.story.TimeZone) }),
		typed("int", "FiscalYearStartMonth", func(v *view, _ *record) value { return integerOf(int(cmp.Or(v.story.FiscalMonth, time.January))) }),
		typed("boolean", "IsSandbox", func(*view, *record) value { return booleanOf(true) }),
	}
	return object{
		name: "Organization", label: "Organization", prefix: prefixOrganization, ordered: true, fields: append(fields, audit()...),
		size: func(*company.Company) int { return 1 },
		load: func(v *view, index int, rows []record) []record {
			return append(rows, v.simple(identityOf("", prefixOrganization, 0), index, 0, company.At(v.story.Begin), 0))
		},
	}
}
