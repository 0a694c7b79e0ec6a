package salesforce

import "merit/connectors"

// people is what of Salesforce's data tells of persons. Ids need no declaration to be
// found: those of Salesforce mean one record wherever they stand. It is long because it is
// a table: a line for each column, to be read beside objects.go.
func people() connectors.People {
	const (
		user, contact, lead = "User", "Contact", "Lead"
		colleague, customer = "id of a colleague", "id of a contact"
	)
	of := func(table, column string, says connectors.Says, property string) connectors.Personal {
		return connectors.Personal{Table: table, Column: column, Says: says, Property: property}
	}
	id := func(table, column, kind, property string) connectors.Personal {
		return connectors.Personal{Table: table, Column: column, Says: connectors.SaysID, Kind: kind, Property: property}
	}
	own := func(one connectors.Personal) connectors.Personal { one.Own = true; return one }
	columns := []connectors.Personal{
		own(id("User", "Id", user, colleague)),
		own(of("User", "Email", connectors.SaysAddress, "e-mail address of a colleague")),
		own(of("User", "Name", connectors.SaysName, "name of a colleague")),
		of("User", "Department", connectors.SaysNothing, ""),
		of("User", "Division", connectors.SaysNothing, ""),
		own(id("Contact", "Id", contact, customer)),
		own(id("Contact", "MasterRecordId", contact, customer)),
		own(of("Contact", "Email", connectors.SaysAddress, "e-mail address of a contact")),
		own(of("Contact", "Name", connectors.SaysName, "name of a contact")),
		own(of("Contact", "FirstName", connectors.SaysName, "name of a contact")),
		own(of("Contact", "LastName", connectors.SaysName, "name of a contact")),
		own(id("Lead", "Id", lead, "id of a lead")),
		own(id("Lead", "MasterRecordId", lead, "id of a lead")),
		own(id("Lead", "ConvertedContactId", contact, customer)),
		own(of("Lead", "Email", connectors.SaysAddress, "e-mail address of a lead")),
		own(of("Lead", "Name", connectors.SaysName, "name of a lead")),
		of("Lead", "Status", connectors.SaysNothing, ""),
		of("Lead", "LeadSource", connectors.SaysNothing, ""),
		of("Lead", "Industry", connectors.SaysNothing, ""),
		of("Lead", "Rating", connectors.SaysNothing, ""),

		id("LoginHistory", "UserId", user, colleague),
		id("OpportunityContactRole", "ContactId", contact, customer),
		id("ForecastingQuota", "QuotaOwnerId", user, colleague),
		id("OpportunityTeamMember", "UserId", user, colleague),
		id("UserTerritory2Association", "UserId", user, colleague),
		id("OpportunitySplit", "SplitOwnerId", user, colleague),
		id("OpportunityLineItemSplit", "SplitOwnerId", user, colleague),
		id("Contact_ids", "record_id", contact, customer),
		id("Lead_ids", "record_id", lead, "id of a lead"),
		id("User_ids", "record_id", user, colleague),
		id("Asset", "ContactId", contact, customer),
		id("*", "ForecastOwnerId", user, colleague),
		id("*", "ForecastUserId", user, colleague),
		id("*", "OwnerId", user, colleague),
		id("*", "CreatedById", user, colleague),
		id("*", "WhoId", contact, customer),
		id("*", "RelationId", contact, customer),

		of("Opportunity", "Name", connectors.SaysText, "name of a deal"),
		of("OpportunityLineItem", "Name", connectors.SaysText, "name of a deal"), // with the product's
		of("Opportunity", "NextStep", connectors.SaysText, ""),
		of("Task", "Subject", connectors.SaysText, ""),
		of("Event", "Subject", connectors.SaysText, ""),
		of("EmailMessage", "Subject", connectors.SaysText, ""),
		of("Quote", "Name", connectors.SaysText, ""),
		of("QuoteDocument", "Name", connectors.SaysText, ""),
		of("OpportunitySplit", "SplitNote", connectors.SaysText, ""),
		of("ForecastingOwnerAdjustment", "AdjustmentNote", connectors.SaysText, ""),
		of("SetupAuditTrail", "Display", connectors.SaysText, ""),
		of("SetupAuditTrail", "DelegateUser", connectors.SaysText, "name of a colleague"),
	}
	return connectors.People{
		Records: []string{"User", "Contact", "Lead"},
		Columns: columns,
		Changes: []connectors.Changes{
			{
				Table: "OpportunityFieldHistory", Of: "Opportunity", Column: "Field", Values: []string{"OldValue", "NewValue"},
				Aliases: map[string]string{"Owner": "OwnerId"},
				Names:   map[string]string{"Owner": "name of a colleague"},
			},
			{Table: "OpportunityHistory", Of: "Opportunity"},
		},
	}
}
