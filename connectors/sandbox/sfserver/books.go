package sfserver

import (
	"cmp"
	"maps"
	"slices"
	"time"

	"merit/connectors/sandbox/company"
)

// books are what an org's further objects show, made of the story once. What a story
// doesn't tell of, an org has no object for: features come with their objects.
type books struct {
	story      *company.Company
	contractOf map[int]int // by deal: the contract it led to, by index
	products   []product
	lines      []ofADeal[company.Line]
	credits    []ofADeal[company.Credit]
	years      []fiscalPeriod
	periods    []fiscalPeriod // years, quarters and months
	periodOf   map[string]int // of a quarter's first day
	currencies []currencyType
	rates      []datedRate
	forecasts  []forecastItem
	said       []submission
	teams      []team
	regions    []string
}

// ofADeal is a part of a deal and its place among those.
type ofADeal[T any] struct {
	deal, place int
	is          *T
}

type product struct {
	name        string
	isRecurring bool
}

func booksOf(story *company.Company) *books {
	b := &books{story: story, contractOf: map[int]int{}}
	for i := range story.Contracts {
		b.contractOf[story.Contracts[i].Deal] = i
	}
	isRecurring := map[string]bool{}
	for i := range story.Deals {
		d := &story.Deals[i]
		for j := range d.Lines {
			isRecurring[d.Lines[j].Product] = d.Lines[j].Months > 0
		}
		b.lines = append(b.lines, partsOf(i, d.Lines)...)
		b.credits = append(b.credits, partsOf(i, d.Credits)...)
	}
	for _, name := range slices.Sorted(maps.Keys(isRecurring)) {
		b.products = append(b.products, product{name, isRecurring[name]})
	}
	b.keepCalendar()
	b.keepCurrencies()
	b.keepForecasts()
	b.keepTeams()
	return b
}

func partsOf[T any](deal int, all []T) []ofADeal[T] {
	parts := make([]ofADeal[T], len(all))
	for i := range all {
		parts[i] = ofADeal[T]{deal, i, &all[i]}
	}
	return parts
}

// partNumber numbers what hangs on deals.
func partNumber[T any](_ int, p *ofADeal[T]) int64 { return int64(p.deal)*rolesADeal + int64(p.place) }

// A fiscalPeriod is a year, quarter or month of the fiscal calendar.
type fiscalPeriod struct {
	kind             string // Year, Quarter, Month
	year             int    // index into years
	number           int
	startsOn, endsOn string
	label            string // of a month
}

// keepCalendar makes the fiscal years that the story touches, and one more: the
// forecasts of a year's last weeks are about the next one.
func (b *books) keepCalendar() {
	month := cmp.Or(b.story.FiscalMonth, time.January)
	first := b.story.Begin.Year()
	if b.story.Begin.Month() < month {
		first--
	}
	b.periodOf = map[string]int{}
	for year := first; year <= b.story.Now.Year()+1; year++ {
		begin := time.Date(year, month, 1, 0, 0, 0, 0, time.UTC)
		name := begin.AddDate(1, 0, -1).Year() // a fiscal year is called after the year in which it ends
		add := func(kind string, number, from, months int) {
			starts := begin.AddDate(0, from, 0)
			b.periods = append(b.periods, fiscalPeriod{
				kind: kind, year: len(b.years) - 1, number: number, label: starts.Month().String(),
				startsOn: starts.Format(time.DateOnly), endsOn: starts.AddDate(0, months, -1).Format(time.DateOnly),
			})
		}
		b.years = append(b.years, fiscalPeriod{
			kind: "Year", number: name, startsOn: begin.Format(time.DateOnly), endsOn: begin.AddDate(1, 0, -1).Format(time.DateOnly),
		})
		add("Year", name, 0, 12)
		for quarter := range 4 {
			add("Quarter", quarter+1, 3*quarter, 3)
			b.periodOf[b.periods[len(b.periods)-1].startsOn] = len(b.periods) - 1
		}
		for m := range 12 {
			add("Month", m+1, m, 1)
		}
	}
}

type currencyType struct {
	code        string
	decimals    int
	rates       []company.Rate
	isCorporate bool
}

type datedRate struct {
	code  string
	rate  company.Rate
	until string // the next one's first day
}

// endOfTime is the NextStartDate of a rate that nothing follows.
const endOfTime = "9999-12-31"

func (b *books) keepCurrencies() {
	if len(b.story.Currencies) == 0 {
		return
	}
	b.currencies = []currencyType{{code: b.story.Currency, decimals: 2, isCorporate: true}}
	for _, c := range b.story.Currencies {
		b.currencies = append(b.currencies, currencyType{code: c.Code, decimals: c.Decimals, rates: c.Rates})
		for i, r := range c.Rates {
			d := datedRate{code: c.Code, rate: r, until: endOfTime}
			if i+1 < len(c.Rates) {
				d.until = c.Rates[i+1].From
			}
			b.rates = append(b.rates, d)
		}
	}
}

// A team is who works together, under whom.
type team struct {
	name      string
	isManager bool
	parent    int // index; None
}

func (b *books) keepTeams() {
	managed := map[string]int{}
	for _, u := range b.story.Users {
		if _, known := managed[u.Team]; u.Role == "manager" && !known && u.Team != "" {
			managed[u.Team] = len(b.teams)
			b.teams = append(b.teams, team{name: u.Team + " Manager", isManager: true, parent: company.None})
		}
	}
	seen := map[string]bool{}
	for _, u := range b.story.Users {
		if u.Region != "" && !slices.Contains(b.regions, u.Region) {
			b.regions = append(b.regions, u.Region)
		}
		if u.Team == "" || u.Role == "manager" || seen[u.Team] {
			continue
		}
		seen[u.Team] = true
		parent, isManaged := managed[u.Team]
		if !isManaged {
			parent = company.None
		}
		b.teams = append(b.teams, team{name: u.Team, parent: parent})
	}
}
