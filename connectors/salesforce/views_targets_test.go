package salesforce

import "testing"

const orgPeriods = `
	Id  | FiscalYearSettingsId | Type    | Number | StartDate  | EndDate    | IsForecastPeriod | FullyQualifiedLabel
	P1  | 0221                 | Year    |        | 2025-02-01 | 2026-01-31 | false            | FY 2026
	P2  | 0221                 | Quarter | 1      | 2025-02-01 | 2025-04-30 | true             | Q1 FY 2026
	P3  | 0221                 | Quarter | 2      | 2025-05-01 | 2025-07-31 | true             | Q2 FY 2026
	P4  | 0221                 | Month   |        | 2025-03-01 | 2025-03-31 | false            |
	P5  | 0221                 | Month   |        | 2025-02-01 | 2025-02-28 | false            | `

func TestFiscalPeriods(t *testing.T) {
	v := newViewTest(t)
	v.given("FiscalYearSettings", `
		Id   | Name | StartDate  | EndDate
		0221 | 2026 | 2025-02-01 | 2026-01-31
		0222 | Next | 2026-02-01 | 2027-01-31`)
	v.given("Period", orgPeriods)
	v.given("Period", `
		Id  | FiscalYearSettingsId | Type | Number | StartDate  | EndDate    | IsForecastPeriod | FullyQualifiedLabel
		P6  | 0222                 | Week | 14     | 2026-05-03 | 2026-05-09 | false            |
		P7  | 0222                 | Week |        | 2026-05-10 |            | false            | `)
	v.gives("fiscal_periods", `
		period_id | kind    | fiscal_year | number | label      | starts_on  | ends_on
		P1        | year    | 2026        | 1      | FY 2026    | 2025-02-01 | 2026-01-31
		P2        | quarter | 2026        | 1      | Q1 FY 2026 | 2025-02-01 | 2025-04-30
		P3        | quarter | 2026        | 2      | Q2 FY 2026 | 2025-05-01 | 2025-07-31
		P4        | month   | 2026        | 2      |            | 2025-03-01 | 2025-03-31
		P5        | month   | 2026        | 1      |            | 2025-02-01 | 2025-02-28
		P6        | week    | 2027        | 14     |            | 2026-05-03 | 2026-05-09`)
}

func TestRates(t *testing.T) {
	v := newViewTest(t)
	v.given("CurrencyType", `
		Id | IsoCode | ConversionRate | IsCorporate
		1  | USD     | 1              | true
		2  | EUR     | 0.95           | false
		3  | JPY     | 155.5          | false
		4  | XXX     |                | false`)
	v.given("DatedConversionRate", `
		Id | IsoCode | ConversionRate | StartDate  | NextStartDate | SystemModstamp       | merit_deleted
		1  | EUR     | 0.9            | 2025-01-01 | 2025-07-01    | 2025-01-01T00:00:00Z | false
		2  | EUR     | 0.85           | 2025-07-01 | 2025-07-01    | 2025-01-01T00:00:00Z | false
		3  | EUR     | 0.853219       | 2025-07-01 | 9999-12-31    | 2025-01-01T00:00:00Z | false
		4  | EUR     | 7              | 2025-07-01 | 9999-12-31    | 2025-01-02T00:00:00Z | true
		5  | GBP     | 0              | 2025-01-01 | 9999-12-31    | 2025-01-01T00:00:00Z | false`)
	// Half-open: the day on which the next rate begins is not the last one's any more.
	v.gives("rates", `
		currency | valid_from | valid_to   | units         | worth
		EUR      | 2025-01-01 | 2025-06-30 | 0.900000000   | 1.000000000
		EUR      | 2025-07-01 |            | 0.853219000   | 1.000000000
		JPY      | 1970-01-01 |            | 155.500000000 | 1.000000000`)
}

const forecastTypes = `
	Id  | DeveloperName      | IsActive
	0D1 | OldWay             | false
	0D2 | SplitsRevenue      | true
	0D3 | OpportunityRevenue | true`

