package company

// A Credit is somebody's part in a deal beside owning it.
type Credit struct {
	User      int
	Kind      CreditKind
	Role      string // of a member of the team: Sales Engineer …
	Percent   string // plain decimal; "" for a member of the team
	Was       string // what Percent was until ChangedAt
	CreatedAt Instant
	ChangedAt Instant // 0: it stayed as it was written
	DeletedAt Instant
}

// A CreditKind says what a credit is a part of.
type CreditKind uint8

const (
	// Share is a part of the deal's money. A deal's shares are meant to sum to 100;
	// those that remain when one was taken away don't.
	Share CreditKind = iota
	// Overlay is credit beside the shares, of people who supported: any sum will do.
	Overlay
	// Member is a place on the deal's team without any number.
	Member
)

// PercentAt is what the credit's percentage is by then.
func (c *Credit) PercentAt(now Instant) string {
	if c.ChangedAt > now {
		return c.Was
	}
	return c.Percent
}

// ModifiedAt is the credit's latest change by then.
func (c *Credit) ModifiedAt(now Instant) Instant {
	modified := c.CreatedAt
	for _, at := range []Instant{c.ChangedAt, c.DeletedAt} {
		if at != 0 && at <= now {
			modified = max(modified, at)
		}
	}
	return modified
}

// share lets colleagues have a part in some of the deals from the proposal on.
func (g *generator) share(index int, j journey) {
	if len(g.company.Deals[index].Credits) > 0 || j.proposed == 0 || !g.chance(110) {
		return
	}
	d := &g.company.Deals[index]
	owner := d.At(j.proposed).Owner
	helper := g.colleague(owner, j.proposed)
	if helper == None {
		return
	}
	add := func(c Credit) {
		c.CreatedAt = j.proposed + Instant(len(d.Credits))*1000
		d.Credits = append(d.Credits, c)
	}
	add(Credit{User: owner, Kind: Share, Percent: "60"})
	add(Credit{User: helper, Kind: Share, Percent: "40"})
	add(Credit{User: owner, Kind: Member, Role: "Opportunity Owner"})
	add(Credit{User: helper, Kind: Member, Role: pick(g, teamRoles[:])})
	die := g.dice.IntN(6)
	if g.market != nil && !g.chance(200) {
		die = 6 // most of what was agreed stays so
	}
	switch {
	case die < 2: // agreed on once more after the deal was won
		if after := j.closed + 3*dayLong; j.isWon && after < g.end {
			d.Credits[0].Was, d.Credits[0].Percent, d.Credits[0].ChangedAt = "60", "45.5", after
			d.Credits[1].Was, d.Credits[1].Percent, d.Credits[1].ChangedAt = "40", "54.5", after
		}
	case die < 3: // a third one's share was taken away, and nobody wrote the others anew
		d.Credits[0].Percent = "50"
		d.Credits[1].Percent = "30"
		third := g.colleague(helper, j.proposed)
		if third == owner || third == None {
			third = g.managerOf(owner)
		}
		add(Credit{User: third, Kind: Share, Percent: "20"})
		if gone := j.proposed + 20*dayLong; gone < g.end {
			d.Credits[len(d.Credits)-1].DeletedAt = gone
		}
	case die < 4:
		add(Credit{User: g.managerOf(owner), Kind: Overlay, Percent: "150"})
	}
}

var teamRoles = [...]string{"Sales Engineer", "Executive Sponsor", "Channel Manager"}

const dayLong = Instant(24 * 60 * 60 * 1000)

// colleague draws somebody else who sells and is there at an instant.
func (g *generator) colleague(of int, at Instant) int {
	for range 50 {
		user := g.dice.IntN(len(g.company.Users))
		u := &g.company.Users[user]
		isThere := u.CreatedAt < at && (u.LeftAt == 0 || at < u.LeftAt)
		if user != of && isThere && u.Role != "manager" && u.Role != "sdr" && u.Role != machine {
			return user
		}
	}
	return None
}
