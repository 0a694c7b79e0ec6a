package hsserver

import (
	"slices"
	"strconv"
	"strings"

	"merit/connectors/sandbox/company"
)

// The objects that the story tells of beside deals, accounts, contacts and
// activities: what is sold, quotes, leads, targets and forecasts.

const (
	linesFrom, linesStep       = 60_000_000_000, 3
	quotesFrom, quotesStep     = 61_000_000_000, 3
	leadsFrom, leadsStep       = 62_000_000_000, 3
	goalsFrom, goalsStep       = 63_000_000_000, 3
	forecastsFrom, forecastsBy = 64_000_000_000, 3
	productsFrom, productsStep = 65_000_000_000, 3
	peopleFrom, peopleStep     = 66_000_000_000, 3
)

func unnamed(int) string { return "" }

// books is what of the story is told by other objects, by index.
type books struct {
	lines     []lineOf
	products  []string
	forecasts []forecast
}

// A lineOf names a line of a deal.
type lineOf struct{ deal, line int }

// A forecast is what one person said of one quarter, again and again. HubSpot has
// one number for it: what the story calls Commit.
type forecast struct {
	user     int
	startsOn string
	said     []company.Submission
}

func newBooks(s *company.Company) books {
	var b books
	for i := range s.Deals {
		for k, line := range s.Deals[i].Lines {
			b.lines = append(b.lines, lineOf{i, k})
			if !slices.Contains(b.products, line.Product) {
				b.products = append(b.products, line.Product)
			}
		}
	}
	at := map[string]int{}
	for _, said := range s.Forecasts {
		if said.Category != "Commit" {
			continue
		}
		key := strconv.Itoa(said.User) + " " + said.StartsOn
		i, known := at[key]
		if !known {
			i = len(b.forecasts)
			at[key] = i
			b.forecasts = append(b.forecasts, forecast{user: said.User, startsOn: said.StartsOn})
		}
		b.forecasts[i].said = append(b.forecasts[i].said, said)
	}
	return b
}

// further lists those objects.
func (p *portal) further() []*object {
	s := p.story
	p.books = newBooks(s)
	begin := company.At(s.Begin)
	list := []*object{
		{name: "line_items", singular: "line_item", typeID: "0-8", ids: numberAll(len(p.books.lines), unnamed, linesFrom, linesStep), state: p.lineState},
		{name: "quotes", singular: "quote", typeID: "0-14", ids: numberAll(len(s.Documents), unnamed, quotesFrom, quotesStep), state: p.quoteState},
		{name: "leads", singular: "lead", typeID: "0-136", ids: numberAll(len(s.Leads), unnamed, leadsFrom, leadsStep), state: p.leadState},
		{name: "products", singular: "product", typeID: "0-7", ids: numberAll(len(p.books.products), unnamed, productsFrom, productsStep),
			state: func(r *record) { r.lives(begin, begin, 0) }},
		{name: "goal_targets", singular: "goal_target", typeID: "0-74", ids: numberAll(len(s.Quotas), unnamed, goalsFrom, goalsStep), state: p.goalState},
		{name: "forecasts", singular: "forecast", typeID: "0-75", ids: numberAll(len(p.books.forecasts), unnamed, forecastsFrom, forecastsBy), state: p.forecastState},
		{name: "users", singular: "user", typeID: "0-115", ids: numberAll(len(s.Users), unnamed, peopleFrom, peopleStep),
			state: func(r *record) { at := s.Users[r.index].CreatedAt; r.lives(at, at, 0) }},
	}
	for _, o := range list {
		o.scope, o.modified, o.versions = "crm.objects."+o.name+".read", "hs_lastmodifieddate", otherVersions
		o.always = []string{"hs_createdate", "hs_lastmodifieddate", "hs_object_id"}
		o.all = p.indices(len(o.ids.ids), func(int) bool { return true }, o.ids)
	}
	return list
}

// lives gives a record its stamps.
func (r *record) lives(from, modified, to company.Instant) {
	r.born, r.stamped, r.created, r.modified, r.deleted = from, from, from, max(from, modified), to
}

func (p *portal) line(r *record) (*company.Deal, *company.Line, company.LineState) {
	of := p.books.lines[r.index]
	d := &p.story.Deals[of.deal]
	return d, &d.Lines[of.line], d.LineAt(of.line, r.at)
}

func (p *portal) lineState(r *record) {
	_, line, state := p.line(r)
	r.lives(line.CreatedAt, state.ModifiedAt, line.DeletedAt)
}

func (p *portal) quoteState(r *record) {
	d := &p.story.Documents[r.index]
	r.lives(d.CreatedAt, latest(r.at, d.CreatedAt, d.SentAt, d.SignedAt), d.DeletedAt)
}

func (p *portal) leadState(r *record) {
	l := &p.story.Leads[r.index]
	r.lives(l.CreatedAt, latest(r.at, l.CreatedAt, l.ConvertedAt), 0)
}

