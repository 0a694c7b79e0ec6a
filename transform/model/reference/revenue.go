package reference

import (
	"math/big"
	"time"
)

// wonRevenue is what a won deal is worth a year: all of it, what of it is new, and what
// of it a renewal keeps.
func (f *Facts) wonRevenue(d Deal, at time.Time) []Evidence {
	arr := f.arr(d)
	class, isKnown := f.class(d)
	rows := f.credited("total_won_arr", d, at, arr)
	due := f.dueBefore(d)
	if class == "renewal" {
		var kept *big.Rat
		if arr != nil && due != nil {
			if kept = arr; due.Cmp(arr) < 0 {
				kept = due
			}
		}
		rows = append(rows, f.credited("renewed_arr", d, at, kept)...)
	}
	switch isNew := f.isOfClass("closed_won_arr", class, "new", "expansion"); {
	case !isKnown:
		return append(rows, f.credited("closed_won_arr", d, at, nil)...)
	case isNew:
		return append(rows, f.credited("closed_won_arr", d, at, arr)...)
	case class == "renewal" && f.setting("closed_won_arr", "renewals", "uplift") == "uplift":
		var uplift *big.Rat
		if arr != nil && due != nil {
			uplift = new(big.Rat).Sub(arr, due)
		}
		return append(rows, f.credited("closed_won_arr", d, at, uplift)...)
	}
	return rows
}

// dueBefore is what the contracts that a deal goes on with brought a year, nil when
// none names it or one of them is not known.
func (f *Facts) dueBefore(d Deal) *big.Rat {
	var sum *big.Rat
	for _, r := range f.Renewals {
		if r.IsDeleted || r.Source != d.Source || r.RenewalDeal == nil || *r.RenewalDeal != d.ID {
			continue
		}
		rate := f.rate(r.Source, r.Currency, f.ratedOn(d))
		if r.Due == nil || rate == nil {
			return nil
		}
		if sum == nil {
			sum = new(big.Rat)
		}
		yearly := aYear(ratOf(*r.Due), term(r.Starts, &r.DueOn))
		sum.Add(sum, rounded(yearly.Mul(yearly, rate), 2))
	}
	return sum
}
