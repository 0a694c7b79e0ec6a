package company

import (
	"cmp"
	"slices"
	"strconv"
)

// What cheats do with deals, and what only looks like it.

// bulk moves ten deals or more in two minutes.
func (p *planting) bulk() bool {
	at := p.at(p.day(6), workday*3/4)
	p.truth.Deals = p.movable(at, p.between(11, 16))
	for i, deal := range p.truth.Deals {
		p.step(deal, at+Instant(i*9)*1000, p.who, ByHand)
	}
	return true
}

// movable are so many of the person's deals that can be moved on at an instant: those
// that are open, and where they are too few others that lie about.
func (p *planting) movable(at Instant, count int) []int {
	list := p.pullable(at)
	list = list[:min(len(list), count)]
	for len(list) < count {
		list = append(list, p.park(at-Instant(p.between(5, 25))*dayLong-Instant(p.dice.IntN(100))*60_000))
	}
	return list
}

// park opens a deal that then lies about.
func (p *planting) park(at Instant) int {
	contact := p.somebody()
	account := p.company.Contacts[contact].Account
	deal := len(p.company.Deals)
	c := func(field Field, value string) Change {
		return Change{At: at, By: int32(p.who), Field: field, Through: ByHand, Value: value}
	}
	p.company.Deals = append(p.company.Deals, Deal{
		Account: account, Type: "New Business", LeadSource: "Web", CreatedBy: p.who, CreatedAt: at,
		Name: p.company.Accounts[account].Name + " - Insights " + strconv.Itoa(deal+1),
		Changes: []Change{
			c(StageName, "Prospecting"), c(Amount, p.amountText[p.between(100, 900)]), c(CloseOn, p.dateAt(at+120*dayLong)),
			c(Owner, p.userText[p.who]), c(Forecast, "Pipeline"),
		},
	})
	return deal
}

// step moves a deal to its next stage at an instant: what would have come later, or
// a step of its own where nothing more comes.
func (p *planting) step(deal int, at Instant, by int, through Through) {
	if change := p.nextAdvance(deal, at); change != None {
		p.pull(deal, change, at, by, through)
		return
	}
	d := &p.company.Deals[deal]
	if next := p.order(d.At(at).Stage); next <= negotiation {
		d.Changes = slices.Insert(slices.Clone(d.Changes), p.after(d, at), Change{At: at, By: int32(by), Field: StageName, Through: through, Value: p.company.Stages[next].Name})
	}
}

// imported lets an integration move the deals of several people at once.
func (p *planting) imported() bool {
	at := p.at(p.day(6), workday*3/4)
	others := 0
	for user := range p.company.Users {
		if user == p.who || p.roleOf(user) != "ae" || p.isMarked(user) || p.people[user].hiredAt != 0 || p.people[user].leftAt != 0 || others == 3 {
			continue
		}
		others++
		other := *p
		other.who = user
		for i, deal := range other.movable(at, 3) {
			p.step(deal, at+Instant(others*5+i)*1000, p.integration(), ByImport)
		}
	}
	p.truth.Deals = p.movable(at, p.between(11, 16))
	for i, deal := range p.truth.Deals {
		p.step(deal, at+Instant(i*4)*1000, p.integration(), ByImport)
	}
	return others == 3
}

// automated lets a machine move one person's deals. It is known as one by what it did
// to others before.
func (p *planting) automated() bool {
	at := p.at(p.day(6), workday/4)
	p.truth.Deals = p.movable(at, p.between(11, 16))
	for i, deal := range p.truth.Deals {
		p.step(deal, at+Instant(i*2)*1000, p.integration(), ByAutomation)
	}
	return slices.ContainsFunc(p.company.Truth, func(t Truth) bool { return t.Story == "an integration imports the moves of several people" })
}

