package hsserver

import (
	"sort"
	"strconv"

	"merit/connectors/sandbox/company"
)

// dealState adds up what is known of a deal at the record's instant.
func (p *portal) dealState(r *record) {
	d := &p.story.Deals[r.index]
	r.deal, r.created, r.deleted = d, d.CreatedAt, d.DeletedAt
	r.born, r.stamped, r.modified = d.SeenAt(), d.CreatedAt, d.CreatedAt
	if len(d.Changes) > 0 {
		r.stamped = d.Changes[0].At // the CRM's own clock, whatever createdate says
	}
	r.seen = len(d.Changes)
	if r.seen > 0 && d.Changes[r.seen-1].At > r.at {
		r.seen = sort.Search(r.seen, func(k int) bool { return d.Changes[k].At > r.at })
	}
	if r.seen > 0 {
		r.modified = d.Changes[r.seen-1].At
	}
}

// addUp finds the first and last version of every field; a field that was only
// ever set to nothing has no version.
func (r *record) addUp() {
	for f := range fields {
		r.first[f], r.last[f] = untracked, untracked
	}
	for k := range r.deal.Changes[:r.seen] {
		c := &r.deal.Changes[k]
		if r.first[c.Field] == untracked {
			if c.Value == "" || c.Field == company.Owner && c.Value[0] == '-' {
				continue
			}
			r.first[c.Field] = k
		}
		r.last[c.Field] = k
	}
}

// appendValue appends what a change set its property to; "" is cleared.
func (p *portal) appendValue(dst []byte, c *company.Change) []byte {
	if c.Value == "" {
		return dst
	}
	switch c.Field {
	case company.StageName:
		return append(dst, p.dealStage(c.Value)...)
	case company.CloseOn:
		if at, ok := p.clickTime(c.Value, c.At); ok {
			return appendInstant(dst, at)
		}
	case company.Owner:
		if id, ok := p.ownerID(c.Value); ok {
			return strconv.AppendInt(dst, id, 10)
		}
		return dst
	case company.Forecast:
		return append(dst, forecastCategory(c.Value)...)
	}
	return append(dst, c.Value...)
}

// forecastCategory is the story's category in HubSpot's words.
func forecastCategory(name string) string {
	for _, o := range forecastCategories() {
		if o.label == name {
			return o.value
		}
	}
	return shout(name)
}

// trackedOf is a property whose versions are the deal's changes of a field.
func (p *portal) trackedOf(field company.Field, name, label, kind, form string) *property {
	return &property{name: name, label: label, kind: kind, field: form, tracked: int(field),
		value: func(r *record, dst []byte) ([]byte, bool) {
			k := r.last[field]
			if k == untracked {
				return dst, false
			}
			return p.appendValue(dst, &r.deal.Changes[k]), true
		}}
}

func (p *portal) dealProperties() []*property {
	amount := p.trackedOf(company.Amount, "amount", "Amount", "number", "number")
	stage := p.trackedOf(company.StageName, "dealstage", "Deal Stage", "enumeration", "radio")
	owner := p.trackedOf(company.Owner, "hubspot_owner_id", "Deal owner", "enumeration", "select")
	forecast := p.trackedOf(company.Forecast, "hs_manual_forecast_category", "Forecast category", "enumeration", "select")
	home := &property{name: "amount_in_home_currency", label: "Amount in company currency", kind: "number", field: "number",
		tracked: untracked, value: amount.value}
	pipeline := choiceOf("pipeline", "Pipeline", nil, func(*record) string { return pipelineID })
	amount.money, home.money = true, true
	stage.outside, owner.outside, pipeline.outside = true, true, true
	forecast.options = forecastCategories()
	created := func(r *record) company.Instant { return r.created }
	return []*property{
		amount, home.isCalculated(), stage, owner, forecast, pipeline,
		p.trackedOf(company.CloseOn, "closedate", "Close Date", "datetime", "date"),
		p.trackedOf(company.NextStep, "hs_next_step", "Next step", "string", "text"),
		idOf(p.deals),
		instantOf("createdate", "Create Date", created),
		instantOf("hs_createdate", "HubSpot Create Date", func(r *record) company.Instant { return r.stamped }),
		instantOf("hs_lastmodifieddate", "Last Modified Date", func(r *record) company.Instant { return r.modified }),
		textOf("dealname", "Deal Name", func(r *record) string { return r.deal.Name }),
		textOf("description", "Deal Description", func(*record) string { return "" }),
		choiceOf("dealtype", "Deal Type", p.dealTypes, func(r *record) string { return slug(r.deal.Type) }),
		choiceOf("deal_currency_code", "Currency", []option{{p.story.Currency, p.story.Currency}}, func(*record) string { return p.story.Currency }),
		choiceOf("hs_analytics_source", "Original Traffic Source", trafficSources(), func(r *record) string { return trafficSource(r.deal.LeadSource) }),
		choiceOf("hs_merged_object_ids", "Merged Deal IDs", nil, func(r *record) string { return r.merged }),
		numberOf("hs_created_by_user_id", "Created by user ID", func(r *record) int64 { return p.user(r.deal.CreatedBy) }),
		boolOf("hs_is_closed", "Is Deal Closed?", func(r *record) bool { return p.currentStage(r).closed }).isCalculated(),
		boolOf("hs_is_closed_won", "Is Closed Won", func(r *record) bool { return p.currentStage(r).won }).isCalculated(),
		p.probabilityProperty(),
		numberOf("num_associated_contacts", "Number of Associated Contacts", p.contactsOf).isCalculated(),
		textOf("lead_source", "Lead Source", func(r *record) string { return r.deal.LeadSource }).isCustom(),
		p.externalIDs(),
	}
}