func TestQuotas(t *testing.T) {
	v := newViewTest(t)
	v.given("Period", orgPeriods)
	v.given("ForecastingType", forecastTypes)
	v.given("ForecastingQuota", `
		Id  | QuotaOwnerId | QuotaAmount | StartDate  | PeriodId | ForecastingTypeId | ProductFamily | LastModifiedDate     | SystemModstamp       | merit_deleted
		0F1 | 005ann       | 100.5       | 2025-02-01 | P2       | 0D3               | Hardware      | 2025-02-01T00:00:00Z | 2025-09-09T00:00:00Z | false
		0F2 | 005ann       | 50          | 2025-02-01 | P2       | 0D3               | Software      | 2025-02-03T00:00:00Z | 2025-09-09T00:00:00Z | false
		0F3 | 005ann       | 999         | 2025-02-01 | P2       | 0D2               |               | 2025-02-01T00:00:00Z | 2025-02-01T00:00:00Z | false
		0F4 | 005bob       | 70          | 2025-05-01 |          | 0D3               |               |                      | 2025-05-02T00:00:00Z | false
		0F5 | 005bob       | 71          | 2025-02-01 | P2       | 0D3               |               |                      | 2025-05-02T00:00:00Z | true
		0F6 | 005bob       |             | 2025-02-01 | P2       | 0D3               |               |                      | 2025-05-02T00:00:00Z | false
		0F7 | 005bob       | 5           | 2031-02-01 | P99      | 0D3               |               |                      | 2025-05-02T00:00:00Z | false`)
	v.gives("quotas", `
		quota_id | user_key | starts_on  | ends_on    | quota  | potential | changed_at
		0F1      | 005ann   | 2025-02-01 | 2025-04-30 | 150.50 |           | 2025-02-03 00:00:00+00
		0F4      | 005bob   | 2025-05-01 | 2025-07-31 | 70.00  |           | 2025-05-02 00:00:00+00`)
}

