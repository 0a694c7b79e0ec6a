package calendar

import (
	"fmt"
	"strings"
	"testing"
	"time"
)

func zone(t *testing.T, name string) *time.Location {
	t.Helper()
	z, err := time.LoadLocation(name)
	if err != nil {
		t.Fatal(err)
	}
	return z
}

func TestADealIsInTheQuarterOfTheCompanysOwnClock(t *testing.T) {
	phoenix := Calendar{Zone: zone(t, "America/Phoenix"), StartMonth: time.January}
	// 31 March 16:00 in Arizona is 23:00 UTC; 17:30 there is already April in UTC.
	for instant, want := range map[string]string{
		"2026-03-31T23:00:00Z": "2026-Q1",
		"2026-04-01T00:30:00Z": "2026-Q1",
		"2026-04-01T07:00:00Z": "2026-Q2",
		"2026-12-31T23:59:59Z": "2026-Q4",
		"2027-01-01T06:59:59Z": "2026-Q4",
	} {
		at, err := time.Parse(time.RFC3339, instant)
		if err != nil {
			t.Fatal(err)
		}
		if got := phoenix.Quarter(at).Name(); got != want {
			t.Errorf("%s is in %s, not %s", instant, got, want)
		}
	}
}

func TestAFiscalYearBearsTheYearItEndsIn(t *testing.T) {
	february := Calendar{Zone: time.UTC, StartMonth: time.February}
	for day, want := range map[string]string{
		"2026-01-31": "2026-Q4", "2026-02-01": "2027-Q1", "2026-04-30": "2027-Q1",
		"2026-05-01": "2027-Q2", "2026-11-01": "2027-Q4", "2027-01-31": "2027-Q4",
	} {
		at, err := time.Parse(time.DateOnly, day)
		if err != nil {
			t.Fatal(err)
		}
		if got := february.Quarter(at).Name(); got != want {
			t.Errorf("%s is in %s, not %s", day, got, want)
		}
	}
}

func TestAQuarterHasItsCalendarDaysThoughClocksChange(t *testing.T) {
	berlin := Calendar{Zone: zone(t, "Europe/Berlin"), StartMonth: time.January}
	for name, days := range map[string]int{"2026-Q1": 90, "2024-Q1": 91, "2026-Q2": 91, "2026-Q3": 92, "2026-Q4": 92} {
		q, err := berlin.Parse(name)
		if err != nil {
			t.Fatal(err)
		}
		if q.Name() != name || q.Days() != days {
			t.Errorf("%s has %d days, not %d", q.Name(), q.Days(), days)
		}
	}
}

func TestQuartersFollowOneAnotherWithoutGap(t *testing.T) {
	for month := time.January; month <= time.December; month++ {
		c := Calendar{Zone: zone(t, "America/New_York"), StartMonth: month}
		all := c.Quarters(time.Date(2020, 1, 1, 0, 0, 0, 0, c.Zone), time.Date(2029, 12, 31, 0, 0, 0, 0, c.Zone))
		for i, q := range all[1:] {
			if !q.StartsOn.Equal(all[i].EndsOn) {
				t.Fatalf("year from %s: %s ends %s, %s starts %s", month, all[i].Name(), all[i].EndsOn, q.Name(), q.StartsOn)
			}
			parsed, err := c.Parse(q.Name())
			if err != nil || parsed != q {
				t.Fatalf("year from %s: %s parses as %v, %v", month, q.Name(), parsed, err)
			}
		}
	}
}

func TestAPeriodThatIsNoneIsExplained(t *testing.T) {
	_, err := Calendar{Zone: time.UTC, StartMonth: time.January}.Parse("Q1 2026")
	if err == nil || err.Error() != `"Q1 2026" is not a period; write it as 2026-Q1` {
		t.Errorf("%v", err)
	}
}

