package reference

import (
	"math/big"
	"slices"
	"time"
)

// lostRenewals count negative where the plan says so: what was due a year, for
// whoever's customer it was.
func (f *Facts) lostRenewals() []Evidence {
	var rows []Evidence
	if f.setting("closed_won_arr", "lost_renewals", "") != "negative" {
		return nil
	}
	for _, r := range f.Renewals {
		if r.IsDeleted || r.Outcome != "lost" || r.Owner == nil {
			continue
		}
		at := f.lastInstant(r.DueOn)
		if r.DecidedAt != nil {
			at = *r.DecidedAt
		}
		lost, isKnown := new(big.Rat), false
		if rate := f.rate(r.Source, r.Currency, r.DueOn); rate != nil && r.Due != nil {
			due := r.DueOn
			lost = aYear(ratOf(*r.Due), term(r.Starts, &due))
			lost, isKnown = rounded(lost.Mul(lost, rate), 2), true
		}
		for _, e := range f.counted("closed_won_arr", f.Users[Ref{r.Source, *r.Owner}], r.Source, at, "renewal", r.ID, lost.Neg(lost)) {
			e.IsUnknown = !isKnown
			rows = append(rows, e)
		}
	}
	return rows
}

// lostRenewalDeal is the same for a deal that was to renew and is lost, where no
// contract tells of it.
func (f *Facts) lostRenewalDeal(d Deal, at time.Time) []Evidence {
	class, _ := f.class(d)
	told := slices.ContainsFunc(f.Renewals, func(r Renewal) bool {
		return !r.IsDeleted && r.Source == d.Source && r.RenewalDeal != nil && *r.RenewalDeal == d.ID
	})
	if f.setting("closed_won_arr", "lost_renewals", "") != "negative" || class != "renewal" || told {
		return nil
	}
	arr := f.arr(d)
	if arr != nil {
		arr.Neg(arr)
	}
	return f.credited("closed_won_arr", d, at, arr)
}

// renewals: the book of whose customers they are: what was renewed of what was due,
// and no more; the same of those with enough of the rep's activities in the days
// before; and how much of the book those are.
func (f *Facts) renewals() []Evidence {
	const metric = "renewal_rate_influenced"
	var rows []Evidence
	for _, r := range f.Renewals {
		if r.IsDeleted || r.DueOn >= f.today() || r.Owner == nil {
			continue
		}
		due, owner := f.lastInstant(r.DueOn), f.Users[Ref{r.Source, *r.Owner}]
		cared := 0
		for _, a := range f.Activities {
			if f.isCare(a, r, due) && f.Users[Ref{a.Source, *a.Owner}] == owner {
				cared++
			}
		}
		again, dueAmount, isKnown := f.renewed(r)
		influenced, covered := new(big.Rat), new(big.Rat)
		if cared >= f.count(metric, "activities", 3) {
			influenced, covered = again, dueAmount
		}
		for name, numerator := range map[string]*big.Rat{metric: influenced, "renewal_rate": again, "renewal_coverage": covered} {
			if rep := f.onRoster(owner, due); rep != "" {
				rows = append(rows, Evidence{
					Metric: name, Source: r.Source, Rep: rep, At: due, RecordType: "renewal", RecordID: r.ID,
					Numerator: numerator, Denominator: dueAmount, IsUnknown: !isKnown,
				})
			}
		}
	}
	return rows
}

// isCare tells whether an activity took place with the customer in the days before
// the renewal fell due, and is of the kinds that count.
func (f *Facts) isCare(a Activity, r Renewal, due time.Time) bool {
	const metric = "renewal_rate_influenced"
	at := a.when()
	if a.Source != r.Source || a.IsDeleted || !a.IsCompleted || a.Owner == nil || at == nil {
		return false
	}
	subtypes := f.allOf(metric, "subtype")
	if len(subtypes) > 0 && !slices.ContainsFunc(subtypes, func(s string) bool { return word(&s) == word(a.Subtype) }) {
		return false
	}
	begin := due.Add(-time.Duration(f.count(metric, "within_days", 90)) * 24 * time.Hour)
	return slices.Contains(f.allOf(metric, "kind", "call", "email", "meeting"), a.Kind) && !at.After(due) && !at.Before(begin) &&
		slices.Contains(f.accountsOf(a), *f.resolved("account", r.Source, &r.Account))
}

