package reference

import (
	"math/big"
	"slices"
	"strings"
	"time"
)

// rate is what one unit of a currency is worth in the company's on a day: by the
// source's own rates, or where it has none of that currency by those of the first
// source that has. nil: nobody knows.
func (f *Facts) rate(source string, currency *string, day string) *big.Rat {
	if currency == nil || *currency == f.Currency {
		return one()
	}
	giver := ""
	for _, r := range f.Rates {
		if r.Currency == *currency && giver != source && (giver == "" || r.Source == source || r.Source < giver) {
			giver = r.Source
		}
	}
	for _, r := range f.Rates {
		if r.Source == giver && r.Currency == *currency && r.From <= day && (r.To == "" || day <= r.To) && !f.hasNewerRate(r, day) {
			return new(big.Rat).Quo(ratOf(r.Worth), ratOf(r.Units))
		}
	}
	return nil
}

func (f *Facts) hasNewerRate(r Rate, day string) bool {
	return slices.ContainsFunc(f.Rates, func(o Rate) bool {
		return o.Source == r.Source && o.Currency == r.Currency && o.From > r.From && o.From <= day
	})
}

// closed is what a deal that is closed counts for.
func (f *Facts) closed(d Deal) []Evidence {
	if d.Stage == nil {
		return nil
	}
	stage, known := f.stage(d, *d.Stage)
	if !known || !stage.IsClosed && !stage.IsWon {
		return nil
	}
	closed := f.closedAt(d)
	if closed.After(f.AsOf) {
		return nil
	}
	var rows []Evidence
	if _, truncated, counts := f.rated("win_rate", d, closed); counts {
		rows = f.ofDeal("win_rate", d, closed, truth(stage.IsWon), truncated)
	}
	if !stage.IsWon {
		return slices.Concat(rows, f.lostRenewalDeal(d, closed))
	}
	if begun, truncated, counts := f.rated("sales_cycle_days", d, closed); counts && !closed.Before(begun) {
		rows = append(rows, f.ofDeal("sales_cycle_days", d, closed, days(begun, closed), truncated)...)
	}
	_, truncated, counts := f.rated("average_deal_size", d, closed)
	if amount := f.companyAmount(d); counts && amount != nil {
		rows = append(rows, f.ofDeal("average_deal_size", d, closed, amount, truncated)...)
	}
	rows = append(rows, f.expansion(d, closed)...)
	return append(rows, f.wonRevenue(d, closed)...)
}

// closedAt is since when the deal is won or lost without a break: a deal whose first
// known row is closed, by its close date where that is earlier; else as its source
// says, or else by its history.
func (f *Facts) closedAt(d Deal) time.Time {
	visits, start := f.Visits(d), -1
	for i, v := range visits {
		if v.closed && (i == 0 || !visits[i-1].closed || visits[i-1].lost != v.lost) {
			start = i
		}
	}
	if start == 0 && !visits[0].assumed && d.CloseOn != nil && *d.CloseOn < f.day(visits[0].EnteredAt) {
		return f.midnight(*d.CloseOn, 0) // it was closed by its first row, not then
	}
	switch {
	case d.ClosedAt != nil:
		return *d.ClosedAt
	case start >= 0:
		return visits[start].EnteredAt
	}
	return visits[len(visits)-1].EnteredAt
}

// isClosedBefore tells whether the deal, closed today, was so before the instant.
func (f *Facts) isClosedBefore(d Deal, at time.Time) bool {
	if d.Stage == nil {
		return false
	}
	stage, known := f.stage(d, *d.Stage)
	return known && (stage.IsClosed || stage.IsWon) && f.closedAt(d).Before(at)
}

// withoutHistory is since when a deal without history is in its stage: since it was
// made, or in a closed one since it closed, as far as anybody knows.
func (f *Facts) withoutHistory(d Deal) time.Time {
	stage, known := f.stage(d, *d.Stage)
	if !known || !stage.IsClosed && !stage.IsWon {
		return d.CreatedAt
	}
	at := d.ClosedAt
	if at == nil && d.CloseOn != nil {
		began := f.midnight(*d.CloseOn, 0)
		at = &began
	}
	if at == nil || at.After(f.AsOf) {
		return d.CreatedAt
	}
	return *at
}

// ratedOn is the day whose rate holds: the close date.
func (f *Facts) ratedOn(d Deal) string {
	if d.CloseOn != nil {
		return *d.CloseOn
	}
	return f.day(f.closedAt(d))
}

// companyAmount is the amount in the company's currency, nil when nobody knows it.
func (f *Facts) companyAmount(d Deal) *big.Rat {
	rate := f.rate(d.Source, d.Currency, f.ratedOn(d))
	if d.Amount == nil || rate == nil {
		return nil
	}
	return rounded(new(big.Rat).Mul(ratOf(*d.Amount), rate), 2)
}

// arr is the field that the plan names, or the recurring amount a year: amount ×
// 12 ÷ the months of the term, as the lines tell it, or where no line
// says whether it recurs the deal's amount, of a contract of known length or yearly as
// the plan says; nil when nobody knows it.
func (f *Facts) arr(d Deal) *big.Rat {
	rate := f.rate(d.Source, d.Currency, f.ratedOn(d))
	if rate == nil {
		return nil
	}
	var yearly *big.Rat
	switch field := f.setting("closed_won_arr", "amount_field", ""); {
	case field != "":
		if text, there := f.Fields[d.Ref][field]; there {
			if number, isOne := new(big.Rat).SetString(text); isOne {
				yearly = number
			}
		}
	case f.linesTell(d):
		yearly = new(big.Rat)
		for _, l := range f.Lines {
			if l.Deal == d.Ref && !l.IsDeleted && l.IsRecurring != nil && *l.IsRecurring && l.Amount != nil {
				yearly.Add(yearly, aYear(ratOf(*l.Amount), either(term(l.Starts, l.Ends), term(d.TermStarts, d.TermEnds))))
			}
		}
	case d.Amount != nil && f.setting("closed_won_arr", "amount_is", "tcv") != "tcv":
		yearly = ratOf(*d.Amount)
	case d.Amount != nil && term(d.TermStarts, d.TermEnds) != nil:
		yearly = aYear(ratOf(*d.Amount), term(d.TermStarts, d.TermEnds))
	}
	if yearly == nil {
		return nil
	}
	return rounded(yearly.Mul(yearly, rate), 2)
}

