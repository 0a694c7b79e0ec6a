// Package calendar is the company's fiscal calendar: which instants belong to
// which quarter in the time zone that the company reports in.
package calendar

import (
	"fmt"
	"regexp"
	"strconv"
	"time"
)

// A Calendar divides time into fiscal quarters of three months.
type Calendar struct {
	Zone       *time.Location
	StartMonth time.Month // of the fiscal year
}

// A Quarter is one fiscal quarter. A fiscal year bears the number of the calendar
// year in which it ends, as Salesforce's and most companies' do.
type Quarter struct {
	Year, Number int
	StartsOn     time.Time // midnight of the first day in the zone
	EndsOn       time.Time // midnight after the last day: outside
}

// Name is how people and files call it: 2026-Q1.
func (q Quarter) Name() string { return fmt.Sprintf("%d-Q%d", q.Year, q.Number) }

// Days counts calendar days, which a change of clocks does not change.
func (q Quarter) Days() int { return daysBetween(q.StartsOn, q.EndsOn) }

// LastDay is the last calendar day, at midnight in the zone.
func (q Quarter) LastDay() time.Time { return q.EndsOn.AddDate(0, 0, -1) }

// Quarter gives the quarter that holds t.
func (c Calendar) Quarter(t time.Time) Quarter {
	local := t.In(c.Zone)
	monthsIn := (int(local.Month()) - int(c.StartMonth) + 12) % 12
	begin := time.Date(local.Year(), local.Month()-time.Month(monthsIn%3), 1, 0, 0, 0, 0, c.Zone)
	number := monthsIn/3 + 1
	last := time.Date(begin.Year(), begin.Month()+time.Month(3*(5-number))-1, 1, 0, 0, 0, 0, c.Zone)
	return Quarter{Year: last.Year(), Number: number, StartsOn: begin, EndsOn: begin.AddDate(0, 3, 0)}
}

// Quarters are all from the one that holds first to the one that holds last.
func (c Calendar) Quarters(first, last time.Time) []Quarter {
	var quarters []Quarter
	for q := c.Quarter(first); !q.StartsOn.After(last); q = c.Quarter(q.EndsOn) {
		quarters = append(quarters, q)
	}
	return quarters
}

var quarterName = regexp.MustCompile(`^(\d{4})-Q([1-4])$`)

// Parse finds the quarter of a name such as 2026-Q1.
func (c Calendar) Parse(name string) (Quarter, error) {
	parts := quarterName.FindStringSubmatch(name)
	if parts == nil {
		return Quarter{}, fmt.Errorf("%q is not a period; write it as 2026-Q1", name)
	}
	year, err := strconv.Atoi(parts[1])
	if err != nil {
		return Quarter{}, err
	}
	for _, q := range c.Quarters(time.Date(year-1, 1, 1, 12, 0, 0, 0, c.Zone), time.Date(year, 12, 31, 12, 0, 0, 0, c.Zone)) {
		if q.Name() == name {
			return q, nil
		}
	}
	return Quarter{}, fmt.Errorf("no quarter is called %s", name)
}

func daysBetween(a, b time.Time) int {
	ay, am, ad := a.Date()
	by, bm, bd := b.Date()
	return int(time.Date(by, bm, bd, 0, 0, 0, 0, time.UTC).Sub(time.Date(ay, am, ad, 0, 0, 0, 0, time.UTC)).Hours() / 24)
}
