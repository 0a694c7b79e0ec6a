package company

import "strconv"

// openAccounts invents who is sold to: three fifths were there on the first day,
// the others come up over the whole story. Every idle-th never has a deal, and
// some of those are deleted.
func (g *generator) openAccounts(size int) {
	count := size/3 + 12
	g.base, g.idle = count*3/5, 17
	c := g.company
	c.Accounts = make([]Account, count)
	g.contactsOf = make([]span, count)
	for i := range c.Accounts {
		g.turn(2, i)
		opened := g.openedAt(i)
		c.Accounts[i] = Account{
			Name:      accountName(i),
			Industry:  industries[g.dice.IntN(len(industries))],
			Owner:     g.anybody(max(opened, workday)),
			CreatedAt: g.dates.at(opened),
		}
		if i%g.idle == g.idle-1 && g.chance(600) {
			c.Accounts[i].DeletedAt = g.later(opened, 90)
		}
		g.meetContacts(i, opened)
	}
}

// openedAt is the working second at which an account is made; it grows with the index.
func (g *generator) openedAt(account int) int {
	if account < g.base {
		return account * (workday / 2) / g.base
	}
	rest := len(g.company.Accounts) - g.base
	return workday + (account-g.base)*((g.dates.horizon-2*workday)/rest)
}

// accountsBy counts the accounts that are there for sure at a working second.
func (g *generator) accountsBy(second int) int {
	if second <= workday {
		return g.base
	}
	rest := len(g.company.Accounts) - g.base
	return min(len(g.company.Accounts), g.base+(second-workday)/((g.dates.horizon-2*workday)/rest))
}

func accountName(i int) string {
	stems, trades, forms := len(companyStems), len(companyTrades), len(companyForms)
	name := companyStems[i%stems] + " " + companyTrades[i/stems%trades] + " " + companyForms[(i/7)%forms]
	if round := i / (stems * trades); round > 0 {
		name += " " + strconv.Itoa(round+1)
	}
	return name
}

func (g *generator) meetContacts(account, opened int) {
	c := g.company
	from := len(c.Contacts)
	for range g.between(1, 3) {
		contact := Contact{
			Account:   account,
			FirstName: pick(g, firstNames[:]),
			LastName:  pick(g, lastNames[:]),
			Title:     pick(g, titles[:]),
			Owner:     c.Accounts[account].Owner,
			CreatedAt: g.dates.at(opened + g.dice.IntN(workday/4)),
			DeletedAt: c.Accounts[account].DeletedAt,
		}
		c.Contacts = append(c.Contacts, contact)
	}
	g.contactsOf[account] = span{from, len(c.Contacts)}
}

// later gives an instant up to so many working days on, or never when the story ends before.
func (g *generator) later(second, days int) Instant {
	second += workday + g.dice.IntN(days*workday)
	if second >= g.dates.horizon {
		return 0
	}
	return g.dates.at(second)
}