func (p *portal) probabilityProperty() *property {
	q := textOf("hs_deal_stage_probability", "Deal probability", func(r *record) string { return p.currentStage(r).exact })
	q.kind, q.field = "number", "number"
	return q.isCalculated()
}

// externalIDs is a number property that an integration puts lists into: HubSpot
// lets it, and connectors that trust the type break.
func (p *portal) externalIDs() *property {
	const every = 97
	return (&property{name: "external_deal_ids", label: "External deal IDs", kind: "number", field: "number", tracked: untracked,
		value: func(r *record, dst []byte) ([]byte, bool) {
			if r.index%every != 0 {
				return dst, false
			}
			dst = strconv.AppendInt(dst, 3_092_727_991+int64(r.index), 10)
			dst = append(dst, ';')
			return strconv.AppendInt(dst, 3_881_228_353+int64(r.index), 10), true
		}}).isCustom()
}

func (p *portal) currentStage(r *record) stage {
	if k := r.last[company.StageName]; k != untracked {
		if i, ok := p.stageByID[p.dealStage(r.deal.Changes[k].Value)]; ok {
			return p.stages[i]
		}
	}
	return stage{}
}

func (p *portal) user(i int) int64 {
	if i < 0 || i >= len(p.story.Users) {
		return -1
	}
	return userNumber(i)
}

func (p *portal) contactsOf(r *record) int64 {
	var n int64
	if p.ties != nil {
		n = int64(len(p.ties.late[[2]string{"deals", "contacts"}][r.index]))
	}
	var c record
	for _, role := range r.deal.Contacts {
		if role.Contact < 0 || role.Contact >= len(p.story.Contacts) {
			continue
		}
		c = record{index: int32(role.Contact), at: r.at}
		p.contactState(&c)
		if c.there() && !c.archived() {
			n++
		}
	}
	return n
}

// trafficSource is a lead source as one of HubSpot's own few; most say no more
// than that it was not the website.
func trafficSource(lead string) string {
	switch slug(lead) {
	case "":
		return ""
	case "web", "website", "inbound":
		return "DIRECT_TRAFFIC"
	case "referral", "customerreferral", "employeereferral", "partner", "partnerreferral":
		return "REFERRALS"
	case "advertisement", "ads":
		return "PAID_SEARCH"
	}
	return "OFFLINE"
}

func forecastCategories() []option {
	return []option{
		{"OMIT", "Omitted"}, {"PIPELINE", "Pipeline"}, {"BEST_CASE", "Best Case"}, {"COMMIT", "Commit"}, {"CLOSED", "Closed"},
	}
}

func trafficSources() []option {
	return []option{
		{"DIRECT_TRAFFIC", "Direct Traffic"}, {"REFERRALS", "Referrals"}, {"PAID_SEARCH", "Paid Search"}, {"OFFLINE", "Offline Sources"},
	}
}
