package salesforce

import "testing"

func TestDealCredits(t *testing.T) {
	types := `
		Id  | DeveloperName | MasterLabel | IsActive | IsTotalValidated | SplitField
		1S1 | Revenue       | Revenue     | true     | true             | Amount
		1S2 | Overlay       | Overlay     | true     | false            | Amount
		1S3 | Services      | Services    | true     | true             | Services_Amount__c`

	t.Run("the split is that of the amount, which has to total 100; any other type counts as the team does", func(t *testing.T) {
		v := newViewTest(t)
		v.given("OpportunitySplitType", types)
		v.given("OpportunitySplit", `
			Id | OpportunityId | SplitOwnerId | SplitTypeId | SplitPercentage | CreatedDate          | LastModifiedDate     | SystemModstamp       | merit_deleted
			S1 | 006A          | 005ann       | 1S1         | 70              | 2026-01-05T10:00:00Z | 2026-02-05T10:00:00Z | 2026-03-29T00:00:00Z | false
			S2 | 006A          | 005bob       | 1S1         | 30              | 2026-01-05T10:00:00Z |                      | 2026-01-05T10:00:00Z | false
			S3 | 006A          | 005cid       | 1S2         | 250             | 2026-01-05T10:00:00Z |                      | 2026-01-05T10:00:00Z | false
			S4 | 006A          | 005dot       | 1S3         | 100             | 2026-01-05T10:00:00Z |                      | 2026-01-05T10:00:00Z | false
			S5 | 006A          | 005eve       | 1S1         | 33.33           | 2026-01-05T10:00:00Z |                      | 2026-01-06T10:00:00Z | true`)
		v.gives("deal_credits", `
			credit_id | deal_id | user_id | kind  | role     | weight     | changed_at             | is_deleted
			S1        | 006A    | 005ann  | split | Revenue  | 70.000000  | 2026-02-05 10:00:00+00 | false
			S2        | 006A    | 005bob  | split | Revenue  | 30.000000  | 2026-01-05 10:00:00+00 | false
			S3        | 006A    | 005cid  | team  | Overlay  | 250.000000 | 2026-01-05 10:00:00+00 | false
			S4        | 006A    | 005dot  | team  | Services | 100.000000 | 2026-01-05 10:00:00+00 | false
			S5        | 006A    | 005eve  | split | Revenue  | 33.330000  | 2026-01-06 10:00:00+00 | true`)
	})

	t.Run("a type that is not shown to us is taken for the split", func(t *testing.T) {
		v := newViewTest(t)
		v.given("OpportunitySplit", `
			Id | OpportunityId | SplitOwnerId | SplitTypeId | SplitPercentage
			S1 | 006A          | 005ann       | 1S9         | 100`)
		v.gives("deal_credits", `
			credit_id | kind  | role
			S1        | split |      `)
	})

	t.Run("a team does not take a deal from its owner, and who has a percentage beside it counts by that", func(t *testing.T) {
		v := newViewTest(t)
		v.given("OpportunitySplitType", types)
		v.given("Opportunity", `
			Id   | OwnerId
			006A | 005ann
			006B | 005ann
			006C | 005ann
			006D | 005ann`)
		v.given("OpportunityTeamMember", `
			Id | OpportunityId | UserId | TeamMemberRole    | CreatedDate          | SystemModstamp       | merit_deleted
			T1 | 006A          | 005bob | Sales Engineer    | 2026-01-05T10:00:00Z | 2026-01-07T10:00:00Z | false
			T2 | 006B          | 005bob | Sales Engineer    | 2026-01-05T10:00:00Z | 2026-01-05T10:00:00Z | false
			T3 | 006B          | 005ann | Opportunity Owner | 2026-01-05T10:00:00Z | 2026-01-05T10:00:00Z | false
			T4 | 006C          | 005bob | Gone              | 2026-01-05T10:00:00Z | 2026-01-05T10:00:00Z | true
			T5 | 006D          | 005bob | Sales Engineer    | 2026-01-05T10:00:00Z | 2026-01-05T10:00:00Z | false`)
		v.given("OpportunitySplit", `
			Id | OpportunityId | SplitOwnerId | SplitTypeId | SplitPercentage | merit_deleted
			S1 | 006D          | 005bob       | 1S2         | 40              | false
			S2 | 006B          | 005bob       | 1S2         | 40              | true`)
		v.gives("deal_credits", `
			credit_id  | deal_id | user_id | kind | role              | weight    | created_at             | is_deleted
			T1         | 006A    | 005bob  | team | Sales Engineer    |           | 2026-01-05 10:00:00+00 | false
			006A:owner | 006A    | 005ann  | team | Opportunity Owner |           | 2026-01-05 10:00:00+00 | false
			T2         | 006B    | 005bob  | team | Sales Engineer    |           | 2026-01-05 10:00:00+00 | false
			T3         | 006B    | 005ann  | team | Opportunity Owner |           | 2026-01-05 10:00:00+00 | false
			T4         | 006C    | 005bob  | team | Gone              |           | 2026-01-05 10:00:00+00 | true
			S1         | 006D    | 005bob  | team | Overlay           | 40.000000 |                        | false
			S2         | 006B    | 005bob  | team | Overlay           | 40.000000 |                        | true
			006D:owner | 006D    | 005ann  | team | Opportunity Owner |           | 2026-01-05 10:00:00+00 | false`)
	})
}

