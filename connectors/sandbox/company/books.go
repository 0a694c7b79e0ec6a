package company

import (
	"cmp"
	"slices"
	"time"
)

// keepBooks tells what goes with the deals: what they consist of, who shares in them,
// papers, targets, forecasts and everyday life. It changes nothing of them.
func (g *generator) keepBooks() {
	c := g.company
	c.FiscalMonth = time.January
	c.Currencies = acmeCurrencies()
	c.StageSetups = []StageSetup{{Until: g.dates.at(90 * workday), Probabilities: []int{10, 20, 30, 40, 60, 80, 100, 0}}}
	renewals := c.renewalsByAccount()
	journeys := make([]journey, len(c.Deals))
	for i := range c.Deals {
		g.turn(5, i)
		j := c.journeyOf(&c.Deals[i])
		g.itemise(i, c.renewedAfter(renewals[c.Deals[i].Account], j))
		g.share(i, j)
		g.paper(i, j)
		journeys[i] = j
	}
	c.matchRenewals(renewals, g.end)
	quarters := g.quarters()
	g.plan(quarters)
	g.foretell(quarters, journeys)
	g.signIn()
	g.mergeDoubles()
	g.meetLeads()
}

// foretell lets everybody with a quota say each Monday what the quarter will bring:
// from two weeks before it on, and nearer to the truth as it goes by.
func (g *generator) foretell(quarters []quarter, journeys []journey) {
	c := g.company
	won := map[[2]int]int64{} // cents by user and quarter
	for i := range c.Deals {
		c.addWon(won, &c.Deals[i], journeys[i], quarters)
	}
	for user := range c.Users {
		if !c.Users[user].hasQuota() {
			continue
		}
		g.turn(7, user)
		for q := range quarters {
			if c.Users[user].isThereIn(quarters[q]) {
				g.foretellOne(user, quarters[q], won[[2]int{user, q}])
			}
		}
	}
	slices.SortStableFunc(c.Forecasts, func(a, b Submission) int { return cmp.Compare(a.At, b.At) })
}

// addWon adds what a deal brought to what its owner won in the quarter.
func (c *Company) addWon(won map[[2]int]int64, d *Deal, j journey, quarters []quarter) {
	if !j.isWon || d.DeletedAt != 0 {
		return
	}
	state := d.At(j.closed)
	for q := range quarters {
		if quarters[q].starts <= j.closed && j.closed < quarters[q].next {
			won[[2]int{state.Owner, q}] += cents(state.Amount)
		}
	}
}

// foretellOne is one person's forecasts of one quarter, of which cents will be won.
func (g *generator) foretellOne(user int, q quarter, won int64) {
	u, h := &g.company.Users[user], g.people[user]
	off := 1000 + int64(1000-h.care)*int64(g.between(-300, 700))/1000 // per mille of the truth
	if h.sandbags {
		off = 550
	}
	if won == 0 {
		won = 5_000_000 // hope
	}
	day := q.starts.Time().In(g.zone).AddDate(0, 0, -14)
	for day.Weekday() != time.Monday {
		day = day.AddDate(0, 0, 1)
	}
	weeks := int64(15)
	for week := int64(0); week < weeks; week++ {
		at := At(time.Date(day.Year(), day.Month(), day.Day(), 9, g.dice.IntN(60), 0, 0, g.zone))
		day = day.AddDate(0, 0, 7)
		if at <= max(u.CreatedAt, At(g.company.Begin)) || at >= min(q.next, g.end) || u.LeftAt != 0 && at >= u.LeftAt {
			continue
		}
		amount := won * (1000 + (off-1000)*(weeks-week)/weeks) / 1000 / 10_000 * 10_000 // whole hundreds
		f := Submission{User: user, StartsOn: q.startsOn, EndsOn: q.endsOn, Category: "Commit", Amount: decimal(amount), At: at}
		g.company.Forecasts = append(g.company.Forecasts, f)
		f.Category, f.Amount = "Best Case", decimal(amount*14/10)
		g.company.Forecasts = append(g.company.Forecasts, f)
	}
}

// signIn lets everybody come in the morning, the careful on most days. Some first
// mistype their password.
func (g *generator) signIn() {
	c := g.company
	for user := range c.Users {
		g.turn(8, user)
		u, h := &c.Users[user], g.people[user]
		for day := range g.dates.horizon / workday {
			at := g.dates.opens[day] + Instant(g.dice.IntN(90*60))*1000
			comes, tries, moves := g.chance(550+h.care*2/5), g.chance(15), g.chance(80)
			if !comes || at <= u.CreatedAt || u.LeftAt != 0 && at >= u.LeftAt {
				continue
			}
			l := Login{User: int32(user), At: at}
			if moves {
				l.Through = ByMobile
			}
			if tries {
				c.Logins = append(c.Logins, Login{User: l.User, At: at - 20_000, Through: l.Through, Failed: true})
			}
			c.Logins = append(c.Logins, l)
		}
	}
	slices.SortStableFunc(c.Logins, func(a, b Login) int { return cmp.Compare(a.At, b.At) })
}

// mergeDoubles says of half of the accounts that were deleted that they were doubles.
func (g *generator) mergeDoubles() {
	c := g.company
	for i := 1; i < len(c.Accounts); i++ {
		gone, stays := &c.Accounts[i], &c.Accounts[i-1]
		if gone.DeletedAt == 0 || stays.DeletedAt != 0 || i/g.idle%2 == 1 {
			continue
		}
		c.Merges = append(c.Merges,
			Merge{Of: OfAccounts, From: i, Into: i - 1, At: gone.DeletedAt},
			Merge{Of: OfContacts, From: g.contactsOf[i].from, Into: g.contactsOf[i-1].from, At: gone.DeletedAt})
	}
}

// meetLeads tells whom the development reps found: those that became deals, and as
// many that did not.
func (g *generator) meetLeads() {
	c := g.company
	for i := range c.Deals {
		d := &c.Deals[i]
		if c.Users[d.CreatedBy].Role != "sdr" {
			continue
		}
		g.turn(9, i)
		contact := g.contactsOf[d.Account].from
		found := max(At(c.Begin), c.Users[d.CreatedBy].CreatedAt, d.CreatedAt-Instant(g.between(1, 20))*dayLong)
		c.Leads = append(c.Leads, Lead{
			FirstName: c.Contacts[contact].FirstName, LastName: c.Contacts[contact].LastName, Company: c.Accounts[d.Account].Name,
			Source: d.LeadSource, Owner: d.CreatedBy, CreatedAt: found, ConvertedAt: d.CreatedAt, Account: d.Account, Contact: contact, Deal: i,
		}, Lead{
			FirstName: pick(g, firstNames[:]), LastName: pick(g, lastNames[:]), Company: accountName(len(c.Accounts) + i),
			Source: d.LeadSource, Owner: d.CreatedBy, CreatedAt: found, Account: None, Contact: None, Deal: None,
		})
	}
}