// A retailer's 4-4-5: thirteen weeks a quarter, the year begins on a Sunday at the
// end of December. Before and after the CRM's years there are months.
func TestTheCRMsOwnQuartersWinOverTheMonths(t *testing.T) {
	c, err := Calendar{Zone: zone(t, "America/New_York"), StartMonth: time.January}.With([]Days{
		{2026, 2, "2026-03-29", "2026-06-27"}, {2026, 1, "2025-12-28", "2026-03-28"}, {2026, 3, "2026-06-28", "2026-09-26"}, {2026, 4, "2026-09-27", "2027-01-02"},
		{2026, 4, "2026-12-01", "2027-02-28"},  // shares days with another
		{2026, 13, "2027-03-01", "2027-03-31"}, // no quarter
	})
	if err != nil {
		t.Fatal(err)
	}
	for day, want := range map[string]string{
		"2025-12-27": "2025-Q4", "2025-12-28": "2026-Q1", "2026-03-28": "2026-Q1", "2026-03-29": "2026-Q2",
		"2027-01-02": "2026-Q4", "2027-01-03": "2027-Q1", "2027-03-31": "2027-Q1", "2027-04-01": "2027-Q2",
	} {
		at, err := time.ParseInLocation(time.DateOnly, day, c.Zone)
		if err != nil {
			t.Fatal(err)
		}
		if got := c.Quarter(at).Name(); got != want {
			t.Errorf("%s is in %s, not %s", day, got, want)
		}
		if got := c.Quarter(at.AddDate(0, 0, 1).Add(-time.Nanosecond)).Name(); got != want {
			t.Errorf("the last instant of %s is in %s, not %s", day, got, want)
		}
	}
	all := c.Quarters(time.Date(2025, 1, 1, 0, 0, 0, 0, c.Zone), time.Date(2028, 1, 1, 0, 0, 0, 0, c.Zone))
	days := 0
	for i, q := range all {
		days += q.Days()
		if i > 0 && !q.StartsOn.Equal(all[i-1].EndsOn) {
			t.Errorf("%s ends %s, %s starts %s", all[i-1].Name(), all[i-1].EndsOn, q.Name(), q.StartsOn)
		}
		if parsed, err := c.Parse(q.Name()); err != nil || parsed != q {
			t.Errorf("%s parses as %v, %v", q.Name(), parsed, err)
		}
	}
	if c.IsOfMonths() {
		t.Error("thirteen weeks are taken for three months")
	}
	if months, err := c.With([]Days{{2026, 2, "2026-04-01", "2026-06-30"}}); err != nil || !months.IsOfMonths() {
		t.Errorf("three months are taken for something else: %v", err)
	}
	if days != 365+365+365+91 {
		t.Errorf("%d days in all quarters", days)
	}
	if q := c.Quarter(time.Date(2026, 1, 1, 0, 0, 0, 0, c.Zone)); q.Days() != 91 || q.LastDay().Format(time.DateOnly) != "2026-03-28" {
		t.Errorf("13 weeks have %d days, the last is %s", q.Days(), q.LastDay())
	}
}

func TestAYearThatBeginsInAnyMonthAndACustomOne(t *testing.T) {
	c, err := Calendar{Zone: time.UTC, StartMonth: time.January}.With([]Days{
		{2027, 1, "2026-02-01", "2026-04-30"}, {2027, 2, "2026-05-01", "2026-07-31"}, {2027, 3, "2026-08-01", "2026-10-31"}, {2027, 4, "2026-11-01", "2027-01-31"},
	})
	if err != nil {
		t.Fatal(err)
	}
	if got := c.Quarter(time.Date(2026, 2, 1, 0, 0, 0, 0, time.UTC)).Name(); got != "2027-Q1" {
		t.Errorf("1 February 2026 is in %s", got)
	}
	if _, err := c.With([]Days{{2027, 1, "1 February", "2026-04-30"}}); err == nil {
		t.Error("a day that is none is taken")
	}
}

func TestTwoQuartersOfOneNameAreToldWithTheirDays(t *testing.T) {
	months := Calendar{Zone: time.UTC, StartMonth: time.January}
	day := func(text string) time.Time {
		at, err := time.Parse(time.DateOnly, text)
		if err != nil {
			t.Fatal(err)
		}
		return at
	}
	for _, test := range []struct {
		what, first string
		given       []Days
		want        string // "": none
	}{
		{"months alone", "2025-10-01", nil, ""},
		{"the CRM's begin in the middle of one of months", "2025-10-01", []Days{{2026, 1, "2026-02-01", "2026-04-30"}, {2026, 2, "2026-05-01", "2026-07-31"}},
			"two quarters are called 2026-Q1: 2026-01-01 to 2026-01-31 (31 days) and 2026-02-01 to 2026-04-30"},
		{"scored from behind the seam", "2026-02-01", []Days{{2026, 1, "2026-02-01", "2026-04-30"}, {2026, 2, "2026-05-01", "2026-07-31"}}, ""},
		{"one is missing in the middle", "2026-01-01", []Days{{2026, 1, "2026-01-01", "2026-03-31"}, {2026, 2, "2026-04-01", "2026-07-05"}, {2026, 4, "2026-10-05", "2027-01-03"}},
			"two quarters are called 2026-Q"},
	} {
		c, err := months.With(test.given)
		if err != nil {
			t.Fatal(err)
		}
		err = c.Doubled(day(test.first), day("2026-12-31"))
		if got := fmt.Sprint(err); (err == nil) != (test.want == "") || err != nil && !strings.Contains(got, test.want) {
			t.Errorf("%s: %s, not %q", test.what, got, test.want)
		}
	}
}
