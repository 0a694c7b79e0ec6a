package hubspot

import (
	"cmp"
	"slices"
	"strings"

	"merit/connectors/fault"
)

// An object is one kind of record that is listed, searched and read in batches.
// Its properties stand by the type that our views expect of them, so that a
// portal with another idea of a type can't change a table.
type object struct {
	name     string // its stream and main table: deals
	of       string // its name in paths, where that is another
	singular string // in link tables: deal
	modified string // the property that moves with each change
	texts    []string
	instants []string
	dates    []string
	numbers  []string
	extras   []string // asked for by merit.yml; typed by the portal's catalogue
	tracked  []string // whose history is read
	versions int      // that HubSpot keeps of a property; 0: versionsKept
	linked   []string // objects whose associations are read
	isSoft   bool     // an account may do without it
	spare    []string // properties that a portal may lack though the object is not soft
	unseen   []string // what this portal has not, of a soft one
	summed   []string // what this portal calculates, of a soft one: it has no history
	isSplits bool     // deals, of which the splits are read
}

// listedAs is the object's name in paths.
func (o object) listedAs() string { return cmp.Or(o.of, o.name) }

// HubSpot keeps this many versions of a property, the newest (knowledge base,
// "Export property history"): contacts have 45, everything else 20.
const (
	versionsKept        = 20
	contactVersionsKept = 45
)

// dealsName is the object that all is about.
const dealsName = "deals"

// mergedProperty lists the ids of the records that a record has swallowed.
const mergedProperty = "hs_merged_object_ids"

// objects are the kinds of record that the views need, with just the properties
// that they read. Bodies of mails and notes, e-mail addresses and telephone
// numbers are not among them, by design.
func objects() []object {
	return append([]object{
		{
			name: dealsName, singular: "deal", modified: modified,
			texts: []string{
				"dealname", "pipeline", "dealstage", "deal_currency_code", "hubspot_owner_id", "dealtype", "hs_analytics_source",
				"hs_next_step", "hs_manual_forecast_category", "hs_created_by_user_id", mergedProperty,
			},
			instants: []string{"closedate", "createdate", modified},
			numbers:  []string{"amount"},
			tracked: []string{
				"dealstage", "pipeline", "amount", "closedate", "hubspot_owner_id", "hs_next_step", "hs_manual_forecast_category",
			},
			linked: []string{"companies", "contacts"},
		},
		{
			name: "companies", singular: "company", modified: modified,
			texts:    []string{"name", "hubspot_owner_id", "industry", mergedProperty},
			instants: []string{"createdate", modified},
		},
		{
			// Contacts alone call it lastmodifieddate.
			name: "contacts", singular: "contact", modified: "lastmodifieddate",
			texts:    []string{"associatedcompanyid", "hubspot_owner_id", mergedProperty},
			instants: []string{"createdate", "lastmodifieddate"},
			versions: contactVersionsKept,
		},
	}, append(append(activities(), further()...), splitObject())...)
}

// modified is the property that every object but the contacts has its date of
// last change in.
const modified = "hs_lastmodifieddate"

// activities are the records of what people did.
func activities() []object {
	about := []string{"deals", "companies", "contacts"}
	return []object{
		{
			name: "calls", singular: "call", modified: modified, linked: about,
			texts:    []string{"hs_call_title", "hs_call_status", "hs_activity_type", "hs_call_direction", "hubspot_owner_id"},
			spare:    []string{"hs_call_direction"},
			instants: []string{"hs_timestamp", "hs_createdate", modified},
			numbers:  []string{"hs_call_duration"},
		},
		{
			name: "emails", singular: "email", modified: modified, linked: about,
			texts:    []string{"hs_email_subject", "hs_email_status", "hs_email_direction", "hubspot_owner_id"},
			instants: []string{"hs_timestamp", "hs_createdate", modified},
		},
		{
			name: "meetings", singular: "meeting", modified: modified, linked: about,
			texts:    []string{"hs_meeting_title", "hs_meeting_outcome", "hs_activity_type", "hubspot_owner_id"},
			instants: []string{"hs_meeting_start_time", "hs_meeting_end_time", "hs_timestamp", "hs_createdate", modified},
		},
		{
			name: "tasks", singular: "task", modified: modified, linked: about,
			texts:    []string{"hs_task_subject", "hs_task_status", "hs_task_type", "hubspot_owner_id"},
			instants: []string{"hs_task_completion_date", "hs_timestamp", "hs_createdate", modified},
		},
		{
			name: "notes", singular: "note", modified: modified, linked: about,
			texts:    []string{"hubspot_owner_id"},
			instants: []string{"hs_timestamp", "hs_createdate", modified},
		},
	}
}

// properties are all that are read of the object, besides its id.
func (o object) properties() []string { return without(o.wanted(), o.unseen) }

// wanted are the properties that its table has columns for.
func (o object) wanted() []string {
	return slices.Concat(o.texts, o.instants, o.dates, o.numbers, o.extras)
}

// followed are the properties whose history is read.
func (o object) followed() []string { return without(without(o.tracked, o.unseen), o.summed) }

// without leaves names out of a list, which stays as it is.
func without(list, unseen []string) []string {
	if len(unseen) == 0 {
		return list
	}
	return slices.DeleteFunc(slices.Clone(list), func(name string) bool { return slices.Contains(unseen, name) })
}

func (o object) historyTable() string { return o.singular + "_history" }
func (o object) linkTable() string    { return o.singular + "_links" }
func (o object) idTable() string      { return o.singular + "_ids" }

// hasLinks: an object that swallows others says so in its links.
func (o object) hasLinks() bool {
	return len(o.linked) > 0 || slices.Contains(o.texts, mergedProperty)
}

// withExtras adds what merit.yml asks for: properties, and properties with their
// history.
func withExtras(kept []object, properties, history []string) ([]object, error) {
	add := func(setting, entry string) (*object, string, error) {
		name, property, ok := strings.Cut(entry, ".")
		i := slices.IndexFunc(kept, func(o object) bool { return o.name == name })
		if !ok || i < 0 || !isName(property) {
			return nil, "", fault.Errorf(fault.You,
				"hubspot: %s has %q, but must name an object and a property of it, such as deals.renewal_date", setting, entry)
		}
		if o := &kept[i]; property != "hs_object_id" && !slices.Contains(o.properties(), property) {
			o.extras = append(o.extras, property)
		}
		return &kept[i], property, nil
	}
	for _, entry := range properties {
		if _, _, err := add("properties", entry); err != nil {
			return nil, err
		}
	}
	for _, entry := range history {
		o, property, err := add("history", entry)
		if err != nil {
			return nil, err
		}
		if property == "hs_object_id" {
			return nil, fault.Errorf(fault.You, "hubspot: history has %q, which never changes", entry)
		}
		if !slices.Contains(o.tracked, property) {
			o.tracked = append(o.tracked, property)
		}
	}
	return kept, nil
}

// isName: HubSpot's internal names are lower case, and no other text reaches a
// URL or a column.
func isName(text string) bool {
	for _, c := range []byte(text) {
		if (c < 'a' || c > 'z') && (c < '0' || c > '9') && c != '_' {
			return false
		}
	}
	return text != ""
}