// reorganised gives a dozen deals to the person within a minute, and they move on
// when they do.
func (p *planting) reorganised() bool {
	at := p.at(p.day(10), workday/2)
	for user := range p.company.Users {
		other := *p
		other.who = user
		if user == p.who || p.roleOf(user) != "ae" || p.isMarked(user) || p.people[user].hiredAt != 0 || p.people[user].leftAt != 0 {
			continue
		}
		list := other.movable(at, 12)
		for i, deal := range list {
			d := &p.company.Deals[deal]
			d.Changes = slices.Insert(slices.Clone(d.Changes), p.after(d, at), Change{
				At: at + Instant(i)*2000, By: int32(p.managerOf(p.who)), Field: Owner, Through: ByHand, Value: p.userText[p.who],
			})
			for k := p.after(d, at+60_000); k < len(d.Changes); k++ {
				if d.Changes[k].By == int32(user) {
					d.Changes[k].By = int32(p.who)
				}
			}
		}
		p.truth.Deals = list
		return true
	}
	return false
}

// isMarked tells whether somebody already stands for something.
func (p *planting) isMarked(user int) bool {
	return slices.ContainsFunc(p.company.Truth, func(t Truth) bool { return t.User == user })
}

// after is where a change at an instant belongs.
func (p *planting) after(d *Deal, at Instant) int {
	i, _ := slices.BinarySearchFunc(d.Changes, at+1, func(c Change, at Instant) int { return cmp.Compare(c.At, at) })
	return i
}

// rush advances what is open in the last three days, two steps each, minutes apart.
func (p *planting) rush() bool {
	return p.hurry((p.past-2)*workday, p.between(14, 18), 2)
}

// goodEnd closes a quarter well: some advances come in its last days.
func (p *planting) goodEnd() bool {
	return p.hurry((p.past-4)*workday, 4, 1)
}

// hurry moves so many deals on in the days from a working second on.
func (p *planting) hurry(second, count, steps int) bool {
	p.truth.Deals = p.movable(p.dates.at(second)+p.shift(), count)
	gap := (p.past*workday - second - 1800) / (count * steps)
	for i := range count * steps {
		p.step(p.truth.Deals[i%count], p.dates.at(second+i*gap)+p.shift(), p.who, ByHand)
	}
	return true
}

// instantWins are deals that are written down and won within minutes.
func (p *planting) instantWins() bool {
	for range p.between(5, 7) {
		p.sold(p.at(p.day(2), p.dice.IntN(workday/2)), p.who, ByHand, Instant(p.between(3, 40))*60_000)
	}
	return true
}

// importedOrders come in from a shop: an integration writes them down as won.
func (p *planting) importedOrders() bool {
	for range p.between(5, 7) {
		p.sold(p.at(p.day(2), p.dice.IntN(workday/2)), p.integration(), ByImport, 2000)
	}
	return true
}

// sold is a small deal of the person's that is created and won soon after.
func (p *planting) sold(at Instant, by int, through Through, takes Instant) {
	contact := p.somebody()
	account := p.company.Contacts[contact].Account
	deal := len(p.company.Deals)
	c := func(at Instant, field Field, value string) Change {
		return Change{At: at, By: int32(by), Field: field, Through: through, Value: value}
	}
	p.company.Deals = append(p.company.Deals, Deal{
		Account: account, Type: "New Business", LeadSource: "Web", CreatedBy: by, CreatedAt: at,
		Name:     p.company.Accounts[account].Name + " - Starter Pack " + strconv.Itoa(deal+1),
		Contacts: []Role{{Contact: contact, Name: "Decision Maker", Primary: true}},
		Changes: []Change{
			c(at, StageName, "Prospecting"), c(at, Amount, p.amountText[p.between(30, 200)]), c(at, CloseOn, p.dateAt(at+takes)),
			c(at, Owner, p.userText[p.who]), c(at, Forecast, "Pipeline"),
			c(at+takes, StageName, "Closed Won"), c(at+takes, Forecast, "Closed"),
		},
	})
	p.truth.Deals = append(p.truth.Deals, deal)
}

// predate says of deals that they were created days before they were.
func (p *planting) predate() bool { return p.older(p.who, p.between(5, 7)) }

