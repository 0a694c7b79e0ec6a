package company

import "time"

// A Quota is what somebody is to sell in a quarter.
type Quota struct {
	User      int
	StartsOn  string // YYYY-MM-DD
	EndsOn    string
	Amount    string // plain decimal
	Was       string // what Amount was until ChangedAt
	CreatedAt Instant
	ChangedAt Instant // 0: it stayed as it was set
}

// AmountAt is what the quota is by then.
func (q *Quota) AmountAt(now Instant) string {
	if q.ChangedAt > now {
		return q.Was
	}
	return q.Amount
}

// A Submission is a forecast: what somebody said at an instant that a quarter will bring.
type Submission struct {
	User     int
	StartsOn string // YYYY-MM-DD
	EndsOn   string
	Category string // Commit or Best Case
	Amount   string // plain decimal
	At       Instant
}

// A Login is somebody's signing in at the CRM.
type Login struct {
	User    int32
	At      Instant
	Through LoginThrough
	Failed  bool
}

// LoginThrough is by what somebody signed in.
type LoginThrough uint8

const (
	ByBrowser LoginThrough = iota
	ByMobile
)

// A StageSetup is how the stages were set up until an instant: each as it is in Stages
// but for its probability.
type StageSetup struct {
	Until         Instant
	Probabilities []int // percent, by index into Stages
}

// StagesAt is how the stages were set up at an instant, and since when.
func (c *Company) StagesAt(now Instant) ([]Stage, Instant) {
	since := At(c.Begin)
	for _, l := range c.StageSetups {
		if now < l.Until {
			stages := append([]Stage(nil), c.Stages...)
			for i, p := range l.Probabilities {
				stages[i].Probability = p
			}
			return stages, since
		}
		since = l.Until
	}
	return c.Stages, since
}

// A Currency is another one than the company's, with what it was worth.
type Currency struct {
	Code     string // ISO 4217
	Decimals int
	Rates    []Rate // in order of From
}

// A Rate holds from a day on until the next one's: so much of the currency is worth
// one of the company's.
type Rate struct {
	From  string // YYYY-MM-DD
	Units string // plain decimal
}

// acmeCurrencies are known to the company; its deals are all in its own.
func acmeCurrencies() []Currency {
	from := []string{"2024-07-01", "2025-01-01", "2025-07-01", "2026-01-01", "2026-07-01"}
	rates := func(units ...string) []Rate {
		all := make([]Rate, len(units))
		for i := range units {
			all[i] = Rate{From: from[i], Units: units[i]}
		}
		return all
	}
	return []Currency{
		{Code: "EUR", Decimals: 2, Rates: rates("0.931", "0.962", "0.8529", "0.8511", "0.86")},
		{Code: "GBP", Decimals: 2, Rates: rates("0.7907", "0.799", "0.7301", "0.7433", "0.75")},
		{Code: "JPY", Decimals: 0, Rates: rates("160.88", "157.2", "144.03", "156.71", "155")},
	}
}

// A quarter of the calendar, as dates and as the instants of its first and next day.
type quarter struct {
	startsOn, endsOn string
	starts, next     Instant
}

// quarters are those that the story touches.
func (g *generator) quarters() []quarter {
	var all []quarter
	first := g.company.Begin.In(g.zone)
	for day := time.Date(first.Year(), (first.Month()-1)/3*3+1, 1, 0, 0, 0, 0, g.zone); At(day) < g.end; {
		next := day.AddDate(0, 3, 0)
		all = append(all, quarter{day.Format(time.DateOnly), next.AddDate(0, 0, -1).Format(time.DateOnly), At(day), At(next)})
		day = next
	}
	return all
}

// hasQuota tells who is to sell so and so much.
func (u *User) hasQuota() bool { return u.Role == "ae" || u.Role == "partner" }

// isThereIn tells whether somebody is on the staff in any part of a quarter.
func (u *User) isThereIn(q quarter) bool {
	return u.CreatedAt < q.next && (u.LeftAt == 0 || u.LeftAt > q.starts)
}

// plan sets the quotas; a few are raised a month into the quarter.
func (g *generator) plan(quarters []quarter) {
	c := g.company
	for user := range c.Users {
		u := &c.Users[user]
		if !u.hasQuota() {
			continue
		}
		g.turn(6, user)
		for _, q := range quarters {
			isRaised := g.chance(80)
			if !u.isThereIn(q) {
				continue
			}
			if g.market != nil {
				c.Quotas = append(c.Quotas, Quota{User: user, StartsOn: q.startsOn, EndsOn: q.endsOn, Amount: g.fullQuota(user, q), CreatedAt: max(q.starts-20*dayLong, At(c.Begin), u.CreatedAt)})
				continue
			}
			quota := Quota{User: user, StartsOn: q.startsOn, EndsOn: q.endsOn, Amount: "1000000", CreatedAt: max(q.starts-20*dayLong, At(c.Begin), u.CreatedAt)}
			if raised := q.starts + 30*dayLong; isRaised && raised < g.end {
				quota.Was, quota.Amount, quota.ChangedAt = quota.Amount, "1100000", max(raised, quota.CreatedAt)
			}
			c.Quotas = append(c.Quotas, quota)
		}
	}
}
