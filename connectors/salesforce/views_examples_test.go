package salesforce

import "testing"

func TestDealChanges(t *testing.T) {
	t.Run("a field changes where its value is another than in the row before", func(t *testing.T) {
		v := newViewTest(t)
		v.given("OpportunityHistory", `
			Id   | OpportunityId | CreatedDate          | CreatedById | StageName   | Amount | CloseDate  | ForecastCategory
			0081 | 006A          | 2026-01-05T10:00:00Z | 005ann      | Prospecting |        | 2026-03-31 | Pipeline
			0082 | 006A          | 2026-01-09T10:00:00Z | 005ann      | Prospecting | 100    | 2026-03-31 | Pipeline
			0083 | 006A          | 2026-01-20T10:00:00Z | 005bob      | Proposal    | 100    | 2026-03-31 | BestCase
			0084 | 006A          | 2026-01-25T10:00:00Z | 005bob      | Prospecting | 100    | 2026-06-30 | Pipeline
			0085 | 006A          | 2026-02-01T10:00:00Z | 005bob      | Prospecting |        | 2026-06-30 | Pipeline`)
		v.givesChanges(`
			change_id              | deal_id | field             | new_value   | changed_at             | ordinal | changed_by | changed_through | is_truncated
			0081:stage             | 006A    | stage             | Prospecting | 2026-01-05 10:00:00+00 | 1       | 005ann     |                 | false
			0083:stage             | 006A    | stage             | Proposal    | 2026-01-20 10:00:00+00 | 1       | 005bob     |                 | false
			0084:stage             | 006A    | stage             | Prospecting | 2026-01-25 10:00:00+00 | 1       | 005bob     |                 | false
			0081:amount            | 006A    | amount            |             | 2026-01-05 10:00:00+00 | 1       | 005ann     |                 | false
			0082:amount            | 006A    | amount            | 100.00      | 2026-01-09 10:00:00+00 | 1       | 005ann     |                 | false
			0085:amount            | 006A    | amount            |             | 2026-02-01 10:00:00+00 | 1       | 005bob     |                 | false
			0081:close_on          | 006A    | close_on          | 2026-03-31  | 2026-01-05 10:00:00+00 | 1       | 005ann     |                 | false
			0084:close_on          | 006A    | close_on          | 2026-06-30  | 2026-01-25 10:00:00+00 | 1       | 005bob     |                 | false
			0081:forecast_category | 006A    | forecast_category | Pipeline    | 2026-01-05 10:00:00+00 | 1       | 005ann     |                 | false
			0083:forecast_category | 006A    | forecast_category | Best Case   | 2026-01-20 10:00:00+00 | 1       | 005bob     |                 | false
			0084:forecast_category | 006A    | forecast_category | Pipeline    | 2026-01-25 10:00:00+00 | 1       | 005bob     |                 | false`)
	})

	t.Run("an amount stands in the currency of its row", func(t *testing.T) {
		v := newViewTest(t)
		v.given("OpportunityHistory", `
			Id   | OpportunityId | CreatedDate          | StageName | Amount  | CurrencyIsoCode
			0081 | 006A          | 2026-01-05T10:00:00Z | Demo      | 40750   | USD
			0082 | 006A          | 2026-04-05T10:00:00Z | Demo      | 6112500 | JPY`)
		v.givesChanges(`
			change_id     | field    | new_value
			0081:stage    | stage    | Demo
			0081:close_on | close_on |
			0081:forecast_category | forecast_category |
			0081:amount   | amount   | 40750.00
			0082:amount   | amount   | 6112500.00
			0081:currency | currency | USD
			0082:currency | currency | JPY`)
	})

	t.Run("rows of one instant keep the order of their ids", func(t *testing.T) {
		v := newViewTest(t)
		v.given("OpportunityHistory", `
			Id   | OpportunityId | CreatedDate          | StageName
			008b | 006A          | 2026-01-05T10:00:00Z | Third
			008B | 006A          | 2026-01-05T10:00:00Z | Second
			0081 | 006A          | 2026-01-05T10:00:00Z | First`)
		v.givesChanges(`
			change_id              | ordinal | new_value
			0081:stage             | 1       | First
			008B:stage             | 1       | Second
			008b:stage             | 1       | Third
			0081:amount            | 1       |
			0081:close_on          | 1       |
			0081:forecast_category | 1       |`)
	})

	t.Run("the first owner is whom the first handover took it from", func(t *testing.T) {
		v := newViewTest(t)
		v.given("Opportunity", `
			Id   | OwnerId            | CreatedById | CreatedDate
			006A | 0053000000000003AA | 005ann      | 2026-01-05T10:00:00Z
			006B | 0053000000000001AA | 005ann      | 2026-02-05T10:00:00Z
			006C | 0053000000000001AA | 005ann      | 2026-01-01T10:00:00Z
			006D | 0053000000000001AA | 005ann      | 2026-01-01T10:00:00Z`)
		v.given("OpportunityFieldHistory", `
			Id   | OpportunityId | Field | OldValue           | NewValue           | CreatedById | CreatedDate
			0171 | 006A          | created |                  |                    | 005ann      | 2026-01-05T10:00:00Z
			0170 | 006D          | opportunityCreatedFromLead |  |                 | 005ann      | 2026-01-01T10:00:00Z
			0172 | 006A          | Owner | Ann Lee            | Bob Ray            | 005boss     | 2026-01-10T10:00:00Z
			0173 | 006A          | Owner | 0053000000000001AA | 0053000000000002AA | 005boss     | 2026-01-10T10:00:00Z
			0174 | 006A          | Owner | Bob Ray            | 005 Cyclist        | 005boss     | 2026-01-20T10:00:00Z
			0175 | 006A          | Owner | 0053000000000002AA | 0053000000000003AA | 005boss     | 2026-01-20T10:00:00Z`)
		v.givesChanges(`
			change_id              | deal_id | field     | new_value          | changed_at             | ordinal | changed_by | is_truncated
			006A:owner:created     | 006A    | owner     | 0053000000000001AA | 2026-01-05 10:00:00+00 | 0       | 005ann     | false
			0173:owner             | 006A    | owner     | 0053000000000002AA | 2026-01-10 10:00:00+00 | 1       | 005boss    | false
			0175:owner             | 006A    | owner     | 0053000000000003AA | 2026-01-20 10:00:00+00 | 1       | 005boss    | false
			006B:owner:created     | 006B    | owner     | 0053000000000001AA | 2026-02-05 10:00:00+00 | 0       | 005ann     | false
			006C:owner:created     | 006C    | owner     | 0053000000000001AA | 2026-01-01 10:00:00+00 | 0       | 005ann     | true
			006D:owner:created     | 006D    | owner     | 0053000000000001AA | 2026-01-01 10:00:00+00 | 0       | 005ann     | false`)
	})

	t.Run("without any history of owners today's stands, and says that it is a guess", func(t *testing.T) {
		v := newViewTest(t)
		v.given("Opportunity", `
			Id   | OwnerId | CreatedById | CreatedDate          | NextStep
			006A | 005ann  | 005boss     | 2026-03-05T10:00:00Z | Call back`)
		v.given("OpportunityHistory", `
			Id   | OpportunityId | CreatedDate          | StageName
			0081 | 006A          | 2026-01-05T10:00:00Z | Prospecting`)
		v.givesChanges(`
			change_id              | new_value   | changed_at             | is_truncated
			0081:stage             | Prospecting | 2026-01-05 10:00:00+00 | false
			0081:amount            |             | 2026-01-05 10:00:00+00 | false
			0081:close_on          |             | 2026-01-05 10:00:00+00 | false
			0081:forecast_category |             | 2026-01-05 10:00:00+00 | false
			006A:owner:created     | 005ann      | 2026-01-05 10:00:00+00 | true`)
	})

	t.Run("a next step counts from when it was written, and is left out where nobody knows when", func(t *testing.T) {
		v := newViewTest(t)
		v.given("Opportunity", `
			Id   | OwnerId | CreatedById | CreatedDate          | NextStep
			006A | 005ann  | 005ann      | 2026-01-05T10:00:00Z | Send offer
			006B | 005ann  | 005ann      | 2026-02-05T10:00:00Z | Demo
			006C | 005ann  | 005ann      | 2025-12-05T10:00:00Z | Long ago`)
		v.given("OpportunityFieldHistory", `
			Id   | OpportunityId | Field    | OldValue | NewValue   | CreatedById | CreatedDate
			0171 | 006A          | NextStep |          | Call       | 005ann      | 2026-01-08T10:00:00Z
			0172 | 006A          | NextStep | Call     | Send offer | 005ann      | 2026-01-09T10:00:00Z`)
		v.givesChanges(`
			change_id              | field     | new_value  | changed_at             | ordinal | is_truncated
			006A:next_step:created | next_step |            | 2026-01-05 10:00:00+00 | 0       | true
			0171:next_step         | next_step | Call       | 2026-01-08 10:00:00+00 | 1       | false
			0172:next_step         | next_step | Send offer | 2026-01-09 10:00:00+00 | 1       | false
			006B:next_step:created | next_step | Demo       | 2026-02-05 10:00:00+00 | 0       | false
			006A:owner:created     | owner     | 005ann     | 2026-01-05 10:00:00+00 | 0       | true
			006B:owner:created     | owner     | 005ann     | 2026-02-05 10:00:00+00 | 0       | true
			006C:owner:created     | owner     | 005ann     | 2025-12-05 10:00:00+00 | 0       | true`)
	})
}