// migratedDeals come from another system with the days on which they were created
// there.
func (p *planting) migratedDeals() bool { return p.older(p.integration(), 12) }

// older says of so many deals of the quarter that they were created weeks before.
func (p *planting) older(by, count int) bool {
	for range count {
		first := p.at(p.past-p.between(3, 25), p.dice.IntN(workday))
		deal := p.park(first)
		d := &p.company.Deals[deal]
		d.CreatedBy = by
		d.CreatedAt = first - Instant(p.between(5, 28))*dayLong
		if by != p.who {
			for k := range d.Changes {
				d.Changes[k].By, d.Changes[k].Through = int32(by), ByImport
			}
		}
		p.truth.Deals = append(p.truth.Deals, deal)
	}
	return true
}

// toAndFro moves deals back and forth between two stages, twice in a month.
func (p *planting) toAndFro() bool { return p.swing(2, p.between(6, 8)) }

// putBack puts deals back once.
func (p *planting) putBack() bool { return p.swing(1, 6) }

func (p *planting) swing(times, count int) bool {
	at := p.at(p.first+8, 3600)
	for i := range count {
		deal := p.park(at - Instant(p.between(10, 30))*dayLong)
		d := &p.company.Deals[deal]
		for turn := range 2*times + 1 {
			when := at + Instant(turn*2)*dayLong + Instant(i*17)*60_000
			stage := p.company.Stages[prospecting+1-turn%2].Name
			d.Changes = append(d.Changes, Change{At: when, By: int32(p.who), Field: StageName, Through: ByHand, Value: stage})
		}
		p.truth.Deals = append(p.truth.Deals, deal)
	}
	return true
}

// manyAdvances brings new deals on, far more than anybody.
func (p *planting) manyAdvances() bool { return p.bringOn(130) }

// goodQuarter is one with half as many again.
func (p *planting) goodQuarter() bool { return p.bringOn(9) }

// bringOn opens deals in the quarter and advances each twice, days apart.
func (p *planting) bringOn(count int) bool {
	for range count {
		at := p.at(p.day(16), p.dice.IntN(workday-3600))
		deal := p.park(at)
		p.step(deal, at+3*dayLong, p.who, ByHand)
		p.step(deal, at+7*dayLong, p.who, ByHand)
		p.truth.Deals = append(p.truth.Deals, deal)
	}
	return true
}

// lateShares and earlyShares rewrite who shares in won deals.
func (p *planting) lateShares() bool  { return p.shares(4 * dayLong) }
func (p *planting) earlyShares() bool { return p.shares(-2 * dayLong) }

// shares are rewritten so long after the close, or before it. They replace what the
// story has of shares in these deals.
func (p *planting) shares(after Instant) bool {
	for i := range p.company.Deals {
		d := &p.company.Deals[i]
		j := p.company.journeyOf(d)
		if !j.isWon || j.closed < p.quarter.starts || j.closed >= p.quarter.next || d.DeletedAt != 0 || j.proposed == 0 || d.At(j.closed).Owner != p.who || j.closed-j.proposed < 3*dayLong {
			continue
		}
		p.truth.Deals = append(p.truth.Deals, i)
	}
	if len(p.truth.Deals) < 4 {
		return false
	}
	for _, i := range p.truth.Deals {
		d := &p.company.Deals[i]
		j := p.company.journeyOf(d)
		helper := p.managerOf(p.who)
		d.Credits = []Credit{
			{User: p.who, Kind: Share, Percent: "45.5", Was: "60", CreatedAt: j.proposed, ChangedAt: j.closed + after},
			{User: helper, Kind: Share, Percent: "54.5", Was: "40", CreatedAt: j.proposed + 1000, ChangedAt: j.closed + after},
		}
	}
	return true
}

// dateAt is the calendar date of an instant at the company.
func (g *generator) dateAt(at Instant) string { return at.Time().In(g.zone).Format("2006-01-02") }
