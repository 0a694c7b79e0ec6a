// Package calendar is the company's fiscal calendar: which instants belong to
// which quarter in the time zone that the company reports in.
package calendar

import (
	"fmt"
	"regexp"
	"slices"
	"strconv"
	"time"
)

// A Calendar divides time into fiscal quarters: the given ones, and before and
// after them quarters of three months.
type Calendar struct {
	Zone       *time.Location
	StartMonth time.Month // of the fiscal year
	given      []Quarter  // the CRM's own, in order, none within another
}

// A Quarter is one fiscal quarter. A fiscal year bears the number of the calendar
// year in which it ends, as Salesforce's and most companies' do.
type Quarter struct {
	Year, Number int
	StartsOn     time.Time // first instant of the first day in the zone
	EndsOn       time.Time // first instant after the last day: outside
}

// Name is how people and files call it: 2026-Q1.
func (q Quarter) Name() string { return fmt.Sprintf("%d-Q%d", q.Year, q.Number) }

// Days counts calendar days, which a change of clocks does not change.
func (q Quarter) Days() int { return daysBetween(q.StartsOn, q.EndsOn) }

// LastDay is the last calendar day, at its first instant.
func (q Quarter) LastDay() time.Time { return FirstInstant(q.EndsOn.AddDate(0, 0, -1)) }

// Days are a quarter as a CRM gives it: its first and its last day.
type Days struct {
	Year, Number  int
	First, LastOn string // 2026-03-31
}

// With is the calendar with a CRM's own quarters: 4-4-5, custom years, years that
// begin in any month. They win over the months. Of two that share days the one
// that begins first counts.
func (c Calendar) With(given []Days) (Calendar, error) {
	c.given = nil
	for _, d := range given {
		first, err := c.noon(d.First)
		if err != nil {
			return c, fmt.Errorf("fiscal quarter %d-Q%d: %w", d.Year, d.Number, err)
		}
		last, err := c.noon(d.LastOn)
		if err != nil {
			return c, fmt.Errorf("fiscal quarter %d-Q%d: %w", d.Year, d.Number, err)
		}
		q := Quarter{Year: d.Year, Number: d.Number, StartsOn: FirstInstant(first), EndsOn: FirstInstant(last.AddDate(0, 0, 1))}
		if d.Number >= 1 && d.Number <= 4 && q.StartsOn.Before(q.EndsOn) {
			c.given = append(c.given, q)
		}
	}
	slices.SortStableFunc(c.given, func(a, b Quarter) int { return a.StartsOn.Compare(b.StartsOn) })
	apart := c.given[:0]
	for _, q := range c.given {
		if n := len(apart); n == 0 || !q.StartsOn.Before(apart[n-1].EndsOn) {
			apart = append(apart, q)
		}
	}
	c.given = apart
	return c, nil
}

// Quarter gives the quarter that holds t.
func (c Calendar) Quarter(t time.Time) Quarter {
	for _, q := range c.given {
		if !t.Before(q.StartsOn) && t.Before(q.EndsOn) {
			return q
		}
	}
	q := c.ofMonths(t)
	for _, other := range c.given { // what is given leaves less of the one beside it
		if !other.StartsOn.After(t) && other.EndsOn.After(q.StartsOn) {
			q.StartsOn = other.EndsOn
		}
		if other.StartsOn.After(t) && other.StartsOn.Before(q.EndsOn) {
			q.EndsOn = other.StartsOn
		}
	}
	return q
}

// IsOfMonths tells whether the given quarters, if any, are those that the months
// would make.
func (c Calendar) IsOfMonths() bool {
	return !slices.ContainsFunc(c.given, func(q Quarter) bool { return c.ofMonths(q.StartsOn) != q })
}

// ofMonths is the quarter of three months that holds t.
func (c Calendar) ofMonths(t time.Time) Quarter {
	local := t.In(c.Zone)
	monthsIn := (int(local.Month()) - int(c.StartMonth) + 12) % 12
	begin := time.Date(local.Year(), local.Month()-time.Month(monthsIn%3), 1, 12, 0, 0, 0, c.Zone)
	number := monthsIn/3 + 1
	last := time.Date(begin.Year(), begin.Month()+time.Month(3*(5-number))-1, 1, 12, 0, 0, 0, c.Zone)
	return Quarter{Year: last.Year(), Number: number, StartsOn: FirstInstant(begin), EndsOn: FirstInstant(begin.AddDate(0, 3, 0))}
}

// Quarters are all from the one that holds first to the one that holds last.
func (c Calendar) Quarters(first, last time.Time) []Quarter {
	var quarters []Quarter
	for q := c.Quarter(first); !q.StartsOn.After(last); q = c.Quarter(q.EndsOn) {
		quarters = append(quarters, q)
	}
	return quarters
}

func (c Calendar) noon(day string) (time.Time, error) {
	at, err := time.ParseInLocation("2006-01-02 15", day+" 12", c.Zone)
	if err != nil {
		return at, fmt.Errorf("%q is no day such as 2026-01-31", day)
	}
	return at, nil
}

// Doubled says which two quarters from the one that holds first to the one that holds
// last bear one name, as where the CRM's own begin in the middle of one of months.
func (c Calendar) Doubled(first, last time.Time) error {
	seen := map[string]Quarter{}
	for _, q := range c.Quarters(first, last) {
		other, there := seen[q.Name()]
		if there {
			return fmt.Errorf("two quarters are called %s: %s to %s (%d days) and %s to %s (%d days), where the CRM's fiscal periods and quarters of months meet; let calendar.first_period in merit.yml be the first quarter after the seam, or add the missing fiscal period at the CRM",
				q.Name(), other.StartsOn.Format(time.DateOnly), other.LastDay().Format(time.DateOnly), other.Days(),
				q.StartsOn.Format(time.DateOnly), q.LastDay().Format(time.DateOnly), q.Days())
		}
		seen[q.Name()] = q
	}
	return nil
}

// IsPeriod tells whether a text is a quarter's name.
func IsPeriod(name string) bool { return quarterName.MatchString(name) }

var quarterName = regexp.MustCompile(`^(\d{4})-Q([1-4])$`)

// Parse finds the quarter of a name such as 2026-Q1.
func (c Calendar) Parse(name string) (Quarter, error) {
	parts := quarterName.FindStringSubmatch(name)
	if parts == nil {
		return Quarter{}, fmt.Errorf("%q is not a period; write it as 2026-Q1", name)
	}
	for _, q := range c.given {
		if q.Name() == name {
			return q, nil
		}
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