func TestDeals(t *testing.T) {
	v := newViewTest(t)
	v.given("OpportunityStage", `
		Id  | ApiName     | MasterLabel | DefaultProbability | IsActive | IsClosed | IsWon | SortOrder
		01a | Prospecting | Prospecting | 10                 | true     | false    | false | 1
		01b | Closed Won  | Won         | 100                | true     | true     | true  | 2
		01c | Closed Lost | Lost        | 0                  | true     | true     | false | 3`)
	v.given("Opportunity", `
		Id   | Name   | StageName   | Amount | CurrencyIsoCode | CloseDate  | ForecastCategory | CreatedDate          | LastModifiedDate     | merit_deleted
		006A | open   | Prospecting | 10.5   | EUR             | 2026-06-30 | Forecast         | 2026-01-05T10:00:00Z | 2026-02-05T10:00:00Z | false
		006B | won    | Closed Won  | 20     |                 | 2026-02-28 | Closed           | 2026-01-05T10:00:00Z | 2026-03-05T10:00:00Z | false
		006C | by day | Closed Won  | 30     |                 | 2026-02-28 | Closed           | 2026-01-05T10:00:00Z | 2026-03-05T10:00:00Z |
		006D | gone   | Closed Lost |        |                 | 2026-02-28 | Omitted          | 2026-01-05T10:00:00Z | 2026-03-05T10:00:00Z | true`)
	v.given("OpportunityHistory", `
		Id   | OpportunityId | CreatedDate          | StageName   | Amount
		0081 | 006A          | 2026-01-04T10:00:00Z | Closed Lost | 1
		0082 | 006A          | 2026-01-06T10:00:00Z | Prospecting | 1
		0083 | 006B          | 2026-01-05T10:00:00Z | Closed Lost | 1
		0084 | 006B          | 2026-01-20T10:00:00Z | Prospecting | 1
		0085 | 006B          | 2026-02-27T10:00:00Z | Closed Won  | 1
		0086 | 006B          | 2026-03-05T10:00:00Z | Closed Won  | 2
		0087 | 006D          | 2026-01-05T10:00:00Z | Closed Won  | 1
		0088 | 006D          | 2026-01-07T10:00:00Z | Closed Lost | 1`)
	v.gives("deals", `
		deal_id | pipeline_id | stage_id    | amount | currency | close_on   | closed_at              | forecast_category | seen_at                | is_deleted | url
		006A    | default     | Prospecting | 10.50  | EUR      | 2026-06-30 |                        | Commit            | 2026-01-04 10:00:00+00 | false      | /lightning/r/Opportunity/006A/view
		006B    | default     | Closed Won  | 20.00  |          | 2026-02-28 |                        | Closed            | 2026-01-05 10:00:00+00 | false      | /lightning/r/Opportunity/006B/view
		006C    | default     | Closed Won  | 30.00  |          | 2026-02-28 |                        | Closed            |                        | false      | /lightning/r/Opportunity/006C/view
		006D    | default     | Closed Lost |        |          | 2026-02-28 |                        | Omitted           | 2026-01-05 10:00:00+00 | true       | /lightning/r/Opportunity/006D/view`)
	v.gives("stages", `
		pipeline_id | stage_id    | label       | position | probability | is_closed | is_won
		default     | Prospecting | Prospecting | 1        | 0.1000      | false     | false
		default     | Closed Won  | Won         | 2        | 1.0000      | true      | true
		default     | Closed Lost | Lost        | 3        | 0.0000      | true      | false`)
}

