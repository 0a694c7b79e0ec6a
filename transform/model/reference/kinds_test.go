package reference_test

import "time"

// A kind of company has a calendar, a zone and a plan of its own.
type kind struct {
	name, zone string
	asOf       time.Time
	quarters   []string // first days; the last one's period has not begun
	settings   map[string]map[string][]string
}

type parameters = map[string]map[string][]string

func kinds() []kind {
	asOf := time.Date(2026, time.April, 15, 12, 0, 0, 0, time.UTC)
	return []kind{
		{
			name: "calendar quarters in New York, the words' own parameters", zone: "America/New_York", asOf: asOf, settings: parameters{},
			quarters: []string{"2025-01-01", "2025-04-01", "2025-07-01", "2025-10-01", "2026-01-01", "2026-04-01", "2026-07-01"},
		},
		{
			name: "a year that begins in February, in Kolkata; the plan names stages, moves, sources and a field", zone: "Asia/Kolkata", asOf: asOf,
			quarters: []string{"2025-02-01", "2025-05-01", "2025-08-01", "2025-11-01", "2026-02-01", "2026-05-01"},
			settings: parameters{
				"stage_advances":          {"move": {"Stage d0 -> Stage d1", "Stage d1 -> Stage d2", "Stage d1 -> Stage dwon", "Stage s0 -> Stage swon"}},
				"stage_to_stage_days":     {"from_stage": {"Stage d1", "Stage s0"}, "to_stage": {"Stage d2", "Stage s1", "Stage d3"}},
				"qualified_opportunities": {"lead_source": {"Web"}, "min_score": {"70"}, "score_after_days": {"3"}},
				"closed_won_arr":          {"amount_field": {"Yearly__c"}},
				"demos_held":              {"subtype": {"Nothing"}, "stage": {"Stage d1", "Stage s1"}},
				"demo_to_proposal":        {"proposal_stage": {"Stage d2", "Stage s2", "Stage swon"}, "within_days": {"20"}},
				"contracts_sent":          {"stage": {"Stage dwon", "Stage s1"}},
				"proposals_sent":          {"stage": {"Stage d2"}},
				"hygiene_score":           {"required_field": {"amount", "close_on", "next_step", "forecast_category"}},
			},
		},
		{
			name: "4-4-5 in Phoenix; lost renewals count negative", zone: "America/Phoenix", asOf: asOf,
			quarters: []string{"2024-12-29", "2025-03-30", "2025-06-29", "2025-09-28", "2025-12-28", "2026-03-29", "2026-06-28"},
			settings: parameters{
				"closed_won_arr":          {"lost_renewals": {"negative"}, "amount_is": {"arr"}},
				"demo_to_proposal":        {"proposal_stage": {"Stage d1", "Stage s1"}},
				"renewal_rate_influenced": {"activities": {"1"}, "within_days": {"30"}, "kind": {"call", "meeting", "note"}, "subtype": {"Demo", "discovery"}},
				"forecast_error":          {"lock_day": {"2"}, "category": {"best case", "commit"}},
				"qualified_touch_rate":    {"within_days": {"5"}},
				"qualified_opportunities": {"stage": {"stage-D1", "s1"}, "credit": {"creator"}},
				"win_rate":                {"deal_class": {"new"}, "from_stage": {"d1", "Stage s0"}},
				"stage_to_stage_days":     {"deal_class": {"new", "other"}},
				"weekly_active":           {"active_days": {"2"}},
				"hygiene_score":           {"max_pushes": {"0"}, "max_close_error_days": {"30"}, "fields_weight": {"0.7"}, "required_field": {"account", "lead_source", "close_on"}},
			},
		},
		{
			name: "custom quarters that begin as the clocks change, in Berlin", zone: "Europe/Berlin", asOf: asOf,
			quarters: []string{"2025-03-30", "2025-07-05", "2025-10-26", "2026-01-10", "2026-03-29", "2026-06-20"},
			settings: parameters{
				"meeting_logging_rate":    {"within_minutes": {"720"}},
				"expansion_wins":          {"within_days": {"60"}, "deal_class": {"renewal", "new", "expansion"}},
				"demo_to_proposal":        {"proposal_stage": {"Stage d2", "Stage s2"}, "within_days": {"60"}},
				"ramp_days":               {"attainment": {"0.1"}},
				"quota_attainment":        {"quota_measure": {"new_arr"}},
				"closed_won_arr":          {"deal_class": {"new", "renewal"}, "amount_is": {"acv"}},
				"qualified_opportunities": {"lead_source": {"Web", "partner"}, "credit": {"Sourced__c"}, "deal_class": {"new", "expansion"}},
				"sales_cycle_days":        {"deal_class": {"new", "renewal"}, "from_stage": {"Stage d1", "Stage s0"}, "no_zero_amount": {"true"}},
				"average_deal_size":       {"no_zero_amount": {"true"}},
				"renewal_rate_influenced": {"activities": {"2"}},
			},
		},
	}
}
