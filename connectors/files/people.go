package files

import "merit/connectors"

// people is what of the contract tells of persons. Files name a colleague by a user's
// id, by an address or by the company's own id; the last one stays, as the roster has it.
func people(contract []Table) connectors.People {
	own := map[string]connectors.Personal{
		"users.user_id":           {Says: connectors.SaysID, Kind: "users", Own: true, Property: "id of a colleague"},
		"users.email":             {Says: connectors.SaysAddress, Own: true, Property: "e-mail address of a colleague"},
		"users.name":              {Says: connectors.SaysName, Own: true, Property: "name of a colleague"},
		"employees.email":         {Says: connectors.SaysAddress, Own: true, Property: "e-mail address of a colleague"},
		"employees.name":          {Says: connectors.SaysName, Own: true, Property: "name of a colleague"},
		"contacts.contact_id":     {Says: connectors.SaysID, Kind: "contacts", Own: true, Property: "id of a contact"},
		"deals.name":              {Says: connectors.SaysText},
		"deals.next_step":         {Says: connectors.SaysText},
		"activities.subject":      {Says: connectors.SaysText},
		"merges.record_id":        {Says: connectors.SaysID, KindColumn: "record_type", Kinds: map[string]string{"contact": "contacts"}, Property: "id of a contact"},
		"merges.into_id":          {Says: connectors.SaysID, KindColumn: "record_type", Kinds: map[string]string{"contact": "contacts"}, Property: "id of a contact"},
		"calendar_events.subject": {Says: connectors.SaysText},
		"coaching.topic":          {Says: connectors.SaysText},
		"coaching_actions.action": {Says: connectors.SaysText},
		"kudos.text":              {Says: connectors.SaysText},
		"contributions.title":     {Says: connectors.SaysText},
		"external_ids.record_id": {
			Says: connectors.SaysID, KindColumn: "record_type", Property: "id of a contact or colleague",
			Kinds: map[string]string{"contact": "contacts", "user": "users"},
		},
		"activity_links.record_id": {Says: connectors.SaysID, KindColumn: "record_type", Kinds: map[string]string{"contact": "contacts"}, Property: "id of a contact"},
	}
	ids := map[string]string{
		"user_key": "users", "coach_key": "users", "from_key": "users", "user_id": "users", "owner_id": "users", "created_by": "users", "changed_by": "users",
		"contact_id": "contacts",
	}
	named := map[string]bool{"source": true, "url": true, "deal_id": true, "account_id": true, "activity_id": true, "employee_id": true, "manager_id": true}
	var said connectors.People
	for _, t := range contract {
		for _, c := range t.Columns {
			one, declared := own[t.Name+"."+c.Name]
			switch kind := ids[c.Name]; {
			case declared:
			case kind != "":
				one = connectors.Personal{Says: connectors.SaysID, Kind: kind, Property: "id of a " + map[string]string{"users": "colleague", "contacts": "contact"}[kind]}
			case named[c.Name]:
				one = connectors.Personal{Says: connectors.SaysNothing}
			default:
				continue
			}
			one.Table, one.Column = t.Name, c.Name
			said.Columns = append(said.Columns, one)
		}
	}
	said.Changes = []connectors.Changes{
		{Table: "deal_changes", Of: "deals", Column: "field", Values: []string{"new_value"}, Aliases: map[string]string{"owner": "owner_id", "stage": "stage_id"}},
		{Table: "deal_fields", Of: "deals", Column: "field", Values: []string{"value"}},
	}
	return said
}