func TestAStageMadeAgain(t *testing.T) {
	v := newViewTest(t)
	v.given("OpportunityStage", `
		Id  | ApiName | MasterLabel | IsActive | IsClosed | IsWon | SortOrder
		01a | Demo    | Old demo    | false    | false    | false | 1
		01b | Demo    | Demo        | true     | false    | false | 7
		01c | Retired | Retired     | false    | false    | false | 3`)
	v.gives("stages", `
		stage_id | label   | position | is_won
		Retired  | Retired | 1        | false
		Demo     | Demo    | 2        | false`)
}

func TestActivities(t *testing.T) {
	v := newViewTest(t)
	v.given("Task", `
		Id   | TaskSubtype | Type     | WhatId | WhoId  | AccountId | ActivityDate | CompletedDateTime    | IsClosed | CallDurationInSeconds | CreatedDate          | IsRecurrence | merit_deleted
		00T1 | Call        | Intro    | 006A   | 003X   | 001Z      | 2026-03-02   | 2026-03-02T15:00:00Z | true     | 90                    | 2026-03-02T16:00:00Z | false        | false
		00T2 | Call        |          | 001B   |        |           | 2026-02-20   | 2026-03-02T15:00:00Z | true     | 0                     | 2026-03-02T15:00:00Z |              | false
		00T3 | Email       |          | 006A   | 00QL   |           |              |                      | true     |                       | 2026-03-03T09:00:00Z |              | true
		00T4 | Task        | E-Mail   |        |        |           | 2026-03-03   |                      | false    |                       | 2026-03-04T02:00:00Z |              |
		00T5 | Task        | Follow-up |       |        |           | 2026-03-09   | 2026-03-05T09:00:00Z | false    |                       | 2026-03-03T09:00:00Z |              | false
		00T6 | Task        |          |        |        |           | 2026-03-09   |                      | false    |                       | 2026-03-03T09:00:00Z | true         | false`)
	v.given("Event", `
		Id   | Type | WhatId | ActivityDateTime     | StartDateTime        | EndDateTime          | ActivityDate | IsAllDayEvent | IsChild | DurationInMinutes | CreatedDate          | merit_deleted
		00U1 | Demo | 006A   | 2026-03-02T15:00:00Z | 2026-03-02T15:00:00Z | 2026-03-02T15:30:00Z | 2026-03-02   | false         | false   | 30                | 2026-03-01T00:00:00Z | false
		00U2 | Demo | 006A   | 2026-03-02T15:00:00Z | 2026-03-02T15:00:00Z | 2026-03-02T15:30:00Z | 2026-03-02   | false         | true    | 30                | 2026-03-01T00:00:00Z | false
		00U3 |      | 006A   | 2026-03-31T23:45:00Z | 2026-03-31T23:45:00Z | 2026-04-01T00:15:00Z | 2026-03-31   | false         |         | 30                | 2026-03-01T00:00:00Z | false
		00U4 |      | 001B   |                      | 2026-03-10T00:00:00Z |                      | 2026-03-10   | true          |         | 1440              | 2026-03-01T00:00:00Z | false`)
	v.gives("activities", `
		activity_id | kind    | subtype   | deal_id | account_id | contact_id | occurred_at            | completed_at           | is_completed | duration_seconds | is_deleted
		00T1        | call    | Intro     | 006A    | 001Z       | 003X       | 2026-03-02 15:00:00+00 | 2026-03-02 15:00:00+00 | true         | 90               | false
		00T2        | call    |           |         | 001B       |            | 2026-02-20 05:00:00+00 | 2026-03-02 15:00:00+00 | true         | 0                | false
		00T3        | email   |           | 006A    |            |            | 2026-03-03 09:00:00+00 |                        | true         |                  | true
		00T4        | email   | E-Mail    |         |            |            | 2026-03-04 02:00:00+00 |                        | false        |                  | false
		00T5        | task    | Follow-up |         |            |            | 2026-03-09 04:00:00+00 |                        | false        |                  | false
		00U1        | meeting | Demo      | 006A    |            |            | 2026-03-02 15:00:00+00 |                        |              | 1800             | false
		00U3        | meeting |           | 006A    |            |            | 2026-03-31 23:45:00+00 |                        |              | 1800             | false
		00U4        | meeting |           |         | 001B       |            | 2026-03-10 04:00:00+00 |                        |              | 86400            | false`)
}