func TestDealLines(t *testing.T) {
	t.Run("in an org that uses schedules a line without one is paid once", func(t *testing.T) {
		v := newViewTest(t)
		v.given("Product2", `
			Id  | Name
			01t | Platform`)
		v.given("OpportunityLineItem", `
			Id | OpportunityId | Product2Id | Name       | Quantity | TotalPrice | HasRevenueSchedule | merit_deleted
			L1 | 006A          | 01t        | A Platform | 12.5     | 1200.40    | true               | false
			L2 | 006A          |            | Onboarding | 1        |            | false              | false
			L3 | 006A          | 01t        | A Platform | 1        | 5          | true               | true`)
		v.gives("deal_lines", `
			line_id | deal_id | product    | quantity  | amount  | is_recurring | term_starts_on | is_deleted
			L1      | 006A    | Platform   | 12.500000 | 1200.40 | true         |                | false
			L2      | 006A    | Onboarding | 1.000000  |         | false        |                | false
			L3      | 006A    | Platform   | 1.000000  | 5.00    | true         |                | true`)
	})

	t.Run("in any other nothing is known of it", func(t *testing.T) {
		v := newViewTest(t)
		v.given("OpportunityLineItem", `
			Id | OpportunityId | HasRevenueSchedule
			L1 | 006A          | false
			L2 | 006A          |`)
		v.gives("deal_lines", `
			line_id | is_recurring
			L1      |
			L2      |`)
	})

	t.Run("CPQ says it of the product", func(t *testing.T) {
		v := newViewTest(t)
		v.given("Product2", `
			Id  | Name     | SBQQ__SubscriptionType__c
			01a | Platform | Renewable
			01b | Setup    | One-time`)
		v.given("OpportunityLineItem", `
			Id | OpportunityId | Product2Id
			L1 | 006A          | 01a
			L2 | 006A          | 01b`)
		v.gives("deal_lines", `
			line_id | is_recurring
			L1      | true
			L2      | false`)
	})
}

func TestDealTerms(t *testing.T) {
	v := newViewTest(t)
	v.given("Contract", `
		Id   | StartDate  | EndDate    | merit_deleted
		800A | 2026-01-01 | 2026-12-31 | false
		800B | 2026-01-01 | 2026-12-31 | true`)
	v.given("Opportunity", `
		Id   | ContractId
		006A | 800A
		006B | 800B
		006C |
		006D |`)
	v.given("OpportunityLineItem", `
		Id | OpportunityId | ServiceDate | merit_deleted
		L1 | 006A          | 2026-02-01  | false
		L2 | 006C          | 2026-04-01  | false
		L3 | 006C          | 2026-03-01  | false
		L4 | 006D          | 2026-03-01  | true`)
	v.gives("deals", `
		deal_id | term_starts_on | term_ends_on
		006A    | 2026-01-01     | 2026-12-31
		006B    |                |
		006C    | 2026-03-01     |
		006D    |                |`)
}

func TestShortIds(t *testing.T) {
	v := newViewTest(t)
	v.given("User", `
		Id                 | Name
		00530000000000aAAA | Bob Ray
		00530000000000AAAA | Cid Ode`)
	v.given("Opportunity", `
		Id   | OwnerId            | CreatedDate
		006A | 00530000000000AAAA | 2026-01-05T10:00:00Z`)
	v.given("OpportunityFieldHistory", `
		Id   | OpportunityId | Field | OldValue        | NewValue        | CreatedDate
		0170 | 006A          | Owner | Ann Lee         | Bob Ray         | 2026-01-06T10:00:00Z
		0171 | 006A          | Owner | 005300000000009 | 00530000000000a | 2026-01-06T10:00:00Z
		0172 | 006A          | Owner | 00530000000000a | 00530000000000A | 2026-01-07T10:00:00Z`)
	// 005300000000009 is of nobody that we are shown: it stays as it is.
	v.givesChanges(`
		change_id          | field | new_value
		006A:owner:created | owner | 005300000000009
		0171:owner         | owner | 00530000000000aAAA
		0172:owner         | owner | 00530000000000AAAA`)
}

func TestScores(t *testing.T) {
	v := newViewTest(t)
	v.given("OpportunityFieldHistory", `
		Id   | OpportunityId | Field         | OldValue | NewValue | CreatedDate
		0171 | 006A          | Fit_Score__c  |          | 40       | 2026-01-06T10:00:00Z
		0172 | 006A          | Fit_Score__c  | 40       | 72.5     | 2026-01-06T10:00:00Z
		0173 | 006A          | Fit_Score__c  | 72.5     |          | 2026-01-08T10:00:00Z
		0174 | 006A          | Lead_Score__c |          | 9        | 2026-01-07T10:00:00Z
		0175 | 006A          | NextStep      |          | 8        | 2026-01-07T10:00:00Z`)
	v.gives("deal_scores", `
		score_id | deal_id | scored_at              | ordinal | score
		0171     | 006A    | 2026-01-06 10:00:00+00 | 1       | 40.000000
		0172     | 006A    | 2026-01-06 10:00:00+00 | 2       | 72.500000
		0173     | 006A    | 2026-01-08 10:00:00+00 | 3       |`)
	v.given("OpportunityFieldHistory", `
		Id   | OpportunityId | Field   | NewValue | CreatedDate
		0176 | 006B          | IqScore | 88       | 2026-01-09T10:00:00Z`)
	v.gives("deal_scores", `
		score_id | score
		0176     | 88.000000`)
}