func TestForecasts(t *testing.T) {
	t.Run("what was handed in, and each day's look", func(t *testing.T) {
		v := newViewTest(t)
		v.given("Period", orgPeriods)
		v.given("ForecastingType", forecastTypes)
		v.given("ForecastingSubmission", `
			Id  | ForecastOwnerId | PeriodId | ForecastingTypeId | SubmissionDateTime   | merit_deleted
			0F3 | 005ann          | P2       | 0D3               | 2025-02-03T09:00:00Z | false
			0F4 | 005ann          | P2       | 0D3               | 2025-02-04T09:00:00Z | true`)
		v.given("ForecastingSubmissionItem", `
			Id  | ForecastingSubmissionId | ForecastingItemCategory | Amount | CurrencyIsoCode | merit_deleted
			0I1 | 0F3                     | CommitForecast          | 100.5  | USD             | false
			0I2 | 0F3                     | BestCaseForecast        | 180    | USD             | false
			0I3 | 0F4                     | CommitForecast          | 7      | USD             | false`)
		v.given("ForecastingItem", `
			Id  | OwnerId | PeriodId | ForecastingTypeId | ForecastingItemCategory | ForecastAmount | HasOwnerAdjustment | taken_on   | taken_at
			0J1 | 005ann  | P2       | 0D3               | CommitForecast          | 110            | false              | 2025-02-05 | 2025-02-05T06:00:00Z
			0J2 | 005ann  | P2       | 0D3               | ClosedOnly              | 20             | false              | 2025-02-05 | 2025-02-05T06:00:00Z
			0J3 | 005ann  | P2       | 0D3               | OpenPipeline            | 300            | false              | 2025-02-05 | 2025-02-05T06:00:00Z
			0J1 | 005ann  | P2       | 0D3               | CommitForecast          | 120            | true               | 2025-02-06 | 2025-02-06T06:00:00Z
			0J9 | 005ann  | P2       | 0D2               | CommitForecast          | 999            | true               | 2025-02-06 | 2025-02-06T06:00:00Z
			0J8 | 005ann  | P99      | 0D3               | CommitForecast          | 999            | true               | 2025-02-06 | 2025-02-06T06:00:00Z`)
		v.gives("forecasts", `
			forecast_id                      | user_key | starts_on  | ends_on    | category  | amount | currency | is_adjusted | taken_at
			0F3:commit:USD                   | 005ann   | 2025-02-01 | 2025-04-30 | commit    | 100.50 | USD      | false       | 2025-02-03 09:00:00+00
			0F3:best case:USD                | 005ann   | 2025-02-01 | 2025-04-30 | best case | 180.00 | USD      | false       | 2025-02-03 09:00:00+00
			005ann:P2:2025-02-05:commit      | 005ann   | 2025-02-01 | 2025-04-30 | commit    | 110.00 |          | false       | 2025-02-05 06:00:00+00
			005ann:P2:2025-02-05:closed      | 005ann   | 2025-02-01 | 2025-04-30 | closed    | 20.00  |          | false       | 2025-02-05 06:00:00+00
			005ann:P2:2025-02-05:pipeline    | 005ann   | 2025-02-01 | 2025-04-30 | pipeline  | 300.00 |          | false       | 2025-02-05 06:00:00+00
			005ann:P2:2025-02-06:commit      | 005ann   | 2025-02-01 | 2025-04-30 | commit    | 120.00 |          | true        | 2025-02-06 06:00:00+00`)
	})

	t.Run("categories that stand alone are added up to what will be closed", func(t *testing.T) {
		v := newViewTest(t)
		v.given("Period", orgPeriods)
		v.given("ForecastingItem", `
			Id  | OwnerId | PeriodId | ForecastingTypeId | ForecastingItemCategory | ForecastCategoryName | ForecastAmount | taken_on   | taken_at
			0J1 | 005ann  | P2       | 0D3               | CommitOnly              | Commit               | 50             | 2025-02-05 | 2025-02-05T06:00:00Z
			0J2 | 005ann  | P2       | 0D3               | ClosedOnly              | Closed               | 20             | 2025-02-05 | 2025-02-05T06:00:00Z
			0J3 | 005ann  | P2       | 0D3               | BestCaseOnly            | Best Case            | 30             | 2025-02-05 | 2025-02-05T06:00:00Z
			0J4 | 005ann  | P2       | 0D3               | MostLikelyOnly          | Most Likely          | 5              | 2025-02-05 | 2025-02-05T06:00:00Z
			0J5 | 005ann  | P2       | 0D3               |                         | Pipeline             | 1              | 2025-02-05 | 2025-02-05T06:00:00Z
			0J6 | 005ann  | P2       | 0D3               |                         | Omitted              | 777            | 2025-02-05 | 2025-02-05T06:00:00Z`)
		v.gives("forecasts", `
			category  | amount
			commit    | 70.00
			best case | 105.00
			pipeline  | 86.00
			closed    | 20.00`)
	})

	t.Run("of a manager the team's row counts, and not the own deals in it once more; families add up", func(t *testing.T) {
		v := newViewTest(t)
		v.given("Period", orgPeriods)
		v.given("ForecastingItem", `
			Id  | OwnerId | PeriodId | ForecastingTypeId | ForecastingItemCategory | ForecastAmount | ParentForecastingItemId | ProductFamily | taken_on   | taken_at
			0J1 | 005boss | P2       | 0D3               | CommitForecast          | 100            |                         | Hardware      | 2025-02-05 | 2025-02-05T06:00:00Z
			0J2 | 005boss | P2       | 0D3               | CommitForecast          | 40             | 0J1                     | Hardware      | 2025-02-05 | 2025-02-05T06:00:00Z
			0J3 | 005ann  | P2       | 0D3               | CommitForecast          | 60             | 0J1                     | Hardware      | 2025-02-05 | 2025-02-05T06:00:00Z
			0J4 | 005ann  | P2       | 0D3               | CommitForecast          | 6              | 0J1                     | Software      | 2025-02-05 | 2025-02-05T06:00:00Z`)
		v.gives("forecasts", `
			user_key | category | amount
			005boss  | commit   | 100.00
			005ann   | commit   | 66.00`)
	})
}

func TestLogins(t *testing.T) {
	v := newViewTest(t)
	v.given("LoginHistory", `
		Id  | UserId | LoginTime            | LoginType         | Status           | Application        | Platform
		0Y1 | 005ann | 2026-01-05T08:00:00Z | Application       | Success          | Browser            | Windows 11
		0Y2 | 005ann | 2026-01-05T08:01:00Z | Remote Access 2.0 | Success          | Salesforce for iOS | iOS
		0Y3 | 005ann | 2026-01-05T08:02:00Z | Remote Access 2.0 | Success          | Data loader        | Unknown
		0Y4 | 005ann | 2026-01-05T08:03:00Z | Application       | Invalid Password | N/A                | Mac OSX
		0Y5 |        | 2026-01-05T08:03:00Z | Application       | Invalid Password | Browser            | Mac OSX`)
	v.gives("logins", `
		login_id | user_key | logged_in_at           | through     | is_successful
		0Y1      | 005ann   | 2026-01-05 08:00:00+00 | browser     | true
		0Y2      | 005ann   | 2026-01-05 08:01:00+00 | mobile      | true
		0Y3      | 005ann   | 2026-01-05 08:02:00+00 | integration | true
		0Y4      | 005ann   | 2026-01-05 08:03:00+00 | browser     | false`)
}

