package reference_test

import (
	"fmt"
	"strings"
	"time"

	"merit/transform/model/reference"
)

// rates: of EUR some stretches, with gaps; a currency for which only the other CRM
// has rates; of GBP nobody knows any.
func (d dice) rates(rare string, other dice) {
	day := d.f.AsOf.AddDate(0, 0, -170)
	for range 4 {
		r := reference.Rate{Source: d.source, Currency: "EUR", From: day.Format(time.DateOnly), Units: d.one("1", "100"), Worth: d.one("1.08", "0.5", "110.25")}
		day = day.AddDate(0, 0, 20+d.IntN(40))
		if d.chance(50) {
			r.To = day.AddDate(0, 0, d.IntN(20)-15).Format(time.DateOnly)
		}
		d.f.Rates = append(d.f.Rates, r)
	}
	// Of EUR the other CRM has its own; else it would take those of another company in the same build.
	d.f.Rates = append(d.f.Rates, reference.Rate{Source: other.source, Currency: "EUR", From: "2025-01-01", Units: "10", Worth: "12.5"})
	d.f.Rates = append(d.f.Rates, reference.Rate{Source: other.source, Currency: rare, From: "2025-01-01", Units: "1", Worth: d.one("2", "0.03")})
}

// customers are the people at accounts.
func (d dice) customers() {
	for n := range 9 {
		d.f.People = append(d.f.People, reference.Person{Ref: reference.Ref{Source: d.source, ID: fmt.Sprintf("k%d", n)}, Account: d.maybe(30, "acc1", "acc2", "acc3"), IsDeleted: d.chance(15)})
	}
}

// sold is what is written down of a deal beside its fields.
func (d dice) sold(deal reference.Ref) {
	id := func(kind string, n int) string { return fmt.Sprintf("%s-%s%d", deal.ID, kind, n) }
	if d.chance(50) {
		d.f.Fields[deal] = map[string]string{
			"Yearly__c":  d.one("1200.5", "0.015", "nothing"),
			"Sourced__c": d.one("u1", "u2", "u9", d.rep(2), "U3@"+d.source+".example"),
		}
	}
	if d.chance(40) {
		for n := range 1 + d.IntN(3) {
			l := reference.Line{Deal: deal, ID: id("l", n), Amount: d.maybe(10, "100.00", "33.35"), IsDeleted: d.chance(10)}
			if recurring := d.chance(60); d.chance(70) {
				l.IsRecurring = &recurring
			}
			if d.chance(50) {
				l.Starts, l.Ends = d.maybe(20, "2026-01-01"), d.maybe(20, "2026-12-31", "2026-03-31", "2025-12-31")
			}
			d.f.Lines = append(d.f.Lines, l)
		}
	}
	if d.chance(45) {
		for n := range 1 + d.IntN(4) {
			created, changed := d.at(), d.at()
			d.f.Credits = append(d.f.Credits, reference.Credit{
				Deal: deal, ID: id("c", n), User: d.one("u1", "u2", "u3", "u4"), Kind: d.one("split", "split", "team"), Weight: d.maybe(15, "50", "60", "33.333333", "0", "12.5"),
				CreatedAt: d.unless(30, created), ChangedAt: d.unless(30, changed), IsDeleted: d.chance(10),
			})
		}
	}
	for n := range d.IntN(4) {
		d.f.Scores = append(d.f.Scores, reference.Score{Deal: deal, ID: id("s", n), At: d.at(), Ordinal: d.IntN(2), Score: d.maybe(10, "40", "70", "70.5", "90")})
	}
}

// copies are deals of the one CRM that an integration made from the other's.
func (d dice) copies(other dice) {
	of := func(source, id string) reference.Ref { return reference.Ref{Source: source, ID: id} }
	add := func(deal reference.Ref, system, id string) {
		d.f.Copies = append(d.f.Copies, reference.ExternalID{Deal: deal, System: system, ID: id})
	}
	billing := "bill-" + d.company()
	switch d.IntN(4) {
	case 0:
		add(of(d.source, "d0"), other.source, "e0")
	case 1:
		add(of(other.source, "e1"), d.source, "d1")
	case 2:
		add(of(d.source, "d2"), billing, "7")
		add(of(other.source, "e2"), billing, "7")
	}
	if d.chance(30) {
		add(of(d.source, "d3"), other.source, "no such deal")
		add(of(d.source, "d4"), billing, "8")
	}
}

// merges: chains of accounts, a contact, and a deal that the CRM then marks deleted.
func (d dice) merges() {
	merge := func(kind, id, into string) { d.f.Merges[reference.Record{Source: d.source, Kind: kind, ID: id}] = into }
	if d.chance(40) {
		merge("account", "acc3", "acc2")
		if d.chance(50) {
			merge("account", "acc2", "acc1")
		}
	}
	if d.chance(40) {
		merge("contact", "k3", "k1")
	}
	if d.chance(40) {
		merge("deal", "d11", "d10")
		for i := range d.f.Deals {
			if d.f.Deals[i].Source == d.source && d.f.Deals[i].ID == "d11" {
				d.f.Deals[i].IsDeleted = true
			}
		}
	}
}