func (p *portal) goalState(r *record) {
	q := &p.story.Quotas[r.index]
	r.lives(q.CreatedAt, latest(r.at, q.CreatedAt, q.ChangedAt), 0)
}

func (p *portal) forecastState(r *record) {
	said := p.books.forecasts[r.index].said
	modified := said[0].At
	for _, s := range said {
		modified = latest(r.at, modified, s.At)
	}
	r.lives(said[0].At, modified, 0)
}

// latest is the last of some instants that is not in the future; 0 is never.
func latest(now company.Instant, all ...company.Instant) company.Instant {
	var last company.Instant
	for _, at := range all {
		if at <= now {
			last = max(last, at)
		}
	}
	return last
}

func (p *portal) furtherProperties(o *object) []*property {
	s := p.story
	name := func(property string, get func(r *record) string) *property { return textOf(property, property, get) }
	list := []*property{
		idOf(o.ids),
		instantOf("hs_createdate", "Object create date/time", func(r *record) company.Instant { return r.created }),
		instantOf("hs_lastmodifieddate", "Object last modified date/time", func(r *record) company.Instant { return r.modified }),
	}
	switch o.name {
	case "line_items":
		return append(list, p.lineProperties()...)
	case "quotes":
		return append(list, p.quoteProperties()...)
	case "leads":
		return append(list, p.ownerOf(func(r *record) int { return s.Leads[r.index].Owner }),
			name("hs_lead_name", func(r *record) string { return s.Leads[r.index].FirstName + " " + s.Leads[r.index].LastName }),
			name("hs_lead_type", func(*record) string { return "NEW_BUSINESS" }),
			name("hs_pipeline_stage", func(r *record) string {
				if at := s.Leads[r.index].ConvertedAt; at != 0 && at <= r.at {
					return "qualified-stage-id"
				}
				return "new-stage-id"
			}))
	case "products":
		return append(list, name("name", func(r *record) string { return p.books.products[r.index] }),
			name("hs_sku", func(r *record) string { return slug(p.books.products[r.index]) }), decimalOf("price", func(*record) string { return "" }))
	case "goal_targets":
		return append(list, p.goalProperties()...)
	case "forecasts":
		return append(list, p.forecastProperties()...)
	case "users":
		return append(list, numberOf("hs_internal_user_id", "User ID", func(r *record) int64 { return userNumber(int(r.index)) }),
			name("hs_email", func(r *record) string { return s.Users[r.index].Email }), name("hs_job_title", func(r *record) string { return s.Users[r.index].Role }))
	}
	return list
}

// decimalOf is a number that is told as it stands.
func decimalOf(name string, get func(r *record) string) *property {
	q := textOf(name, name, get)
	q.kind, q.field = "number", "number"
	return q
}

// dateOf is a date: midnight in UTC.
func dateOf(name string, get func(r *record) string) *property {
	q := textOf(name, name, get)
	q.kind, q.field = "date", "date"
	return q
}

// lineProperties have a line's money twice: of one year, and over its term.
func (p *portal) lineProperties() []*property {
	recurring := func(text string) func(r *record) string {
		return func(r *record) string {
			if _, line, _ := p.line(r); line.Months == 0 {
				return ""
			}
			return text
		}
	}
	total := func(r *record) string { _, _, state := p.line(r); return state.Amount }
	product := func(r *record) string { _, line, _ := p.line(r); return line.Product }
	return []*property{
		textOf("name", "Name", product),
		numberOf("hs_product_id", "Product ID", func(r *record) int64 {
			return productsFrom + int64(slices.Index(p.books.products, product(r)))*productsStep
		}),
		textOf("hs_sku", "SKU", func(r *record) string { return slug(product(r)) }),
		numberOf("quantity", "Quantity", func(r *record) int64 { _, line, _ := p.line(r); return int64(line.Quantity) }),
		decimalOf("price", func(*record) string { return "" }),
		decimalOf("amount", func(r *record) string {
			_, line, state := p.line(r)
			if line.Months <= 12 || state.Amount == "" {
				return state.Amount
			}
			whole, err := strconv.ParseFloat(state.Amount, 64)
			if err != nil {
				return ""
			}
			return strconv.FormatFloat(whole*12/float64(line.Months), 'f', 2, 64)
		}).isCalculated(),
		decimalOf("hs_tcv", total).isCalculated(),
		choiceOf("recurringbillingfrequency", "Billing frequency", options("annually", "monthly"), recurring("annually")),
		dateOf("hs_recurring_billing_start_date", func(r *record) string { _, _, state := p.line(r); return state.StartsOn }),
		dateOf("hs_recurring_billing_end_date", func(r *record) string { _, _, state := p.line(r); return state.EndsOn }),
		textOf("hs_recurring_billing_period", "Term", func(r *record) string {
			if _, line, _ := p.line(r); line.Months > 0 {
				return "P" + strconv.Itoa(line.Months) + "M"
			}
			return ""
		}),
		textOf("hs_line_item_currency_code", "Currency", func(r *record) string { d, _, _ := p.line(r); return p.currencyOf(d) }),
	}
}

