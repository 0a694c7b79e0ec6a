package salesforce

import "testing"

func TestDocuments(t *testing.T) {
	t.Run("a quote went out when its first document was made", func(t *testing.T) {
		v := newViewTest(t)
		v.given("Quote", `
			Id   | OpportunityId | AccountId | OwnerId | CreatedById | Status    | GrandTotal | CreatedDate          | LastModifiedDate     | merit_deleted
			0Q0A | 006A          | 001       | 005ann  | 005bob      | Draft     | 10         | 2026-01-05T10:00:00Z | 2026-01-05T10:00:00Z | false
			0Q0B | 006A          | 001       |         | 005bob      | Accepted  | 20.5       | 2026-01-05T10:00:00Z | 2026-01-20T10:00:00Z | false
			0Q0C | 006A          | 001       | 005ann  |             | Denied    | 30         | 2026-01-05T10:00:00Z | 2026-01-09T10:00:00Z | true`)
		v.given("QuoteDocument", `
			Id   | QuoteId | CreatedDate
			0QD1 | 0Q0B    | 2026-01-08T10:00:00Z
			0QD2 | 0Q0B    | 2026-01-07T10:00:00Z`)
		v.gives("documents", `
			document_id | kind  | deal_id | owner_id | amount | sent_at                | signed_at              | is_deleted
			0Q0A        | quote | 006A    | 005ann   | 10.00  |                        |                        | false
			0Q0B        | quote | 006A    | 005bob   | 20.50  | 2026-01-07 10:00:00+00 | 2026-01-20 10:00:00+00 | false
			0Q0C        | quote | 006A    | 005ann   | 30.00  | 2026-01-09 10:00:00+00 |                        | true`)
	})

	t.Run("a contract goes out signed by us, and comes back signed by the customer", func(t *testing.T) {
		v := newViewTest(t)
		v.given("Opportunity", `
			Id   | ContractId | Amount | CurrencyIsoCode | CreatedDate          | merit_deleted
			006A | 800A       | 100    | EUR             | 2026-01-01T00:00:00Z | false
			006B | 800A       | 900    | EUR             | 2026-02-01T00:00:00Z | false
			006C | 800B       | 50     |                 | 2026-01-01T00:00:00Z | true`)
		v.given("Contract", `
			Id   | AccountId | OwnerId | CreatedDate          | CompanySignedDate | CustomerSignedDate | ActivatedDate        | merit_deleted
			800A | 001       | 005ann  | 2026-01-05T15:00:00Z | 2026-01-05        | 2026-01-09         | 2026-01-09T16:00:00Z | false
			800B | 001       | 005ann  | 2026-01-05T15:00:00Z | 2026-01-07        |                    |                      | false
			800C | 001       | 005ann  | 2026-01-05T15:00:00Z |                   | 2026-01-08         | 2026-01-09T16:00:00Z | false
			800D | 001       | 005ann  | 2026-01-05T15:00:00Z |                   |                    |                      | true`)
		v.gives("documents", `
			document_id | kind     | deal_id | amount | currency | sent_at                | signed_at              | is_deleted
			800A        | contract | 006A    | 100.00 | EUR      | 2026-01-05 15:00:00+00 | 2026-01-09 16:00:00+00 | false
			800B        | contract |         |        |          | 2026-01-07 05:00:00+00 |                        | false
			800C        | contract |         |        |          | 2026-01-08 05:00:00+00 | 2026-01-08 05:00:00+00 | false
			800D        | contract |         |        |          |                        |                        | true`)
	})
}

