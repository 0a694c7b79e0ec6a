package calendar

import (
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