func (p *portal) currencyOf(d *company.Deal) string {
	if d.Currency != "" {
		return d.Currency
	}
	return p.story.Currency
}

// A past is a version of a property that is no deal's.
type past struct {
	at    company.Instant
	value string
	by    int
}

// quoteProperties: a quote is a draft until it is published, which is when the
// customer gets it. Only the history of its status tells when that was.
func (p *portal) quoteProperties() []*property {
	of := func(r *record) *company.Document { return &p.story.Documents[r.index] }
	status := choiceOf("hs_status", "Quote status", options("DRAFT", "APPROVAL_NOT_NEEDED"), func(r *record) string {
		if d := of(r); d.SentAt != 0 && d.SentAt <= r.at {
			return "APPROVAL_NOT_NEEDED"
		}
		return "DRAFT"
	})
	status.past = func(r *record) []past {
		d := of(r)
		all := []past{{d.CreatedAt, "DRAFT", d.Owner}}
		if d.SentAt != 0 && d.SentAt <= r.at {
			all = append(all, past{d.SentAt, "APPROVAL_NOT_NEEDED", d.Owner})
		}
		return all
	}
	return []*property{
		p.ownerOf(func(r *record) int { return of(r).Owner }), status,
		textOf("hs_title", "Title", func(r *record) string {
			kind := "Quote for "
			if of(r).Kind == company.Proposal {
				kind = "Proposal for "
			}
			return kind + p.story.Deals[of(r).Deal].Name
		}),
		decimalOf("hs_quote_amount", func(r *record) string { return of(r).Amount }).isCalculated(),
		textOf("hs_currency", "Currency", func(r *record) string { return p.currencyOf(&p.story.Deals[of(r).Deal]) }),
		instantOf("hs_expiration_date", "Expiration", func(r *record) company.Instant { return r.created + 30*msADay }),
		instantOf("hs_esign_date", "E-signature date", func(r *record) company.Instant { return latest(r.at, of(r).SignedAt) }),
	}
}

// goalProperties: a goal's period ends when the next one begins.
func (p *portal) goalProperties() []*property {
	of := func(r *record) *company.Quota { return &p.story.Quotas[r.index] }
	day := func(date string, after int64) company.Instant {
		n, _ := dayNumber(date)
		return company.Instant((n + after) * msADay)
	}
	return []*property{
		textOf("hs_goal_name", "Goal name", func(r *record) string { return "New revenue from " + of(r).StartsOn }),
		decimalOf("hs_target_amount", func(r *record) string { return of(r).AmountAt(r.at) }),
		instantOf("hs_start_datetime", "Start", func(r *record) company.Instant { return day(of(r).StartsOn, 0) }),
		instantOf("hs_end_datetime", "End", func(r *record) company.Instant { return day(of(r).EndsOn, 1) }),
		numberOf("hs_assignee_user_id", "Assignee", func(r *record) int64 { return userNumber(of(r).User) }),
		textOf("hs_goal_type", "Goal type", func(*record) string { return "sales_quota" }),
		textOf("hs_kpi_unit_type", "Unit", func(*record) string { return "currency" }),
		textOf("hs_goal_target_currency_code", "Currency", func(*record) string { return p.story.Currency }),
	}
}

func (p *portal) forecastProperties() []*property {
	of := func(r *record) *forecast { return &p.books.forecasts[r.index] }
	amount := decimalOf("hs_amount", func(r *record) string {
		value := ""
		for _, s := range of(r).said {
			if s.At <= r.at {
				value = s.Amount
			}
		}
		return value
	})
	amount.past = func(r *record) []past {
		var all []past
		for _, s := range of(r).said {
			if s.At <= r.at {
				all = append(all, past{s.At, s.Amount, s.User})
			}
		}
		return all
	}
	return []*property{
		p.ownerOf(func(r *record) int { return of(r).user }), amount,
		numberOf("hs_created_by_user_id", "Created by", func(r *record) int64 { return userNumber(of(r).user) }),
		textOf("hs_year", "Year", func(r *record) string { return of(r).startsOn[:4] }),
		textOf("hs_forecast_quarter", "Quarter", func(r *record) string {
			month, _ := strconv.Atoi(strings.TrimPrefix(of(r).startsOn[5:7], "0"))
			return strconv.Itoa((month + 2) / 3)
		}),
		textOf("hs_forecast_month", "Month", func(*record) string { return "" }),
		textOf("hs_forecast_type", "Forecast type", func(*record) string { return "1" }),
		textOf("hs_milestone", "Period", func(*record) string { return "quarterly" }),
		textOf("hs_deal_pipeline_id", "Pipeline", func(*record) string { return pipelineID }),
		textOf("hs_team_id", "Team", func(r *record) string { return strconv.Itoa(p.teams[p.story.Users[of(r).user].Team]) }),
	}
}