func TestActivityLinks(t *testing.T) {
	v := newViewTest(t)
	v.given("Task", `
		Id   | WhatId | WhoId | AccountId
		00T1 | 006A   | 003X  | 001Z
		00T2 | a01Q   | 00QL  |`)
	v.given("Event", `
		Id   | WhatId | WhoId
		00U1 | 001B   |`)
	v.given("TaskRelation", `
		Id   | TaskId | RelationId | merit_deleted
		0RT1 | 00T1   | 003X       | false
		0RT2 | 00T1   | 003Y       | false
		0RT3 | 00T1   | 003Z       | true`)
	v.given("EventRelation", `
		Id   | EventId | RelationId
		0RE1 | 00U1    | 006B
		0RE2 | 00U1    | 005ann`)
	v.gives("activity_links", `
		activity_id | record_type | record_id
		00T1        | deal        | 006A
		00T1        | account     | 001Z
		00T1        | contact     | 003X
		00T1        | contact     | 003Y
		00U1        | account     | 001B
		00U1        | deal        | 006B`)
}

func TestMerges(t *testing.T) {
	v := newViewTest(t)
	v.given("Account", `
		Id  | MasterRecordId | SystemModstamp       | merit_deleted
		001 |                | 2026-01-05T08:00:00Z | false
		002 | 001            | 2026-01-06T08:00:00Z | true`)
	v.given("Contact", `
		Id  | MasterRecordId | SystemModstamp       | merit_deleted
		004 | 003            | 2026-01-07T08:00:00Z | true`)
	v.gives("merges", `
		record_type | record_id | into_id | merged_at
		account     | 002       | 001     | 2026-01-06 08:00:00+00
		contact     | 004       | 003     | 2026-01-07 08:00:00+00`)
}

func TestStageHistory(t *testing.T) {
	t.Run("every change is known from the first reading on", func(t *testing.T) {
		v := newViewTest(t)
		v.given("OpportunityStage", `
			Id  | ApiName | MasterLabel | DefaultProbability | IsActive | IsClosed | IsWon | SortOrder | SystemModstamp
			01a | New     | New         | 10                 | true     | false    | false | 1         | 2025-01-05T10:00:00Z
			01b | Demo    | Demo        | 50                 | true     | false    | false | 2         | 2025-03-05T10:00:00Z
			01b | Demo    | Demo        | 50                 | true     | false    | false | 2         | 2025-06-01T10:00:00Z
			01b | Demo    | Trial       | 60                 | true     | false    | false | 3         | 2026-02-01T10:00:00Z
			01c | Won     | Won         | 100                | true     | true     | true  | 4         | 2025-02-05T10:00:00Z
			01d | Demo    | Old demo    | 5                  | false    | false    | false | 9         | 2024-02-05T10:00:00Z`)
		v.gives("stage_history", `
			pipeline_id | stage_id | valid_from             | valid_to               | label | position | probability | is_closed | is_won
			default     | New      | 2025-01-05 10:00:00+00 |                        | New   | 1        | 0.1000      | false     | false
			default     | Demo     | 2025-01-05 10:00:00+00 | 2026-02-01 10:00:00+00 | Demo  | 2        | 0.5000      | false     | false
			default     | Demo     | 2026-02-01 10:00:00+00 |                        | Trial | 3        | 0.6000      | false     | false
			default     | Won      | 2025-01-05 10:00:00+00 |                        | Won   | 4        | 1.0000      | true      | true`)
		v.gives("stages", `
			stage_id | label | position | probability | is_won
			New      | New   | 1        | 0.1000      | false
			Demo     | Trial | 2        | 0.6000      | false
			Won      | Won   | 3        | 1.0000      | true`)
	})

	t.Run("while nobody changes a stage there is nothing to tell", func(t *testing.T) {
		v := newViewTest(t)
		v.given("OpportunityStage", `
			Id  | ApiName | SystemModstamp
			01a | New     | 2025-01-05T10:00:00Z
			01a | New     | 2025-03-05T10:00:00Z
			01b | Demo    | 2025-03-05T10:00:00Z`)
		v.gives("stage_history", `
			stage_id`)
	})
}