func TestPeople(t *testing.T) {
	v := newViewTest(t)
	v.given("User", `
		Id   | Name    | Email          | Department | Division | IsActive | merit_deleted
		0051 | Ann Lee | Ann@Acme.COM   | Enterprise | East     | true     | false
		0052 | Bob Ray |                |            | West     | false    | false
		0053 | Robot   |                |            |          |          | false`)
	v.gives("users", `
		user_id | name    | email        | team       | is_active
		0051    | Ann Lee | ann@acme.com | Enterprise | true
		0052    | Bob Ray |              | West       | false
		0053    | Robot   |              |            | false`)
	v.given("Account", `
		Id  | Name | OwnerId | Industry | CreatedDate          | merit_deleted
		001 | Roe  | 0051    | Retail   | 2026-01-01T00:00:00Z | true`)
	v.gives("accounts", `
		account_id | name | owner_id | industry | created_at             | is_deleted
		001        | Roe  | 0051     | Retail   | 2026-01-01 00:00:00+00 | true`)
	v.given("Contact", `
		Id  | AccountId | OwnerId | CreatedDate          | merit_deleted
		003 | 001       | 0051    | 2026-01-01T00:00:00Z |`)
	v.gives("contacts", `
		contact_id | account_id | owner_id | created_at             | is_deleted
		003        | 001        | 0051     | 2026-01-01 00:00:00+00 | false`)
	v.given("OpportunityContactRole", `
		Id  | OpportunityId | ContactId | Role     | IsPrimary | SystemModstamp       | merit_deleted
		00a | 006A          | 003       | Champion | false     | 2026-01-02T00:00:00Z | false
		00b | 006A          | 003       | Buyer    | true      | 2026-01-01T00:00:00Z | false
		00c | 006B          | 003       | Old      | false     | 2026-01-01T00:00:00Z | false
		00d | 006B          | 003       | New      | false     | 2026-01-02T00:00:00Z | false
		00e | 006C          | 003       | Gone     | true      | 2026-01-02T00:00:00Z | true`)
	v.gives("deal_contacts", `
		deal_id | contact_id | role  | is_primary
		006A    | 003        | Buyer | true
		006B    | 003        | New   | false`)
}