// Which deal renews a contract, and whether any does, says core.renewals.
func TestRenewals(t *testing.T) {
	v := newViewTest(t)
	v.given("Contract", `
		Id   | AccountId | OwnerId | StatusCode | ActivatedDate        | StartDate  | EndDate    | CreatedDate          | SBQQ__Opportunity__c | SBQQ__RenewalOpportunity__c | merit_deleted
		800A | 001       | 005csm  | Activated  | 2025-01-01T00:00:00Z | 2025-01-01 | 2026-01-31 | 2025-01-01T00:00:00Z |                      |                             | false
		800B | 001       | 005csm  | Activated  |                      | 2025-03-01 | 2026-03-10 | 2025-02-01T00:00:00Z |                      |                             | false
		800C | 004       | 005csm  | Draft      |                      | 2025-01-01 | 2025-12-31 | 2025-01-01T00:00:00Z |                      |                             | false
		800D | 005       | 005csm  | Activated  | 2025-01-01T00:00:00Z | 2025-01-01 | 2025-12-31 | 2025-01-01T00:00:00Z | 006X                 | 006Y                        | true`)
	v.given("Opportunity", `
		Id   | AccountId | ContractId | CreatedDate          | merit_deleted
		006A | 001       | 800A       | 2024-11-02T00:00:00Z | false
		006B | 001       | 800A       | 2024-11-01T00:00:00Z | true
		006C | 001       | 800A       | 2024-11-01T12:00:00Z | false
		006D | 001       | 800A       | 2024-11-01T12:00:00Z | false`)
	v.gives("renewals", `
		renewal_id | account_id | deal_id | renewal_deal_id | owner_id | signed_at              | term_starts_on | due_on     | outcome | is_deleted
		800A       | 001        | 006C    |                 | 005csm   | 2025-01-01 00:00:00+00 | 2025-01-01     | 2026-01-31 |         | false
		800B       | 001        |         |                 | 005csm   | 2025-02-01 00:00:00+00 | 2025-03-01     | 2026-03-10 |         | false
		800D       | 005        | 006X    | 006Y            | 005csm   | 2025-01-01 00:00:00+00 | 2025-01-01     | 2025-12-31 |         | true`)
}

func TestEmails(t *testing.T) {
	v := newViewTest(t)
	v.given("Task", `
		Id   | TaskSubtype | CallType | OwnerId | CreatedDate          | IsClosed
		00T1 | Email       |          | 005ann  | 2026-03-02T15:00:00Z | true
		00T2 | Email       |          | 005ann  | 2026-03-02T15:00:00Z | true
		00T3 | Email       |          | 005ann  | 2026-03-02T15:00:00Z | true
		00T4 | Call        | Inbound  | 005ann  | 2026-03-02T15:00:00Z | true
		00T5 | Call        | Internal | 005ann  | 2026-03-02T15:00:00Z | true
		00T6 | ListEmail   |          | 005ann  | 2026-03-02T15:00:00Z | true`)
	v.given("EmailMessage", `
		Id   | ActivityId | ParentId | RelatedToId | Incoming | MessageDate          | CreatedDate          | CreatedById | Status | merit_deleted
		02s1 | 00T1       |          | 006A        | false    | 2026-03-02T15:00:00Z | 2026-03-02T15:00:00Z | 005ann      | 3      | false
		02s2 | 00T2       |          | 006A        | true     | 2026-03-02T15:00:00Z | 2026-03-02T15:00:00Z | 005bot      | 1      | false
		02s3 |            |          | 006A        | false    | 2026-03-03T15:00:00Z | 2026-03-03T15:00:05Z | 005bob      | 3      | false
		02s4 |            |          | 001B        | true     |                      | 2026-03-04T15:00:00Z | 005bob      | 0      | false
		02s5 |            |          | 006A        | false    |                      | 2026-03-05T15:00:00Z | 005bob      | 5      | true
		02s6 |            | 500C     | 500C        | true     | 2026-03-03T15:00:00Z | 2026-03-03T15:00:05Z | 005bob      | 1      | false`)
	v.gives("activities", `
		activity_id | kind  | owner_id | deal_id | account_id | occurred_at            | is_completed | is_deleted | direction
		00T1        | email | 005ann   |         |            | 2026-03-02 15:00:00+00 | true         | false      | outbound
		00T2        | email | 005ann   |         |            | 2026-03-02 15:00:00+00 | true         | false      | inbound
		00T3        | email | 005ann   |         |            | 2026-03-02 15:00:00+00 | true         | false      |
		00T4        | call  | 005ann   |         |            | 2026-03-02 15:00:00+00 | true         | false      | inbound
		00T5        | call  | 005ann   |         |            | 2026-03-02 15:00:00+00 | true         | false      |
		00T6        | email | 005ann   |         |            | 2026-03-02 15:00:00+00 | true         | false      | outbound
		02s3        | email | 005bob   | 006A    |            | 2026-03-03 15:00:00+00 | true         | false      | outbound
		02s4        | email | 005bob   |         | 001B       | 2026-03-04 15:00:00+00 | true         | false      | inbound
		02s5        | email | 005bob   | 006A    |            | 2026-03-05 15:00:00+00 | false        | true       | outbound`)
	v.gives("activity_links", `
		activity_id | record_type | record_id
		02s3        | deal        | 006A
		02s4        | account     | 001B
		02s5        | deal        | 006A`)
}
