package reference

import (
	"math/big"
	"slices"
	"strings"
	"time"
)

// A Quota is a row of quotas.csv; nil is an empty cell.
type Quota struct{ Quota, Potential *string }

// A Target is what a CRM says that somebody is to sell from a day to a day, the
// last included, and what the territory could give.
type Target struct {
	Ref
	User, From, To   string
	Quota, Potential *string
	Currency         *string
	ChangedAt        *time.Time
}

// A Sum is an amount in the company's currency, and where it comes from.
type Sum struct {
	Amount *big.Rat
	From   string
}

// QuotaOf is what a rep is to sell in a period, nil when nobody says it: what
// quotas.csv says, or else what the CRMs say.
func (f *Facts) QuotaOf(rep string, p Period) *Sum {
	return f.told(rep, p, f.Quotas[[2]string{rep, p.Name}].Quota, func(t Target) *string { return t.Quota })
}

// PotentialOf is what the territory could give in a period.
func (f *Facts) PotentialOf(rep string, p Period) *Sum {
	return f.told(rep, p, f.Quotas[[2]string{rep, p.Name}].Potential, func(t Target) *string { return t.Potential })
}

// HeldAgainst is the territory's potential, or where nobody says it the quota; nil
// when there is none that anything can be held against.
func (f *Facts) HeldAgainst(rep string, p Period) *big.Rat {
	said := f.PotentialOf(rep, p)
	if said == nil {
		said = f.QuotaOf(rep, p)
	}
	if said == nil || said.Amount.Sign() <= 0 {
		return nil
	}
	return said.Amount
}

func (f *Facts) told(rep string, p Period, written *string, part func(Target) *string) *Sum {
	if written != nil {
		return &Sum{ratOf(*written), "quotas.csv"}
	}
	if p.StartsAt.After(f.AsOf) { // the plan does not know it yet
		return nil
	}
	sum, from := new(big.Rat), []string(nil)
	for _, source := range f.sourcesOfTargets() {
		if whole := f.wholeQuarter(source, rep, p, part); whole != nil {
			sum.Add(sum, whole)
			from = append(from, source)
		}
	}
	if from == nil {
		return nil
	}
	return &Sum{rounded(sum, 2), strings.Join(from, ", ")}
}

func (f *Facts) sourcesOfTargets() (all []string) {
	for _, t := range f.Targets {
		all = append(all, t.Source)
	}
	slices.Sort(all)
	return slices.Compact(all)
}

// wholeQuarter is what one source says of a quarter: of the quarter itself, or else
// of stretches that have each of its days once. nil when it says neither, or nobody
// knows what a part is worth.
func (f *Facts) wholeQuarter(source, rep string, p Period, part func(Target) *string) *big.Rat {
	first, last := f.day(p.StartsAt), f.day(p.EndsAt.Add(-time.Millisecond))
	stretches := map[[2]string][]Target{}
	for _, t := range f.Targets {
		if t.Source == source && first <= t.From && t.From <= t.To && t.To <= last && f.personOf(source, t.User) == rep && f.holds(t, rep) && part(t) != nil {
			days := [2]string{t.From, t.To}
			stretches[days] = append(stretches[days], t)
		}
	}
	if quarter := stretches[[2]string{first, last}]; quarter != nil {
		return f.worth(quarter, part)
	}
	sum := new(big.Rat)
	for day := first; day <= last; day = f.next(day) {
		var on [][2]string
		for days := range stretches {
			if days[0] <= day && day <= days[1] {
				on = append(on, days)
			}
		}
		if len(on) != 1 {
			return nil
		}
		if on[0][0] != day { // its amount is of all its days
			continue
		}
		amount := f.worth(stretches[on[0]], part)
		if amount == nil {
			return nil
		}
		sum.Add(sum, amount)
	}
	return sum
}

func (f *Facts) next(day string) string { return dateOf(day).AddDate(0, 0, 1).Format(time.DateOnly) }

// holds tells whether this is what its source says now of the person, the days and
// the currency: what was said last up to the as-of, or where nothing was, last of
// all. When it was said may not be known, which is before all else; of two at one
// time the first id counts.
func (f *Facts) holds(t Target, rep string) bool {
	return !slices.ContainsFunc(f.Targets, func(o Target) bool {
		isOfTheSame := o.Source == t.Source && o.From == t.From && o.To == t.To && f.currencyOf(o) == f.currencyOf(t) && f.personOf(o.Source, o.User) == rep
		return isOfTheSame && f.replaces(o, t)
	})
}

func (f *Facts) replaces(o, t Target) bool {
	if o.ID == t.ID {
		return false
	}
	isLate := func(t Target) bool { return t.ChangedAt != nil && t.ChangedAt.After(f.AsOf) }
	switch {
	case isLate(o) != isLate(t):
		return isLate(t)
	case t.ChangedAt == nil && o.ChangedAt == nil:
		return o.ID < t.ID
	case t.ChangedAt == nil || o.ChangedAt == nil:
		return t.ChangedAt == nil
	case !o.ChangedAt.Equal(*t.ChangedAt):
		return o.ChangedAt.After(*t.ChangedAt)
	}
	return o.ID < t.ID
}

func (f *Facts) currencyOf(t Target) string {
	if t.Currency == nil {
		return f.Currency
	}
	return *t.Currency
}

// worth adds up what is said of the same days in several currencies, each by the
// rate of the first day.
func (f *Facts) worth(said []Target, part func(Target) *string) *big.Rat {
	sum := new(big.Rat)
	for _, t := range said {
		rate := f.rate(t.Source, t.Currency, t.From)
		if rate == nil {
			return nil
		}
		sum.Add(sum, rate.Mul(rate, ratOf(*part(t))))
	}
	return sum
}
