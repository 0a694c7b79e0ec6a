package hubspot

import (
	"merit/connectors"
	"merit/connectors/fault"
)

// Some of what HubSpot has depends on the subscription or on a beta, and Merit can
// do without. It is soft by declaration: an account that may not read it is told
// so, by a page with LeftOut and a reject at every reading, and reads on. Everything
// else that may not be read is an error of its stream.

// further are those objects.
func further() []object {
	list := []object{
		{
			name: "leads", singular: "lead", linked: []string{"contacts", "companies"},
			texts: []string{"hs_lead_name", "hs_lead_type", "hs_pipeline_stage", "hubspot_owner_id"},
		},
		{
			name: "line_items", singular: "line_item", linked: []string{"deals"},
			texts:   []string{"name", "hs_product_id", "hs_sku", "recurringbillingfrequency", "hs_recurring_billing_period", "hs_line_item_currency_code"},
			dates:   []string{"hs_recurring_billing_start_date", "hs_recurring_billing_end_date"},
			numbers: []string{"price", "quantity", "amount", "hs_tcv"},
		},
		{
			// When a quote was published, only the history of its status tells.
			name: "quotes", singular: "quote", linked: []string{"deals", "companies"},
			texts:    []string{"hs_title", "hs_status", "hubspot_owner_id", "hs_currency"},
			instants: []string{"hs_expiration_date", "hs_esign_date"},
			numbers:  []string{"hs_quote_amount"},
			tracked:  []string{"hs_status"},
		},
		{name: "products", singular: "product", texts: []string{"name", "hs_sku"}, numbers: []string{"price"}},
		{
			// A goal may be of calls as well as of money: its type and unit tell.
			name: "goal_targets", singular: "goal_target",
			texts:    []string{"hs_goal_name", "hs_assignee_user_id", "hs_goal_type", "hs_kpi_unit_type", "hs_goal_target_currency_code"},
			instants: []string{"hs_start_datetime", "hs_end_datetime"},
			numbers:  []string{"hs_target_amount"},
		},
		{
			// What somebody said will come is in the history of the amount.
			name: "forecasts", singular: "forecast",
			texts: []string{
				"hubspot_owner_id", "hs_created_by_user_id", "hs_team_id", "hs_deal_pipeline_id", "hs_forecast_type",
				"hs_milestone", "hs_year", "hs_forecast_quarter", "hs_forecast_month",
			},
			numbers: []string{"hs_amount"},
			tracked: []string{"hs_amount"},
		},
		{name: "users", singular: "user", texts: []string{"hs_internal_user_id", "hs_email", "hs_job_title"}},
	}
	for i := range list {
		list[i].modified, list[i].isSoft = modified, true
		list[i].instants = append(list[i].instants, "hs_createdate", modified)
	}
	return list
}

// custom is an object that merit.yml names: a custom one, or one that we don't
// read by ourselves. It must be readable.
func custom(name string) object {
	return object{name: name, singular: name, modified: modified, instants: []string{"hs_createdate", modified}}
}

// withCustom adds the objects that merit.yml names.
func withCustom(kept []object, names []string) ([]object, error) {
	for _, name := range names {
		if !isName(name) || name == ownersName || name == pipelinesName {
			return nil, fault.Errorf(fault.You, "hubspot: objects has %q, but must name a custom object by its full name, such as p123_machine", name)
		}
		isKnown := false
		for i := range kept {
			if kept[i].name == name { // whoever names it wants it
				isKnown, kept[i].isSoft = true, false
			}
		}
		if !isKnown {
			kept = append(kept, custom(name))
		}
	}
	return kept, nil
}

// leftOut is a page that says why there is nothing in it.
func leftOut(s connectors.Stream, why error, next connectors.Cursor) connectors.Page {
	t := s.Tables[0]
	return connectors.Page{Next: next, LeftOut: why, Rejects: []connectors.Reject{{
		Table: t.Name, Key: "*", Column: t.Key[0], Reason: "this stream can't be read: " + why.Error(),
	}}}
}
