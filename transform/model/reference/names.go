package reference

import "slices"

// namedSettings are the settings that name something at a CRM, by metric.
var namedSettings = map[string]map[string]string{
	"stage_advances":          {"move": "move"},
	"stage_to_stage_days":     {"from_stage": "stage", "to_stage": "stage"},
	"win_rate":                {"from_stage": "stage"},
	"sales_cycle_days":        {"from_stage": "stage"},
	"average_deal_size":       {"from_stage": "stage"},
	"demo_to_proposal":        {"proposal_stage": "stage"},
	"contracts_sent":          {"stage": "stage"},
	"proposals_sent":          {"stage": "stage"},
	"closed_won_arr":          {"amount_field": "deal field"},
	"qualified_opportunities": {"lead_source": "lead source", "stage": "stage"},
	"expansion_wins":          {"discovery": "subtype"},
	"demos_held":              {"subtype": "subtype", "stage": "stage"},
	"renewal_rate_influenced": {"subtype": "subtype"},
	"forecast_error":          {"category": "forecast category"},
}

var namedByDefault = map[string][]string{
	"demo_to_proposal proposal_stage": {"Proposal", "Proposal/Price Quote", "Proposal/Quote"},
	"expansion_wins discovery":        {"Discovery"},
	"demos_held subtype":              {"Demo"},
	"forecast_error category":         {"commit", "total"},
}

// NamesNothing tells whether the plan names something for a metric by names of which a
// source where the rep is a user has none, though it has such records.
func (f *Facts) NamesNothing(metric, rep string) bool {
	if metric == "demo_to_proposal" && f.NamesNothing("demos_held", rep) {
		return true
	}
	for setting, kind := range namedSettings[metric] {
		names := f.allOf(metric, setting, namedByDefault[metric+" "+setting]...)
		if len(names) == 0 || metric == "demos_held" && setting == "subtype" && len(f.allOf(metric, "stage")) > 0 {
			continue
		}
		for user, who := range f.Users {
			there, has := f.namesOf(user.Source, kind)
			if who == rep && has && !slices.ContainsFunc(there, func(text string) bool { return isNameOf(kind, names, text) }) {
				return true
			}
		}
	}
	return false
}

// isNameOf tells whether a text is one of the names: a field is named exactly, anything
// else in any spelling.
func isNameOf(kind string, names []string, text string) bool {
	if kind == "deal field" {
		return slices.Contains(names, text)
	}
	return isNamed(names, text)
}

// namesOf are what a source's records are called, and whether it has any.
func (f *Facts) namesOf(source, kind string) (names []string, has bool) {
	add := func(from string, text *string) {
		if from == source {
			if has = true; text != nil {
				names = append(names, *text)
			}
		}
	}
	switch kind {
	case "stage", "move":
		for _, s := range slices.Concat(f.Stages, f.StageHistory) {
			if !s.From.After(f.AsOf) {
				add(s.Source, &s.Label)
				add(s.Source, &s.ID)
			}
		}
	case "subtype":
		for _, a := range f.Activities {
			add(a.Source, unlessDeleted(a.IsDeleted, a.Subtype))
		}
	case "lead source":
		for _, d := range f.Deals {
			add(d.Source, unlessDeleted(d.IsDeleted, d.LeadSource))
		}
	case "deal field":
		for _, d := range f.Deals {
			add(d.Source, nil)
		}
		for deal, fields := range f.Fields {
			for field := range fields {
				add(deal.Source, &field)
			}
		}
	case "forecast category":
		for _, c := range f.Forecasts {
			add(c.Source, &c.Category)
		}
	}
	if kind == "move" {
		var moves []string
		for _, from := range names {
			for _, to := range names {
				moves = append(moves, from+" -> "+to)
			}
		}
		return moves, has
	}
	return names, has
}

func unlessDeleted(isDeleted bool, text *string) *string {
	if isDeleted {
		return nil
	}
	return text
}
