package sfserver

import (
	"merit/connectors/sandbox/company"
)

// presenceObjects are who signed in, whom reps met first, and whom activities involve.
func presenceObjects(b *books) []object {
	all := []object{emailMessages(), relations("TaskRelation", "Task", prefixTaskRelation), relations("EventRelation", "Event", prefixEventRelation)}
	if len(b.story.Logins) > 0 {
		all = append(all, loginHistory(b))
	}
	if len(b.story.Leads) > 0 {
		all = append(all, leads(b))
	}
	return all
}

func loginHistory(b *books) object {
	how := func(l *company.Login, browser, mobile string) value {
		if l.Through == company.ByMobile {
			return textOf(mobile)
		}
		return textOf(browser)
	}
	return listed(object{name: "LoginHistory", label: "Login History", prefix: prefixLogin},
		b.story.Logins, inTurn, func(_ *view, l *company.Login) span { return span{created: l.At, by: int(l.User)} },
		of(refer("UserId", "User"), func(v *view, l *company.Login) value { return v.user(int(l.User)) }),
		of(instantField("LoginTime"), func(_ *view, l *company.Login) value { return instantOf(l.At) }),
		of(chosen("LoginType"), func(_ *view, l *company.Login) value { return how(l, "Application", "Remote Access 2.0") }),
		of(named("Status", 128), func(_ *view, l *company.Login) value {
			if l.Failed {
				return textOf("Invalid Password")
			}
			return textOf("Success")
		}),
		of(named("Application", 64), func(_ *view, l *company.Login) value { return how(l, "Browser", "Salesforce for iOS") }),
		of(named("Platform", 64), func(_ *view, l *company.Login) value { return how(l, "Windows 11", "iOS") }),
		of(named("Browser", 64), func(_ *view, l *company.Login) value { return how(l, "Chrome 140", "Unknown") }),
	)
}

func leads(b *books) object {
	converted := func(get func(*view, *company.Lead) value) func(*view, *company.Lead) value {
		return func(v *view, l *company.Lead) value {
			if v.until(l.ConvertedAt) == 0 {
				return value{}
			}
			return get(v, l)
		}
	}
	isConverted := func(v *view, l *company.Lead) value { return booleanOf(v.until(l.ConvertedAt) != 0) }
	fields := append([]field{{name: "Email", kind: "email", get: nothing}}, withDeletion()...)
	return listed(object{name: "Lead", label: "Lead", prefix: prefixLead, fields: append(fields, address("Address")...)},
		b.story.Leads, inTurn, func(v *view, l *company.Lead) span {
			return span{created: l.CreatedAt, modified: v.until(l.ConvertedAt), by: l.Owner}
		},
		of(named("LastName", 80).in("Name"), func(_ *view, l *company.Lead) value { return textOf(l.LastName) }),
		of(named("FirstName", 40).in("Name"), func(_ *view, l *company.Lead) value { return textOf(l.FirstName) }),
		of(named("Name", 121), func(_ *view, l *company.Lead) value { return textOf(l.FirstName + " " + l.LastName) }),
		of(named("Company", 255), func(_ *view, l *company.Lead) value { return textOf(l.Company) }),
		of(refer("OwnerId", "User"), func(v *view, l *company.Lead) value { return v.user(l.Owner) }),
		of(chosen("LeadSource"), func(_ *view, l *company.Lead) value { return textOf(l.Source) }),
		of(chosen("Status"), func(v *view, l *company.Lead) value {
			if v.until(l.ConvertedAt) != 0 {
				return textOf("Closed - Converted")
			}
			return textOf("Working - Contacted")
		}),
		of(flag("IsConverted"), isConverted),
		of(day("ConvertedDate"), func(v *view, l *company.Lead) value { return v.date(v.until(l.ConvertedAt)) }),
		of(refer("ConvertedAccountId", "Account"), converted(func(v *view, l *company.Lead) value { return v.account(l.Account) })),
		of(refer("ConvertedContactId", "Contact"), converted(func(v *view, l *company.Lead) value { return v.contact(l.Contact) })),
		of(refer("ConvertedOpportunityId", "Opportunity"), converted(func(v *view, l *company.Lead) value { return v.opportunity(l.Deal) })),
	)
}

// emailMessages are the e-mails behind the tasks that log them.
func emailMessages() object {
	fields := []field{
		id(), deletion(),
		reference("ActivityId", "Task", func(v *view, r *record) value { return v.activity(prefixTask, r.index).id }),
		reference("RelatedToId", "Account Opportunity", func(v *view, r *record) value {
			a := &v.story.Activities[r.index]
			if a.Deal != company.None {
				return v.opportunity(a.Deal)
			}
			return v.account(a.Account)
		}),
		text("Subject", 3000, ofActivity(func(a *company.Activity) value { return textOf(a.Subject) })),
		typed("boolean", "Incoming", func(*view, *record) value { return booleanOf(false) }),
		picklist("Status", func(*view, *record) value { return textOf("3") }), // sent
		typed("datetime", "MessageDate", ofActivity(func(a *company.Activity) value { return instantOf(a.OccurredAt) })),
	}
	return object{
		name: "EmailMessage", label: "Email Message", prefix: prefixEmail, ordered: true, fields: append(fields, audit()...), size: countActivities,
		load: func(v *view, index int, rows []record) []record {
			a := &v.story.Activities[index]
			if a.Kind != company.Email {
				return rows
			}
			r := v.simple(identityOf("", prefixEmail, int64(index)), index, a.Owner, a.CreatedAt, a.DeletedAt)
			return v.visible(rows, r, a.DeletedAt)
		},
	}
}

// relations are all that an activity is about: a person, and what WhatId names.
func relations(name, parent, prefix string) object {
	isWhat := func(r *record) bool { return r.thing.(bool) }
	fields := []field{
		id(), deletion(),
		reference(parent+"Id", parent, func(v *view, r *record) value { return v.activity(activityPrefix(v, r.index), r.index).id }),
		reference("RelationId", "Account Contact Opportunity", func(v *view, r *record) value {
			a := &v.story.Activities[r.index]
			switch {
			case !isWhat(r):
				return v.contact(a.Contact)
			case a.Deal != company.None:
				return v.opportunity(a.Deal)
			}
			return v.account(a.Account)
		}),
		typed("boolean", "IsWhat", func(_ *view, r *record) value { return booleanOf(isWhat(r)) }),
	}
	if parent == "Event" {
		fields = append(fields,
			typed("boolean", "IsParent", func(*view, *record) value { return booleanOf(true) }),
			typed("boolean", "IsInvitee", func(*view, *record) value { return booleanOf(false) }),
			picklist("Status", nothing))
	}
	prefixOf := prefixTask
	if parent == "Event" {
		prefixOf = prefixEvent
	}
	return object{
		name: name, label: name, prefix: prefix, ordered: true, fields: append(fields, audit()...), size: countActivities,
		load: func(v *view, index int, rows []record) []record {
			a := &v.story.Activities[index]
			if a.Kind == company.Note || activityPrefix(v, index) != prefixOf {
				return rows
			}
			for place, related := range []bool{a.Contact != company.None, a.Deal != company.None || a.Account != company.None} {
				if related {
					r := v.simple(identityOf("", prefix, int64(index)*2+int64(place)), index, a.Owner, a.CreatedAt, a.DeletedAt)
					r.thing = place == 1
					rows = v.visible(rows, r, a.DeletedAt)
				}
			}
			return rows
		},
	}
}

func activityPrefix(v *view, index int) string {
	if v.story.Activities[index].Kind == company.Meeting {
		return prefixEvent
	}
	return prefixTask
}