func (f *Facts) linesTell(d Deal) bool {
	return slices.ContainsFunc(f.Lines, func(l Line) bool { return l.Deal == d.Ref && !l.IsDeleted && l.IsRecurring != nil })
}

func either(months, otherwise *big.Rat) *big.Rat {
	if months != nil {
		return months
	}
	return otherwise
}

// aYear is an amount's share for 12 months of a term; a term that nobody knows is a
// year.
func aYear(amount, months *big.Rat) *big.Rat {
	if months == nil {
		return new(big.Rat).Set(amount)
	}
	return new(big.Rat).Quo(new(big.Rat).Mul(amount, big.NewRat(12, 1)), months)
}

// term is a term's length in months: whole ones, and of the days left over their
// share of their own month; nil: unknown.
func term(starts, ends *string) *big.Rat {
	if starts == nil || ends == nil || *ends < *starts {
		return nil
	}
	first, after := dateOf(*starts), dateOf(*ends).AddDate(0, 0, 1)
	whole := int64(0)
	for !monthAfter(first, int(whole)+1).After(after) {
		whole++
	}
	began := monthAfter(first, int(whole))
	days := int64(after.Sub(began).Hours() / 24)
	length := int64(monthAfter(first, int(whole)+1).Sub(began).Hours() / 24)
	return new(big.Rat).Add(big.NewRat(whole, 1), big.NewRat(days, length))
}

// monthAfter is the date so many months later, or the last day of that month.
func monthAfter(date time.Time, months int) time.Time {
	first := time.Date(date.Year(), date.Month()+time.Month(months), 1, 0, 0, 0, 0, time.UTC)
	last := first.AddDate(0, 1, -1).Day()
	return time.Date(first.Year(), first.Month(), min(date.Day(), last), 0, 0, 0, 0, time.UTC)
}

// credited gives a deal's yearly revenue to those who share in it.
func (f *Facts) credited(metric string, d Deal, at time.Time, arr *big.Rat) []Evidence {
	isUnknown := arr == nil
	if isUnknown {
		arr = new(big.Rat)
	}
	var rows []Evidence
	for rep, share := range f.shares(d, at) {
		if rep = f.onRoster(rep, at); rep != "" {
			rows = append(rows, Evidence{
				Metric: metric, Source: d.Source, Rep: rep, At: at, RecordType: "deal", RecordID: d.ID,
				Numerator: rounded(new(big.Rat).Mul(arr, share), 9), Denominator: one(), IsTruncated: f.ownerIsTruncated(d, at), IsUnknown: isUnknown,
			})
		}
	}
	return rows
}

// shares of a deal by rep sum to 1: as the splits say, or where there are none the
// roles on its team, or where nobody wrote anything down all to the owner at the
// close. Weights that don't sum to 100 are scaled. Shares have nine digits; what
// rounding leaves goes to whoever has the most. People who are not on the roster
// have their share too, so nobody else gets it.
func (f *Facts) shares(d Deal, at time.Time) map[string]*big.Rat {
	var written []Credit
	kind := "team"
	for _, c := range f.Credits {
		isNothing := c.Weight != nil && ratOf(*c.Weight).Sign() <= 0
		if c.Deal != d.Ref || c.IsDeleted || isNothing || c.CreatedAt != nil && c.CreatedAt.After(f.AsOf) {
			continue
		}
		if c.Kind == "split" {
			kind = "split"
		}
		written = append(written, c)
	}
	written = slices.DeleteFunc(written, func(c Credit) bool { return c.Kind != kind })
	if len(written) == 0 {
		owner := f.OwnerAt(d, at)
		if owner == nil {
			return nil
		}
		return map[string]*big.Rat{f.Users[Ref{d.Source, *owner}]: one()}
	}
	weights, total := map[string]*big.Rat{}, new(big.Rat)
	for _, c := range written {
		weight := rounded(big.NewRat(100, int64(len(written))), 6)
		if c.Weight != nil {
			weight = ratOf(*c.Weight)
		}
		who := f.Users[Ref{d.Source, c.User}]
		if who == "" {
			who = "user " + c.User
		}
		if weights[who] == nil {
			weights[who] = new(big.Rat)
		}
		weights[who].Add(weights[who], weight)
		total.Add(total, weight)
	}
	return scaled(weights, total)
}

func scaled(weights map[string]*big.Rat, total *big.Rat) map[string]*big.Rat {
	shares, left, most := map[string]*big.Rat{}, one(), ""
	for who, weight := range weights {
		shares[who] = rounded(new(big.Rat).Quo(weight, total), 9)
		left.Sub(left, shares[who])
		if most == "" || weight.Cmp(weights[most]) > 0 || weight.Cmp(weights[most]) == 0 && strings.Compare(who, most) < 0 {
			most = who
		}
	}
	shares[most].Add(shares[most], left)
	return shares
}