// key names a person as some system would.
func (d dice) key() string {
	n := 1 + d.IntN(4)
	user := fmt.Sprintf("u%d", n)
	email := user + "@" + d.source + ".example"
	return d.one(user, d.rep(n), email, strings.ToUpper(email), "nobody@"+d.source+".example")
}

// besides are the records that are neither deals nor activities.
func (d dice) besides() {
	d.exclusions()
	d.forecasts()
	id := func(n int) reference.Ref {
		return reference.Ref{Source: d.source, ID: fmt.Sprintf("%s-%d", d.source, n)}
	}
	day := func() *string { return d.maybe(15, d.day()) }
	for n := range 5 {
		f := d.f
		f.Renewals = append(f.Renewals, reference.Renewal{
			Ref: id(n), Account: d.one("acc1", "acc2", "acc3"), DueOn: d.day(), Outcome: d.one("renewed", "lost", "lost", "open"), RenewalDeal: d.maybe(60, "d5", "d6", "d7"),
			Owner: d.maybe(20, "u1", "u2", "u3", "u4"), Due: d.maybe(10, "1000.00", "77.77"), Renewed: d.maybe(30, "500.00", "2000.00"), Starts: d.maybe(40, "2025-01-01", "2026-03-01"),
			Currency: d.maybe(50, "USD", "EUR", "GBP"), DecidedAt: d.unless(40, d.at()), IsDeleted: d.chance(10),
		})
		f.Documents = append(f.Documents, reference.Document{Ref: id(n), Kind: d.one("proposal", "quote", "contract"), Owner: d.maybe(10, "u1", "u2", "u3", "u4"), SentAt: d.unless(15, d.at()), IsDeleted: d.chance(10)})
		f.Logins = append(f.Logins, reference.Login{Ref: id(n), User: d.key(), At: d.at(), Through: d.maybe(40, "browser", "integration"), IsSuccessful: d.chance(80)})
		starts := d.at()
		f.Events = append(f.Events, reference.Event{
			Ref: id(n), User: d.key(), StartsAt: starts, EndsAt: d.unless(30, starts.Add(time.Hour)), Activity: d.maybe(70, "a01", "a02", "a03"), HasCustomer: d.chance(80), IsCancelled: d.chance(10),
		})
		f.Learning = append(f.Learning, reference.Learning{Ref: id(n), User: d.key(), DueOn: day(), CompletedAt: d.unless(40, d.at()), IsRequired: d.chance(80)})
		f.Sessions = append(f.Sessions, reference.Session{Ref: id(n), User: d.key(), HeldAt: d.unless(20, d.at())})
		f.Actions = append(f.Actions, reference.Action{Ref: id(n), User: d.key(), DueOn: day(), DoneAt: d.unless(40, d.at())})
		c := reference.Contribution{Ref: id(n), Kind: d.one("social_post", "content_lead", "presentation"), User: d.key(), At: d.at()}
		if quantity := d.IntN(4); d.chance(50) {
			c.Quantity = &quantity
		}
		f.Contributions = append(f.Contributions, c)
	}
}

// exclusions: what a steward took out, with the reason.
func (d dice) exclusions() {
	for _, r := range []reference.Record{{Kind: "deal", ID: "d0"}, {Kind: "deal", ID: "d5"}, {Kind: "activity", ID: "a01"}, {Kind: "renewal", ID: d.source + "-1"}, {Kind: "document", ID: d.source + "-2"}} {
		if r.Source = d.source; d.chance(40) {
			d.f.Exclusions[r] = "a test"
		}
	}
}

// forecasts of quarters and of months, early and late, by the sum of deals and by
// managers' judgement.
func (d dice) forecasts() {
	n := 0
	add := func(user string, from, to string, taken time.Time) {
		n++
		d.f.Forecasts = append(d.f.Forecasts, reference.Forecast{
			Ref: reference.Ref{Source: d.source, ID: fmt.Sprint(n)}, User: user, From: from, To: to, Category: d.one("commit", "Commit", "total", "best case"),
			Amount: d.maybe(10, "800.00", "0.00", "1500.50"), Currency: d.maybe(60, "USD", "EUR"), IsAdjusted: d.chance(30), TakenAt: taken,
		})
	}
	for _, p := range d.f.Periods[len(d.f.Periods)-3:] {
		day := func(at time.Time) string { return at.In(d.f.Zone).Format(time.DateOnly) }
		last := p.EndsAt.Add(-time.Millisecond)
		for range 4 {
			user, taken := d.one("u1", "u2", d.rep(3), "u4"), p.StartsAt.Add(time.Duration(d.IntN(15)-6)*12*time.Hour)
			if d.chance(60) {
				add(user, day(p.StartsAt), day(last), taken)
				continue
			}
			one, two := p.StartsAt.AddDate(0, 1, 0), p.StartsAt.AddDate(0, 2, 0)
			add(user, day(p.StartsAt), day(one.AddDate(0, 0, -1)), taken)
			add(user, day(one), day(two.AddDate(0, 0, -1)), taken)
			switch third := d.IntN(10); {
			case third < 7:
				add(user, day(two), day(last), taken)
			case third < 8: // as many days as are missing, not those that are
				add(user, day(two.AddDate(0, 0, -6)), day(last.AddDate(0, 0, -6)), taken)
			}
		}
	}
}