func (f *Facts) renewed(r Renewal) (again, due *big.Rat, isKnown bool) {
	rate := f.rate(r.Source, r.Currency, r.DueOn)
	if r.Due == nil || rate == nil {
		return new(big.Rat), new(big.Rat), false
	}
	// A year of both, where the terms are known; a renewal without one is as long.
	months := term(r.Starts, &r.DueOn)
	due, again = aYear(ratOf(*r.Due), months), new(big.Rat)
	if r.Outcome == "renewed" {
		again = due
		if renewed := f.aYearRenewed(r, months); renewed != nil && renewed.Cmp(due) < 0 {
			again = renewed
		}
	}
	return rounded(new(big.Rat).Mul(again, rate), 2), rounded(new(big.Rat).Mul(due, rate), 2), true
}

func (f *Facts) aYearRenewed(r Renewal, months *big.Rat) *big.Rat {
	if r.Renewed == nil {
		return nil
	}
	if months != nil && r.RenewalDeal != nil {
		for _, d := range f.Deals {
			if d.Source == r.Source && d.ID == *r.RenewalDeal && !d.IsDeleted && f.Merges[Record{d.Source, "deal", d.ID}] == "" {
				if own := term(d.TermStarts, d.TermEnds); own != nil {
					months = own
				}
			}
		}
	}
	return aYear(ratOf(*r.Renewed), months)
}

// accountsOf are the accounts that an activity is about: directly, by its deals or
// by its contacts.
func (f *Facts) accountsOf(a Activity) []string {
	about := f.about(a)
	accounts := slices.Clone(about["account"])
	for _, d := range f.Deals {
		if account := f.resolved("account", d.Source, d.Account); d.Source == a.Source && account != nil && slices.Contains(about["deal"], d.ID) {
			accounts = append(accounts, *account)
		}
	}
	for _, p := range f.People {
		if account := f.resolved("account", p.Source, p.Account); p.Source == a.Source && account != nil && slices.Contains(about["contact"], p.ID) {
			accounts = append(accounts, *account)
		}
	}
	return accounts
}

// about are the records that an activity names, by kind, merged ones as what they
// live on in.
func (f *Facts) about(a Activity) map[string][]string {
	about := map[string][]string{}
	add := func(kind string, id *string) {
		if id = f.resolved(kind, a.Source, id); id != nil {
			about[kind] = append(about[kind], *id)
		}
	}
	add("deal", a.Deal)
	add("account", a.Account)
	add("contact", a.Contact)
	for _, l := range f.Links {
		if l.Activity == a.Ref {
			add(l.Kind, &l.ID)
		}
	}
	return about
}

// expansion: won with a customer whom the owner had asked what they need before
// the deal was there.
func (f *Facts) expansion(d Deal, at time.Time) []Evidence {
	const metric = "expansion_wins"
	isAny := func(names []string, text *string) bool {
		return text != nil && slices.ContainsFunc(names, func(name string) bool { return word(&name) == word(text) })
	}
	account, rep := f.resolved("account", d.Source, d.Account), f.repAt(d.Source, f.OwnerAt(d, at), at)
	if class, _ := f.class(d); account == nil || rep == "" || !f.isOfClass(metric, class, "expansion") {
		return nil
	}
	begin := d.CreatedAt.Add(-time.Duration(f.count(metric, "within_days", 180)) * 24 * time.Hour)
	for _, a := range f.Activities {
		held := a.when()
		if a.Source != d.Source || a.IsDeleted || !a.IsCompleted || a.Owner == nil || held == nil || f.Users[Ref{a.Source, *a.Owner}] != rep {
			continue
		}
		isBefore := held.Before(d.CreatedAt) && !held.Before(begin) && (a.CreatedAt == nil || a.CreatedAt.Before(d.CreatedAt))
		if isBefore && isAny(f.allOf(metric, "discovery", "Discovery"), a.Subtype) && slices.Contains(f.accountsOf(a), *account) {
			return f.ofDeal(metric, d, at, one(), false)
		}
	}
	return nil
}
