package calendar

import "time"

// FirstInstant is the first instant of the day that t lies in, in t's zone. Where the
// clock shows midnight twice it is the first one, and where it shows none, the instant at
// which it jumps into the day; time.Date promises neither.
func FirstInstant(t time.Time) time.Time {
	year, month, day := t.Date()
	inUTC := time.Date(year, month, day, 0, 0, 0, 0, time.UTC)
	for at := t.Add(-50 * time.Hour); ; {
		from, until := at.ZoneBounds()
		_, offset := at.Zone()
		midnight := inUTC.Add(-time.Duration(offset) * time.Second).In(t.Location())
		isBehind := !until.IsZero() && !midnight.Before(until)
		if !isBehind && !from.IsZero() && midnight.Before(from) {
			return from // the clock jumped over midnight, into the day
		}
		if !isBehind {
			return midnight
		}
		at = until
	}
}
