package reference

import (
	"maps"
	"math/big"
	"slices"
	"strings"
	"time"
)

// forecasts: a quarter that is over, actual beside the forecast locked at the end
// of day N from our own snapshots; without one no value. A rep who forecasts in two
// CRMs says in each what its deals will bring.
func (f *Facts) forecasts() []Evidence {
	const metric = "forecast_error"
	var rows []Evidence
	for _, p := range f.Periods {
		if p.EndsAt.After(f.AsOf) {
			continue
		}
		end := p.EndsAt.Add(-time.Millisecond)
		for _, rep := range f.repIDs() {
			forecast, source := f.locked(rep, p, f.count(metric, "lock_day", 5))
			if forecast == nil || forecast.Sign() < 0 || f.onRoster(rep, end) == "" {
				continue
			}
			won := f.won(rep, p)
			if forecast.Sign() == 0 && won.sum.Sign() == 0 && !won.isUnknown { // no accuracy
				continue
			}
			off := new(big.Rat).Sub(won.sum, forecast)
			if forecast.Sign() == 0 {
				forecast = won.sum
			}
			rows = append(rows, Evidence{
				Metric: metric, Source: source, Rep: rep, At: end, RecordType: "forecast", RecordID: rep + " " + p.Name,
				Numerator: off.Abs(off), Denominator: forecast, IsTruncated: won.isTruncated, IsUnknown: won.isUnknown,
			})
		}
	}
	return rows
}

// locked is what a rep forecast for a quarter as it stood then: what each source
// has of it, added up, and of those the first by name.
func (f *Facts) locked(rep string, p Period, day int) (*big.Rat, string) {
	var sum *big.Rat
	first := ""
	for _, source := range f.sourcesOfForecasts() {
		part := f.lockedIn(source, rep, p, day)
		switch {
		case part == nil:
			continue
		case sum == nil:
			sum, first = new(big.Rat), source
		}
		sum.Add(sum, part)
	}
	if sum == nil {
		return nil, ""
	}
	return rounded(sum, 2), first
}

func (f *Facts) sourcesOfForecasts() (all []string) {
	for _, c := range f.Forecasts {
		all = append(all, c.Source)
	}
	slices.Sort(all)
	return slices.Compact(all)
}

// lockedIn is one source's part: of the quarter itself, or of months that have each
// of its days once, each as it was seen last; of one look a manager's judgement
// stands in for the sum of the deals.
func (f *Facts) lockedIn(source, rep string, p Period, day int) *big.Rat {
	first, last := f.day(p.StartsAt), f.day(p.EndsAt.Add(-time.Millisecond))
	lock := f.midnight(first, day)
	newest := map[[2]string][]Forecast{}
	for _, c := range f.Forecasts {
		isMeant := slices.ContainsFunc(f.allOf("forecast_error", "category", "commit", "total"), func(name string) bool { return lower(&name) == lower(&c.Category) })
		if c.Source != source || !isMeant || c.From < first || c.From > c.To || c.To > last || !c.TakenAt.Before(lock) || f.personOf(c.Source, c.User) != rep {
			continue
		}
		key := [2]string{c.From, c.To}
		newest[key] = append(newest[key], c)
	}
	parts := newest
	if whole, there := newest[[2]string{first, last}]; there {
		parts = map[[2]string][]Forecast{{first, last}: whole}
	}
	if !f.isMadeUp(first, last, slices.Collect(maps.Keys(parts))) {
		return nil
	}
	sum := new(big.Rat)
	for _, said := range parts {
		for _, c := range f.lastLook(said) {
			rate := f.rate(c.Source, c.Currency, c.From)
			if c.Amount == nil || rate == nil {
				return nil
			}
			sum.Add(sum, new(big.Rat).Mul(ratOf(*c.Amount), rate))
		}
	}
	return sum
}

// lastLook is what was said last of some days: one amount in each currency.
func (f *Facts) lastLook(said []Forecast) []Forecast {
	slices.SortFunc(said, func(a, b Forecast) int {
		switch {
		case isNewer(a, b):
			return -1
		case isNewer(b, a):
			return 1
		}
		return strings.Compare(a.ID, b.ID)
	})
	var all []Forecast
	currencies := map[string]bool{}
	for _, c := range said {
		currency := f.Currency
		if c.Currency != nil {
			currency = *c.Currency
		}
		if isNewer(said[0], c) || currencies[currency] {
			continue
		}
		currencies[currency] = true
		all = append(all, c)
	}
	return all
}

// isMadeUp tells whether every day from the first to the last is in one of the
// stretches, and in one only.
func (f *Facts) isMadeUp(first, last string, stretches [][2]string) bool {
	for day := first; day <= last; day = f.next(day) {
		on := 0
		for _, days := range stretches {
			if days[0] <= day && day <= days[1] {
				on++
			}
		}
		if on != 1 {
			return false
		}
	}
	return true
}

func isNewer(a, b Forecast) bool {
	switch {
	case !a.TakenAt.Equal(b.TakenAt):
		return a.TakenAt.After(b.TakenAt)
	case a.IsAdjusted != b.IsAdjusted:
		return a.IsAdjusted
	}
	return lower(&a.Category) < lower(&b.Category)
}

// A wonSum is what a rep is credited with of the amounts won in a period; listed
// exclusions add nothing.
type wonSum struct {
	sum         *big.Rat
	isTruncated bool // of one of these deals the CRM has forgotten whose it was when it closed
	isUnknown   bool // of one of these deals the amount, or what it is worth, is not known
}

func (f *Facts) won(rep string, p Period) wonSum {
	won := wonSum{sum: new(big.Rat)}
	for _, d := range f.counting() {
		if d.Stage == nil {
			continue
		}
		stage, known := f.stage(d, *d.Stage)
		if _, excluded := f.Exclusions[Record{d.Source, "deal", d.ID}]; !known || !stage.IsWon || excluded {
			continue
		}
		at, amount := f.closedAt(d), f.companyAmount(d)
		if at.After(f.AsOf) || at.Before(p.StartsAt) || !at.Before(p.EndsAt) {
			continue
		}
		share := f.shares(d, at)[rep]
		if share == nil || f.onRoster(rep, at) == "" {
			continue
		}
		won.isTruncated = won.isTruncated || f.ownerIsTruncated(d, at)
		if amount == nil {
			won.isUnknown = true
			continue
		}
		won.sum.Add(won.sum, new(big.Rat).Mul(amount, share))
	}
	won.sum = rounded(rounded(won.sum, 9), 2)
	return won
}
