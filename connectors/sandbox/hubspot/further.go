package hubspot

import (
	"strconv"

	"merit/connectors/sandbox/company"
)

// Objects that the story has no word for are made of those that it has: a line
// item for each deal, a goal for each user.

const (
	linesFrom, linesStep       = 60_000_000_000, 3
	quotesFrom, quotesStep     = 61_000_000_000, 3
	leadsFrom, leadsStep       = 62_000_000_000, 3
	goalsFrom, goalsStep       = 63_000_000_000, 3
	forecastsFrom, forecastsBy = 64_000_000_000, 3
	productsFrom, productsStep = 65_000_000_000, 3
	peopleFrom, peopleStep     = 66_000_000_000, 3
)

// productsSold is how many things there are to sell.
const productsSold = 5

func unnamed(int) string { return "" }

// further lists those objects.
func (p *portal) further() []*object {
	s := p.story
	asDeal := func(r *record) { d := &p.story.Deals[r.index]; r.lives(d.SeenAt(), d.DeletedAt) }
	asContact := func(r *record) { c := &s.Contacts[r.index]; r.lives(c.CreatedAt, c.DeletedAt) }
	asUser := func(r *record) { r.lives(s.Users[r.index].CreatedAt, 0) }
	always := func(r *record) { r.lives(company.At(s.Begin), 0) }
	list := []*object{
		{name: "line_items", singular: "line_item", typeID: "0-8", ids: numberAll(len(s.Deals), unnamed, linesFrom, linesStep), state: asDeal},
		{name: "quotes", singular: "quote", typeID: "0-14", ids: numberAll(len(s.Deals), unnamed, quotesFrom, quotesStep), state: asDeal},
		{name: "leads", singular: "lead", typeID: "0-136", ids: numberAll(len(s.Contacts), unnamed, leadsFrom, leadsStep), state: asContact},
		{name: "products", singular: "product", typeID: "0-7", ids: numberAll(productsSold, unnamed, productsFrom, productsStep), state: always},
		{name: "goal_targets", singular: "goal_target", typeID: "0-74", ids: numberAll(len(s.Users), unnamed, goalsFrom, goalsStep), state: asUser},
		{name: "forecasts", singular: "forecast", typeID: "0-75", ids: numberAll(len(s.Users), unnamed, forecastsFrom, forecastsBy), state: asUser},
		{name: "users", singular: "user", typeID: "0-115", ids: numberAll(len(s.Users), unnamed, peopleFrom, peopleStep), state: asUser},
	}
	for _, o := range list {
		o.scope, o.modified, o.versions = "crm.objects."+o.name+".read", "hs_lastmodifieddate", otherVersions
		o.always = []string{"hs_createdate", "hs_lastmodifieddate", "hs_object_id"}
		keep := func(int) bool { return true }
		switch o.name {
		case "quotes":
			keep = func(i int) bool { return i%3 == 0 }
		case "leads":
			keep = func(i int) bool { return i%2 == 0 }
		}
		o.all = p.indices(len(o.ids.ids), keep, o.ids)
	}
	return list
}

// lives gives a record that never changes its stamps.
func (r *record) lives(from, to company.Instant) {
	r.born, r.stamped, r.created, r.modified, r.deleted = from, from, from, from, to
}

func (p *portal) furtherProperties(o *object) []*property {
	s := p.story
	number := func(name, label string, get func(r *record) int64) *property { return numberOf(name, label, get) }
	name := func(property string, get func(r *record) string) *property { return textOf(property, property, get) }
	amount := func(r *record) string { return p.firstAmount(int(r.index)) }
	owner := p.ownerOf(func(r *record) int { return int(r.index) % len(s.Users) })
	list := []*property{
		idOf(o.ids),
		instantOf("hs_createdate", "Object create date/time", func(r *record) company.Instant { return r.created }),
		instantOf("hs_lastmodifieddate", "Object last modified date/time", func(r *record) company.Instant { return r.modified }),
	}
	switch o.name {
	case "line_items":
		price := name("price", amount)
		total := name("amount", amount)
		price.kind, total.kind = "number", "number"
		return append(list, price, total.isCalculated(), number("quantity", "Quantity", func(*record) int64 { return 1 }),
			name("name", func(r *record) string { return s.Deals[r.index].Name }),
			number("hs_product_id", "Product ID", func(r *record) int64 { return productsFrom + int64(r.index%productsSold)*productsStep }),
			name("hs_sku", func(r *record) string { return "SKU-" + strconv.Itoa(int(r.index%productsSold)) }),
			name("recurringbillingfrequency", func(*record) string { return "annually" }),
			name("hs_line_item_currency_code", func(*record) string { return s.Currency }))
	case "quotes":
		return append(list, owner, name("hs_title", func(r *record) string { return "Quote for " + s.Deals[r.index].Name }),
			name("hs_status", func(*record) string { return "APPROVED" }), name("hs_quote_amount", amount),
			instantOf("hs_expiration_date", "Expiration", func(r *record) company.Instant { return r.created + 30*msADay }))
	case "leads":
		return append(list, owner, name("hs_lead_name", func(r *record) string { return s.Contacts[r.index].LastName }),
			name("hs_lead_type", func(*record) string { return "NEW BUSINESS" }), name("hs_pipeline_stage", func(*record) string { return "new-stage-id" }))
	case "products":
		return append(list, name("name", func(r *record) string { return "Product " + strconv.Itoa(int(r.index)) }),
			name("hs_sku", func(r *record) string { return "SKU-" + strconv.Itoa(int(r.index)) }), number("price", "Price", func(r *record) int64 { return 100 * int64(r.index+1) }))
	case "goal_targets":
		return append(list, name("hs_goal_name", func(*record) string { return "New revenue" }),
			number("hs_target_amount", "Target", func(r *record) int64 { return 100_000 + 1000*int64(r.index) }),
			instantOf("hs_start_datetime", "Start", func(*record) company.Instant { return company.At(s.Begin) }),
			instantOf("hs_end_datetime", "End", func(*record) company.Instant { return company.At(s.Begin) + 90*msADay }),
			number("hs_assignee_user_id", "Assignee", func(r *record) int64 { return userNumber(int(r.index)) }))
	case "users":
		return append(list, number("hs_internal_user_id", "User ID", func(r *record) int64 { return userNumber(int(r.index)) }),
			name("hs_email", func(r *record) string { return s.Users[r.index].Email }), name("hs_job_title", func(*record) string { return "" }))
	}
	return list
}

// firstAmount is what a deal was first expected to bring: a line item and a quote
// keep it, whatever becomes of the deal.
func (p *portal) firstAmount(deal int) string {
	for _, c := range p.story.Deals[deal].Changes {
		if c.Field == company.Amount && c.Value != "" {
			return c.Value
		}
	}
	return ""
}
