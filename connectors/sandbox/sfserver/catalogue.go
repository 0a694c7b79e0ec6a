package sfserver

import (
	"maps"
	"slices"
	"strconv"
	"strings"

	"merit/connectors/sandbox/company"
)

// catalogue lists the objects that the sandbox has for a story. Columns of an
// imported record that the story has no word for are fields like any other.
func catalogue(story *company.Company, b *books) []object {
	all := slices.Concat(dealObjects(b), peopleObjects(), activityObjects(), setupObjects(),
		orgObjects(b), soldObjects(b), forecastObjects(b), paperObjects(b), presenceObjects(b))
	brought := map[string]map[string]bool{}
	note := func(object string, extra map[string]string) {
		for name := range extra {
			if brought[object] == nil {
				brought[object] = map[string]bool{}
			}
			brought[object][name] = true
		}
	}
	for i := range story.Deals {
		note("Opportunity", story.Deals[i].Extra)
		for j := range story.Deals[i].History {
			note("OpportunityHistory", story.Deals[i].History[j].Extra)
		}
	}
	for i := range story.Accounts {
		note("Account", story.Accounts[i].Extra)
	}
	for i := range story.Contacts {
		note("Contact", story.Contacts[i].Extra)
	}
	for i := range story.Users {
		note("User", story.Users[i].Extra)
	}
	for i := range story.Activities {
		if story.Activities[i].Kind == company.Meeting {
			note("Event", story.Activities[i].Extra)
		} else {
			note("Task", story.Activities[i].Extra)
		}
	}
	for i := range all {
		all[i].adopt(slices.Sorted(maps.Keys(brought[all[i].name])))
		all[i].ordered = all[i].ordered && brought[all[i].name] == nil && !hasOwnIDs(story)
	}
	return all
}

// hasOwnIDs tells whether records brought their ids, which are in no order.
func hasOwnIDs(story *company.Company) bool {
	return len(story.Deals) > 0 && story.Deals[0].ID != ""
}

// adopt adds the columns that imported records brought.
func (o *object) adopt(names []string) {
	for _, name := range names {
		if known := o.field(name); known != nil {
			derived := known.get
			known.get = func(v *view, r *record) value {
				if own, ok := r.extra[known.name]; ok {
					return parse(known.kind, own)
				}
				return derived(v, r)
			}
			continue
		}
		kind := standardKind(name)
		f := field{name: name, kind: kind, get: func(_ *view, r *record) value { return parse(kind, r.extra[name]) }}
		switch kind {
		case "string":
			f.length = 255
		case "reference":
			f.length = 18
		}
		o.fields = append(o.fields, f)
	}
}

// standardKind is the type of a standard field that generated stories do without;
// custom fields are text, whatever is in them.
func standardKind(name string) string {
	switch name {
	case "IsPrivate", "HasOpportunityLineItem", "HasOpenActivity", "HasOverdueTask", "IsSplit", "IsExcludedFromTerritory2Filter":
		return "boolean"
	case "TotalOpportunityQuantity", "AnnualRevenue":
		return "double"
	case "NumberOfEmployees":
		return "int"
	case "LastActivityDate":
		return "date"
	case "LastViewedDate", "LastReferencedDate", "LastLoginDate", "ReminderDateTime":
		return "datetime"
	case "CampaignId", "Pricebook2Id", "ContactId", "RecordTypeId", "ParentId", "ReportsToId", "UserRoleId", "ProfileId", "ManagerId",
		"LastAmountChangedHistoryId", "LastCloseDateChangedHistoryId", "ContractId":
		return "reference"
	}
	return "string"
}

// parse reads an imported text as what its field holds. What doesn't fit stays text.
func parse(kind, own string) value {
	if own == "" {
		if kind == "boolean" {
			return booleanOf(false)
		}
		return value{}
	}
	switch kind {
	case "boolean":
		return booleanOf(strings.EqualFold(own, "true") || own == "1")
	case "datetime":
		if at, ok := readInstant(own); ok {
			return instantOf(at)
		}
	case "double", "currency", "percent":
		if isDecimal(own) {
			return decimalOf(own)
		}
	case "int":
		if n, err := strconv.Atoi(own); err == nil {
			return integerOf(n)
		}
	case "id", "reference":
		return textOf(longID(own))
	}
	return textOf(own)
}
