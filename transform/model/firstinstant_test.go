package model

import (
	"context"
	"fmt"
	"os"
	"testing"
	"time"

	"merit/pipelines/calendar"
)

// Zones in which a clock showed midnight twice, or not at all, within these years, and
// some in which it did not.
var oddZones = []string{
	"America/Havana", "Atlantic/Azores", "America/Scoresbysund", "America/Sao_Paulo", "America/Asuncion", "America/Santiago",
	"Asia/Beirut", "Asia/Amman", "Asia/Damascus", "Asia/Gaza", "Africa/Cairo", "Asia/Pyongyang", "Africa/Casablanca",
	"Australia/Lord_Howe", "Antarctica/Troll", "America/New_York", "Europe/Berlin", "Asia/Kolkata",
}

// A day begins at its first instant, wherever one is made: the calendar in Go and the
// function in SQL agree for each day of ten years. The soak tries all zones.
func TestADayBeginsAtItsFirstInstant(t *testing.T) {
	wh, contract := scratch(t), contractOf(t)
	putAsOf(t, wh, contract)
	if _, err := declare(context.Background(), wh); err != nil {
		t.Fatal(err)
	}
	zones := oddZones
	if os.Getenv("MERIT_SOAK") != "" {
		zones = allZones(t)
	}
	days, differ := 0, 0
	for _, name := range zones {
		zone, err := time.LoadLocation(name)
		if err != nil {
			continue // the engine knows a zone that Go does not
		}
		query := fmt.Sprintf("select cast(d as date) as d, cast(d as date)::varchar as day, fn.midnight_in(cast(d as date), '%s') as began from range(date '2016-01-01', date '2026-01-01', interval 1 day) as days(d) order by d", name)
		for row, err := range wh.Query(context.Background(), query) {
			if err != nil {
				t.Fatal(name, err)
			}
			noon, err := time.ParseInLocation("2006-01-02 15", row.Text("day")+" 12", zone)
			if err != nil {
				t.Fatal(err)
			}
			days++
			want := calendar.FirstInstant(noon)
			if wrong := notFirst(want, row.Text("day"), zone); wrong != "" {
				t.Errorf("Go: %s", wrong)
			}
			if got := row.Time("began"); !got.Equal(want) {
				if differ++; differ < 20 {
					t.Errorf("%s %s begins at %s in SQL, at %s in Go", name, row.Text("day"), got.UTC().Format(time.RFC3339), want.UTC().Format(time.RFC3339))
				}
			}
		}
	}
	if days < len(zones)*3000 {
		t.Errorf("only %d days of %d zones were tried", days, len(zones))
	}
	fmt.Printf("matrix| N17 | first instants of days: %d zones | %d | %d | Go and the engine begin each day at one instant\n", len(zones), days, differ)
}

// notFirst says what is wrong with an instant as the first of a day; "" is nothing.
func notFirst(at time.Time, day string, zone *time.Location) string {
	local := at.In(zone)
	if local.Format(time.DateOnly) != day {
		return fmt.Sprintf("%s %s does not lie in the day", zone, local)
	}
	if before := local.Add(-time.Second); before.Format(time.DateOnly) >= day {
		return fmt.Sprintf("%s %s: the second before lies in the day too", zone, local)
	}
	return ""
}

func allZones(t *testing.T) []string {
	t.Helper()
	var zones []string
	wh := scratch(t)
	for row, err := range wh.Query(context.Background(), "select name from pg_timezone_names() where name like '%/%' order by name") {
		if err != nil {
			t.Fatal(err)
		}
		zones = append(zones, row.Text("name"))
	}
	return zones
}
