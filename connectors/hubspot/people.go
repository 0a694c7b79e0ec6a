package hubspot

import "merit/connectors"

// Kinds of ids by which HubSpot knows a person: an owner's, a user's number (which
// records name colleagues by), and those of the objects users and contacts.
const (
	ownerKind   = "owners"
	numberKind  = "userId"
	userKind    = "users"
	contactKind = "contacts"
)

// people is what of HubSpot's data tells of persons. It is long because it is a table: a
// line for each column, to be read beside objects.go.
func people() connectors.People {
	of := func(table, column string, says connectors.Says, property string) connectors.Personal {
		return connectors.Personal{Table: table, Column: column, Says: says, Property: property}
	}
	id := func(table, column, kind, property string) connectors.Personal {
		return connectors.Personal{Table: table, Column: column, Says: connectors.SaysID, Kind: kind, Property: property}
	}
	own := func(one connectors.Personal) connectors.Personal { one.Own = true; return one }
	const (
		colleague, contact = "id of a colleague", "id of a contact"
		address, name      = "e-mail address of a colleague", "name of a colleague"
	)
	columns := []connectors.Personal{
		own(id("owners", "id", ownerKind, colleague)),
		own(id("owners", "userId", numberKind, colleague)),
		own(id("owners", "userIdIncludingInactive", numberKind, colleague)),
		own(of("owners", "email", connectors.SaysAddress, address)),
		own(of("owners", "firstName", connectors.SaysName, name)),
		own(of("owners", "lastName", connectors.SaysName, name)),
		of("owners", "type", connectors.SaysNothing, ""),
		of("owners", "team", connectors.SaysNothing, ""),
		own(id("users", "hs_object_id", userKind, colleague)),
		own(id("users", "hs_internal_user_id", numberKind, colleague)),
		own(of("users", "hs_email", connectors.SaysAddress, address)),
		of("users", "hs_job_title", connectors.SaysText, "job of a colleague"),
		own(id("logins", "userId", numberKind, colleague)),
		own(of("logins", "email", connectors.SaysAddress, address)),
		of("logins", "userAgent", connectors.SaysNothing, "device of a colleague"),
		own(id("contacts", "hs_object_id", contactKind, contact)),
		own(id("contacts", "hs_merged_object_ids", contactKind, contact)),
		own(of("contacts", "email", connectors.SaysAddress, "e-mail address of a contact")),
		own(of("contacts", "firstname", connectors.SaysName, "name of a contact")),
		own(of("contacts", "lastname", connectors.SaysName, "name of a contact")),

		id("*", "hubspot_owner_id", ownerKind, colleague),
		id("*", "updated_by_user_id", numberKind, colleague),
		id("*", "hs_created_by_user_id", numberKind, colleague),
		id("goal_targets", "hs_assignee_user_id", numberKind, colleague),
		id("team_members", "user_id", numberKind, colleague),
		id("contact_ids", "record_id", contactKind, contact),
		id("user_ids", "record_id", userKind, colleague),
		id("contact_links", "from_id", contactKind, contact),
		{Table: "*", Column: "source_id", Says: connectors.SaysID, Kind: numberKind, Before: "userId:", Property: colleague},
		{
			Table: "*", Column: "to_id", Says: connectors.SaysID, Property: contact, KindColumn: "to_type",
			Kinds: map[string]string{"contact": contactKind, "merged_contact": contactKind},
		},

		of("deals", "dealname", connectors.SaysText, ""),
		of("deals", "hs_next_step", connectors.SaysText, ""),
		of("calls", "hs_call_title", connectors.SaysText, ""),
		of("emails", "hs_email_subject", connectors.SaysText, ""),
		of("meetings", "hs_meeting_title", connectors.SaysText, ""),
		of("tasks", "hs_task_subject", connectors.SaysText, ""),
		of("leads", "hs_lead_name", connectors.SaysText, "name of a lead"),
		of("quotes", "hs_title", connectors.SaysText, ""),
		of("goal_targets", "hs_goal_name", connectors.SaysText, ""),
		of("audit_logs", "actingUser", connectors.SaysText, ""),
		of("forecast_submissions", "properties", connectors.SaysText, ""),
	}
	for _, column := range []string{"url", "id", "associatedcompanyid", "hs_merged_object_ids", "hs_product_id", "hs_deal_pipeline_id", "hs_team_id", "targetObjectId", "portalId"} {
		columns = append(columns, of("*", column, connectors.SaysNothing, ""))
	}
	return connectors.People{
		Records: []string{"owners", "users", "contacts"},
		Columns: columns,
		Changes: []connectors.Changes{
			{Table: "deal_history", Of: "deals", Column: "property", Values: []string{"value", "number", "instant"}},
			{Table: "deal_fields", Of: "deals", Column: "field", Values: []string{"value"}},
			{Table: "forecast_history", Of: "forecasts", Column: "property", Values: []string{"value", "number", "instant"}},
			{Table: "quote_history", Of: "quotes", Column: "property", Values: []string{"value", "number", "instant"}},
			{Table: "forecast_submissions", Of: "forecasts", Values: []string{"properties"}},
		},
	}
}
